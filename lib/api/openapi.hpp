// /v1/openapi.json: this API described for programs. Written by hand in openapi/, one file for each
// part. One for all threads.
#pragma once

#include <span>

#include "api/access.hpp"
#include "core/embedded.hpp"
#include "http/router.hpp"

namespace oracode::api {

// openapi/*.json: objects that are merged into one.
[[nodiscard]] std::span<const EmbeddedFile> openapi_files();

// `access` outlives the router.
void add_openapi_to(http::Router& router, const Access& access);

}  // namespace oracode::api
