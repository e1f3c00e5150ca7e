// Where Seam is. Pure; may be called from any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "net/url.hpp"

namespace oracode::seam {

// Takes `https://host[:port][/path]`; `http` only where host is this machine's loopback. Fails with
// Errc::invalid_argument for anything else, user, query and fragment included; the detail does not
// repeat the URL.
[[nodiscard]] Result<net::Url> parse_endpoint(std::string_view url);

// A call's parameters in the order given; a list repeats its name.
using Query = std::vector<std::pair<std::string, std::string>>;

// The endpoint's path, `path` and `query` as one request target, percent-encoded.
[[nodiscard]] std::string target_of(const net::Url& endpoint, std::string_view path,
                                    const Query& query);

}  // namespace oracode::seam
