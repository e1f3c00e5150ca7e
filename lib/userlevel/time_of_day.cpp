#include "userlevel/time_of_day.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.hpp"

namespace oracode::userlevel {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::size_t longest_zone_name = 64;

bool take(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

// Two digits up to `last`.
std::optional<int> take_pair(std::string_view& text, int last) {
    if (text.size() < 2 || !is_digit(text[0]) || !is_digit(text[1])) return std::nullopt;
    const int value = (text[0] - '0') * 10 + (text[1] - '0');
    if (value > last) return std::nullopt;
    text.remove_prefix(2);
    return value;
}

std::optional<milliseconds> take_fraction(std::string_view& text) {
    int value = 0;
    int scale = 100;
    std::size_t digits = 0;
    for (; digits < text.size() && is_digit(text[digits]); ++digits) {
        value += (text[digits] - '0') * scale;
        scale /= 10;
    }
    if (digits == 0) return std::nullopt;
    text.remove_prefix(digits);
    return milliseconds{value};
}

std::optional<milliseconds> take_clock(std::string_view& text) {
    const auto hour = take_pair(text, 23);
    if (!hour || !take(text, ':')) return std::nullopt;
    const auto minute = take_pair(text, 59);
    if (!minute) return std::nullopt;
    milliseconds clock = hours{*hour} + minutes{*minute};
    if (!take(text, ':')) return clock;
    const auto second = take_pair(text, 59);
    if (!second) return std::nullopt;
    clock += seconds{*second};
    if (!take(text, '.')) return clock;
    const auto fraction = take_fraction(text);
    if (!fraction) return std::nullopt;
    return clock + *fraction;
}

bool skip_offset(std::string_view& text) {
    if (take(text, 'Z')) return true;
    if (!take(text, '+') && !take(text, '-')) return true;
    return take_pair(text, 23) && take(text, ':') && take_pair(text, 59);
}

bool may_be_in_a_zone_name(char c) {
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '/' ||
           c == '_' || c == '-' || c == '+';
}

}  // namespace

std::optional<TimeOfDay> parse_time_of_day(std::string_view text) {
    const auto clock = take_clock(text);
    if (!clock || !skip_offset(text)) return std::nullopt;
    if (text.empty()) return TimeOfDay{*clock, {}};
    if (!take(text, '[') || text.back() != ']') return std::nullopt;
    text.remove_suffix(1);
    if (text.empty() || text.size() > longest_zone_name) return std::nullopt;
    if (!std::all_of(text.begin(), text.end(), may_be_in_a_zone_name)) return std::nullopt;
    return TimeOfDay{*clock, std::string(text)};
}

std::string clock_text(milliseconds since_midnight) {
    const std::chrono::hh_mm_ss clock{since_midnight};
    if (clock.subseconds().count() != 0)
        return fmt::format("{:02}:{:02}:{:02}.{:03}", clock.hours().count(),
                           clock.minutes().count(), clock.seconds().count(),
                           clock.subseconds().count());
    if (clock.seconds().count() != 0)
        return fmt::format("{:02}:{:02}:{:02}", clock.hours().count(), clock.minutes().count(),
                           clock.seconds().count());
    return fmt::format("{:02}:{:02}", clock.hours().count(), clock.minutes().count());
}

}  // namespace oracode::userlevel
