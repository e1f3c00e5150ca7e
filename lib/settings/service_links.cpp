#include "settings/service_links.hpp"

#include <algorithm>

namespace oracode::settings {
namespace {

bool drop_suffix(std::string_view& text, std::string_view suffix) {
    if (!text.ends_with(suffix)) return false;
    text.remove_suffix(suffix.size());
    return true;
}

bool drop_any(std::string_view& text, std::initializer_list<std::string_view> suffixes) {
    return std::ranges::any_of(
        suffixes, [&text](std::string_view suffix) { return drop_suffix(text, suffix); });
}

// "…_PORT_8443_TCP", with or without more about that port.
bool is_port_link(std::string_view variable) {
    static_cast<void>(drop_any(variable, {"_PROTO", "_PORT", "_ADDR"}));
    if (!drop_any(variable, {"_TCP", "_UDP", "_SCTP"})) return false;
    const auto digits = variable.find_last_not_of("0123456789");
    if (digits == std::string_view::npos || digits + 1 == variable.size()) return false;
    return variable.substr(0, digits + 1).ends_with("_PORT_");
}

}  // namespace

bool is_service_link(std::string_view variable, std::string_view value) {
    if (variable.ends_with("_SERVICE_HOST") || variable.ends_with("_SERVICE_PORT") ||
        variable.find("_SERVICE_PORT_") != std::string_view::npos)
        return true;
    if (is_port_link(variable)) return true;
    // A bare port is rather a setting that was guessed at.
    return variable.ends_with("_PORT") &&
           (value.starts_with("tcp://") || value.starts_with("udp://") ||
            value.starts_with("sctp://"));
}

}  // namespace oracode::settings
