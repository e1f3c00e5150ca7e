#include "http/host_name.hpp"

#include <algorithm>
#include <string>

#include <arpa/inet.h>
#include <boost/beast/core/string.hpp>

namespace oracode::http {
namespace {

bool is_port(std::string_view text) {
    if (text.empty()) return true;
    return text.starts_with(':') &&
           std::ranges::all_of(text.substr(1), [](char c) { return c >= '0' && c <= '9'; });
}

template <class Address>
bool is_address(int family, std::string_view text) {
    Address address{};
    return ::inet_pton(family, std::string(text).c_str(), &address) == 1;
}

}  // namespace

bool names_this_machine(std::string_view host) {
    if (host.starts_with('[')) {
        const auto end = host.find(']');
        return end != std::string_view::npos && is_port(host.substr(end + 1)) &&
               is_address<in6_addr>(AF_INET6, host.substr(1, end - 1));
    }
    const auto name = host.substr(0, host.find(':'));
    return is_port(host.substr(name.size())) &&
           (name.empty() || boost::beast::iequals(name, "localhost") ||
            is_address<in_addr>(AF_INET, name));
}

}  // namespace oracode::http
