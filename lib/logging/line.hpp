// One event as one line of text. Pure; whatever a value holds, the result is a single printable
// line.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "core/time.hpp"
#include "logging/level.hpp"

namespace oracode::log {

// A named value of an event. Refers to its texts: it lives only for the call it is passed to. The
// key is a literal in snake_case, other than `time`, `level` and `event`.
class Field {
public:
    using Value =
        std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool, Timestamp>;

    template <class T>
    Field(std::string_view key, const T& value) : key_(key), value_(as_value(value)) {}

    [[nodiscard]] std::string_view key() const { return key_; }
    [[nodiscard]] const Value& value() const { return value_; }

private:
    template <class T>
    static Value as_value(const T& value) {
        if constexpr (std::same_as<T, bool>)
            return Value{std::in_place_type<bool>, value};
        else if constexpr (std::signed_integral<T>)
            return Value{std::in_place_type<std::int64_t>, value};
        else if constexpr (std::unsigned_integral<T>)
            return Value{std::in_place_type<std::uint64_t>, value};
        else if constexpr (std::floating_point<T>)
            return Value{std::in_place_type<double>, value};
        else if constexpr (std::same_as<T, Timestamp>)
            return Value{value};
        else
            return Value{std::in_place_type<std::string_view>, std::string_view{value}};
    }

    std::string_view key_;
    Value value_;
};

struct LineStyle {
    Format format = Format::text;
    bool journal = false;  // `<6>` in front for systemd's journal, which has time stamps of its own
};

// Appends the event, without a newline. Control characters, line separators, text-direction marks
// and bytes that are not UTF-8 are escaped (text) or replaced (JSON); a text over 2 KiB is cut and
// marked.
void append_line(std::string& out, const LineStyle& style, Timestamp at, Level level,
                 std::string_view event, std::span<const Field> fields);

}  // namespace oracode::log
