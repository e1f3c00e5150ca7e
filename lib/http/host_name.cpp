#include "http/host_name.hpp"

#include <algorithm>
#include <string>

#include <arpa/inet.h>

#include "core/text.hpp"
#include "net/address.hpp"

namespace oracode::http {
namespace {

bool is_number(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

template <class Address>
bool is_address(int family, std::string_view text) {
    Address address{};
    return ::inet_pton(family, std::string(text).c_str(), &address) == 1;
}

}  // namespace

bool names_this_machine(std::string_view host) {
    const auto parts = net::split_host_and_port(host);
    if (!parts || (parts->port && !is_number(*parts->port))) return false;
    if (parts->bracketed) return is_address<in6_addr>(AF_INET6, parts->host);
    return parts->host.empty() || iequals(parts->host, "localhost") ||
           is_address<in_addr>(AF_INET, parts->host);
}

}  // namespace oracode::http
