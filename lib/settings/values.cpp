#include "settings/values.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "core/base64.hpp"
#include "core/text.hpp"

namespace oracode::settings::values {
namespace {

std::string size_text(std::size_t bytes) {
    for (const auto& [name, factor] :
         {std::pair{"GiB", 1U << 30}, {"MiB", 1U << 20}, {"KiB", 1U << 10}})
        if (bytes != 0 && bytes % factor == 0) return fmt::format("{}{}", bytes / factor, name);
    return fmt::format("{}B", bytes);
}

bool is_alphanumeric(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool consists_of(std::string_view text, std::string_view others) {
    return std::ranges::all_of(text, [others](char c) {
        return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
    });
}

}  // namespace

std::string_view name(Shape shape) {
    switch (shape) {
        case Shape::untyped:
            return "text";
        case Shape::string:
            return "a text in quotes";
        case Shape::integer:
            return "a number";
        case Shape::boolean:
            return "true or false";
        case Shape::array:
            return "an array";
        case Shape::other:
            return "a value of another kind";
    }
    return "unnamed";
}

std::optional<bool> Switch::parse(std::string_view text, const Base&) const {
    if (text == "true") return true;
    if (text == "false") return false;
    return std::nullopt;
}

std::optional<std::size_t> Count::parse(std::string_view text, const Base&) const {
    const auto number = parse_number<std::size_t>(text);
    if (!number || *number < least || *number > most) return std::nullopt;
    return number;
}

std::string Count::expected() const {
    return fmt::format("a whole number from {} to {}", least, most);
}

std::optional<std::size_t> Bytes::parse(std::string_view text, const Base&) const {
    const auto bytes = parse_size(text);
    if (!bytes || *bytes < least || *bytes > most) return std::nullopt;
    return bytes;
}

std::string Bytes::expected() const {
    return fmt::format("a size from {} to {}, such as \"64KiB\"", size_text(least),
                       size_text(most));
}

std::optional<Duration> Span::parse(std::string_view text, const Base&) const {
    const auto span = parse_duration(text);
    if (!span || *span < least || *span > most) return std::nullopt;
    return span;
}

std::string Span::expected() const {
    return fmt::format(
        "a duration from {} to {}, such as \"300ms\", \"30s\", \"5m\", \"2h\" or \"7d\"",
        format_duration(least), format_duration(most));
}

std::optional<std::filesystem::path> Path::parse(std::string_view text, const Base& base) const {
    if (text.empty()) return std::filesystem::path{};
    return (base / text).lexically_normal();
}

std::optional<std::filesystem::path> RequiredPath::parse(std::string_view text,
                                                         const Base& base) const {
    if (text.empty() || text.ends_with('/')) return std::nullopt;
    return Path::parse(text, base);
}

std::optional<std::string> Word::parse(std::string_view text, const Base&) const {
    if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; })) return std::nullopt;
    return std::string(text);
}

std::optional<std::string> UrlPath::parse(std::string_view text, const Base&) const {
    if (!text.starts_with('/') || !consists_of(text, "/-._~!$&'()*+,;=:@")) return std::nullopt;
    return std::string(text);
}

std::string UrlPath::expected() const {
    return "a path that begins with / and holds no spaces, %, ? or #";
}

std::optional<net::TcpAddress> Tcp::parse(std::string_view text, const Base&) const {
    return net::parse_tcp_address(text);
}

std::string Tcp::expected() const {
    return "an IP address and a port, such as \"0.0.0.0:8443\" or \"[::]:8443\"";
}

std::optional<net::ListenAddress> Listen::parse(std::string_view text, const Base& base) const {
    return net::parse_listen_address(text, base);
}

std::string Listen::expected() const {
    return "an IP address and a port, such as \"127.0.0.1:8080\" or \"[::1]:8080\", or a socket "
           "such as "
           "\"unix:/run/oracoded/api.sock\" (at most 107 bytes of path)";
}

