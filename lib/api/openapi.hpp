// /v1/openapi.json: this API described for programs. Written by hand in openapi/, one file for each
// part. Made once, then only read, from any thread.
#pragma once

#include <span>

#include "api/access.hpp"
#include "api/conditional.hpp"
#include "core/embedded.hpp"
#include "http/router.hpp"

namespace oracode::api {

// openapi/*.json: objects that are merged into one.
[[nodiscard]] std::span<const EmbeddedFile> openapi_files();

class OpenApi {
public:
    OpenApi();

    // `access` outlives the router.
    void add_to(http::Router& router, const Access& access) const;

private:
    StaticDocument document_;
};

}  // namespace oracode::api
