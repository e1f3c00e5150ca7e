// `GET /`: the status page for people, one document that asks only this daemon. Its sources are in
// page/. Made once, then only read, from any thread.
#pragma once

#include <span>

#include "api/conditional.hpp"
#include "core/embedded.hpp"
#include "http/router.hpp"

namespace oracode::api {

// page/*: index.html and what it refers to.
[[nodiscard]] std::span<const EmbeddedFile> page_files();

class StatusPage {
public:
    StatusPage();

    // Everybody may have the page: what it shows it asks the API for, as the one who looks at it.
    void add_to(http::Router& router) const;

private:
    StaticDocument page_;
};

}  // namespace oracode::api