std::optional<std::optional<net::ListenAddress>> OptionalListen::parse(std::string_view text,
                                                                       const Base& base) const {
    if (text.empty()) return std::optional<net::ListenAddress>{};
    auto address = net::parse_listen_address(text, base);
    if (!address) return std::nullopt;
    return address;
}

std::optional<net::Url> Url::parse(std::string_view text, const Base&) const {
    auto url = net::parse_server_url(text);
    if (!url || !url->is_confidential()) return std::nullopt;
    return std::move(*url);
}

std::string Url::expected() const {
    return "an https:// address without user name, query or fragment; http:// is only for this "
           "machine "
           "(127.0.0.1, [::1], localhost)";
}

std::optional<unsigned> Mode::parse(std::string_view text, const Base&) const {
    const auto mode = parse_number<unsigned>(text, 8);
    if (!mode || text.size() < 3 || text.size() > 4 || *mode > 0777) return std::nullopt;
    return mode;
}

std::optional<log::Level> LogLevel::parse(std::string_view text, const Base&) const {
    return log::parse_level(text);
}

std::optional<log::Format> LogFormat::parse(std::string_view text, const Base&) const {
    return log::parse_format(text);
}

std::optional<net::Network> NetworkBlock::parse(std::string_view text, const Base&) const {
    return net::Network::parse(text);
}

std::string NetworkBlock::expected() const {
    return "an address or a block with no bits set beyond its length, such as \"10.0.0.0/8\" or "
           "\"2001:db8::/32\"";
}

std::optional<std::string> SigningSecret::parse(std::string_view text, const Base&) const {
    constexpr std::string_view prefix = "whsec_";
    const auto encoded = text.starts_with(prefix) ? text.substr(prefix.size()) : text;
    std::vector<unsigned char> decoded(encoded.size() / 4 * 3);
    const auto bytes = decode_base64(encoded, decoded);
    if (!bytes || *bytes < 16 || *bytes > 128) return std::nullopt;
    return std::string(text);
}

std::string SigningSecret::expected() const {
    return "a signing secret as Seam shows it: whsec_ and then base64 of 16 to 128 bytes";
}

std::optional<net::Url> TargetUrl::parse(std::string_view text, const Base&) const {
    auto url = net::parse_url(text);
    if (!url || url->transport == net::Transport::unix_socket) return std::nullopt;
    return std::move(*url);
}

std::optional<std::string> TargetName::parse(std::string_view text, const Base&) const {
    constexpr std::size_t longest = 40;
    const bool fits = std::ranges::all_of(
        text, [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-'; });
    if (text.empty() || text.size() > longest || !fits) return std::nullopt;
    return std::string(text);
}

std::optional<NotificationFormat> TargetFormat::parse(std::string_view text, const Base&) const {
    return parse_notification_format(text);
}

std::optional<NotificationType> TypeOfNotification::parse(std::string_view text,
                                                          const Base&) const {
    return parse_notification_type(text);
}

std::optional<Token> BearerToken::parse(std::string_view text, const Base&) const {
    const auto colon = text.find(':');
    if (colon == 0 || colon == std::string_view::npos) return std::nullopt;
    Token result;
    result.name = text.substr(0, colon);
    auto rest = text.substr(colon + 1);
    if (const auto second = rest.find(':'); second != std::string_view::npos) {
        const auto right = rest.substr(second + 1);
        if (right != "read" && right != "write") return std::nullopt;
        result.write = right == "write";
        rest = rest.substr(0, second);
    }
    const auto digits = rest.substr(0, rest.find('='));
    if (digits.empty() || !consists_of(digits, "-._~+/")) return std::nullopt;
    if (rest.find_first_not_of('=', digits.size()) != std::string_view::npos) return std::nullopt;
    if (!consists_of(result.name, "-._@")) return std::nullopt;
    result.token = rest;
    return result;
}

std::string BearerToken::expected() const {
    return "name:token or name:token:read, the name of letters, digits and -._@, the token of "
           "letters, "
           "digits and -._~+/ (RFC 6750)";
}

}  // namespace oracode::settings::values
