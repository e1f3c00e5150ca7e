#include "seam/client_endpoint.hpp"

#include <fmt/format.h>

namespace oracode::seam {

Result<net::Url> parse_endpoint(std::string_view url) {
    auto endpoint = net::parse_server_url(url);
    if (!endpoint)
        return Error{
            Errc::invalid_argument,
            "not a URL of the form https://host[:port][/path]: it " + endpoint.error().detail};
    if (!endpoint->is_confidential())
        return Error{Errc::invalid_argument,
                     "plain http is allowed to this machine's loopback only"};
    return endpoint;
}

std::string target_of(const net::Url& endpoint, std::string_view path, const Query& query) {
    auto target = fmt::format("{}{}", endpoint.target, path);
    char separator = '?';
    for (const auto& [key, value] : query) {
        target +=
            fmt::format("{}{}={}", separator, net::percent_encode(key), net::percent_encode(value));
        separator = '&';
    }
    return target;
}

}  // namespace oracode::seam
