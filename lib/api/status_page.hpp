// `GET /`: the status page for people, one document that asks only this daemon. Its sources are in
// page/. One for all threads.
#pragma once

#include <span>

#include "core/embedded.hpp"
#include "http/router.hpp"

namespace oracode::api {

// page/*: index.html and what it refers to.
[[nodiscard]] std::span<const EmbeddedFile> page_files();

// Everybody may have the page: what it shows it asks the API for, as the one who looks at it.
void add_status_page_to(http::Router& router);

}  // namespace oracode::api
