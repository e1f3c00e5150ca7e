// From the text of one setting to its value: the kinds of values a key can have. Internal to
// settings. Each kind says what it accepts (`shapes`), what it expects in words, and parses one
// text.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"
#include "logging/level.hpp"
#include "settings/settings.hpp"

namespace oracode::settings::values {

// How a value is written. Environment and flags know only `untyped`.
enum class Shape { untyped, string, integer, boolean, array, other };
[[nodiscard]] std::string_view name(Shape shape);

using Base = std::filesystem::path;  // where a relative path starts

struct Switch {
    static constexpr Shape shape = Shape::boolean;
    [[nodiscard]] std::optional<bool> parse(std::string_view text, const Base&) const;
    [[nodiscard]] std::string expected() const { return "true or false"; }
};

struct Count {
    static constexpr Shape shape = Shape::integer;
    std::size_t least, most;
    [[nodiscard]] std::optional<std::size_t> parse(std::string_view text, const Base&) const;
    [[nodiscard]] std::string expected() const;
};

struct Bytes {
    static constexpr Shape shape = Shape::string;
    static constexpr Shape also = Shape::integer;  // bytes
    std::size_t least, most;
    [[nodiscard]] std::optional<std::size_t> parse(std::string_view text, const Base&) const;
    [[nodiscard]] std::string expected() const;
};

struct Span {
    static constexpr Shape shape = Shape::string;
    Duration least, most;
    [[nodiscard]] std::optional<Duration> parse(std::string_view text, const Base&) const;
    [[nodiscard]] std::string expected() const;
};

struct Path {
    static constexpr Shape shape = Shape::string;
    [[nodiscard]] std::optional<std::filesystem::path> parse(std::string_view text,
                                                             const Base&) const;
    [[nodiscard]] std::string expected() const { return "the path of a file"; }
};

struct RequiredPath : Path {
    [[nodiscard]] std::optional<std::filesystem::path> parse(std::string_view text,
                                                             const Base&) const;
};

// Printable ASCII without spaces: it goes into a header or names something of the system. May be
// empty.
struct Word {
    static constexpr Shape shape = Shape::string;
    [[nodiscard]] std::optional<std::string> parse(std::string_view text, const Base&) const;
    [[nodiscard]] std::string expected() const {
        return "printable ASCII characters without spaces";
    }
};

struct UrlPath {
    static constexpr Shape shape = Shape::string;
    [[nodiscard]] std::optional<std::string> parse(std::string_view text, const Base&) const;
    [[nodiscard]] std::string expected() const;
};

struct Tcp {
    static constexpr Shape shape = Shape::string;
    [[nodiscard]] std::optional<net::TcpAddress> parse(std::string_view text, const Base&) const;
    [[nodiscard]] std::string expected() const;
};

struct Listen {
    static constexpr Shape shape = Shape::string;
    [[nodiscard]] std::optional<net::ListenAddress> parse(std::string_view text, const Base&) const;
    [[nodiscard]] std::string expected() const;
};

struct OptionalListen : Listen {
    [[nodiscard]] std::optional<std::optional<net::ListenAddress>> parse(std::string_view text,
                                                                         const Base&) const;
};

struct Url {
    static constexpr Shape shape = Shape::string;
    [[nodiscard]] std::optional<net::Url> parse(std::string_view text, const Base&) const;
    [[nodiscard]] std::string expected() const;
};

struct Mode {
    static constexpr Shape shape = Shape::string;
    [[nodiscard]] std::optional<unsigned> parse(std::string_view text, const Base&) const;
    [[nodiscard]] std::string expected() const { return "a file mode in octal, such as \"0660\""; }
};

struct LogLevel {
    static constexpr Shape shape = Shape::string;
    [[nodiscard]] std::optional<log::Level> parse(std::string_view text, const Base&) const;
    [[nodiscard]] std::string expected() const { return "trace, debug, info, warn or error"; }
};

struct LogFormat {
    static constexpr Shape shape = Shape::string;
    [[nodiscard]] std::optional<log::Format> parse(std::string_view text, const Base&) const;
    [[nodiscard]] std::string expected() const { return "text or json"; }
};

struct NetworkBlock {
    static constexpr Shape shape = Shape::string;
    [[nodiscard]] std::optional<net::Network> parse(std::string_view text, const Base&) const;
    [[nodiscard]] std::string expected() const;
};

// Base64 of 16 to 128 bytes, with or without `whsec_`; the whole text is kept.
struct SigningSecret {
    static constexpr Shape shape = Shape::string;
    [[nodiscard]] std::optional<std::string> parse(std::string_view text, const Base&) const;
    [[nodiscard]] std::string expected() const;
};

// Where notifications are posted to.
struct TargetUrl {
    static constexpr Shape shape = Shape::string;
    [[nodiscard]] std::optional<net::Url> parse(std::string_view text, const Base&) const;
    [[nodiscard]] std::string expected() const {
        return "an https:// or http:// address without user name and fragment";
    }
};

struct TargetName {
    static constexpr Shape shape = Shape::string;
    [[nodiscard]] std::optional<std::string> parse(std::string_view text, const Base&) const;
    [[nodiscard]] std::string expected() const { return "1 to 40 of the characters a-z, 0-9, -"; }
};

struct TargetFormat {
    static constexpr Shape shape = Shape::string;
    [[nodiscard]] std::optional<NotificationFormat> parse(std::string_view text, const Base&) const;
    [[nodiscard]] std::string expected() const { return "webhook, ntfy or slack"; }
};

struct TypeOfNotification {
    static constexpr Shape shape = Shape::string;
    [[nodiscard]] std::optional<NotificationType> parse(std::string_view text, const Base&) const;
    [[nodiscard]] std::string expected() const {
        return "alert.opened, alert.closed or access_code.changed";
    }
};

// `name:token`, `name:token:read` or `name:token:write`; the token has the characters of RFC 6750.
struct BearerToken {
    static constexpr Shape shape = Shape::string;
    [[nodiscard]] std::optional<Token> parse(std::string_view text, const Base&) const;
    [[nodiscard]] std::string expected() const;
};

}  // namespace oracode::settings::values
