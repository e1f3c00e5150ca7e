#include "core/time.hpp"

#include <array>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "core/text.hpp"

namespace oracode {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// Takes exactly `digits` digits off the front of `text`, or -1.
int take_number(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return -1;
    int value = 0;
    for (const char c : text.substr(0, digits)) {
        if (!is_digit(c)) return -1;
        value = value * 10 + (c - '0');
    }
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, char a, char b) {
    if (text.empty() || (text.front() != a && text.front() != b)) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<milliseconds> take_fraction(std::string_view& text) {
    if (!take(text, '.', '.')) return milliseconds{0};
    int value = 0;
    std::size_t count = 0;
    while (count < text.size() && is_digit(text[count])) {
        if (count < 3) value = value * 10 + (text[count] - '0');
        ++count;
    }
    if (count == 0) return std::nullopt;
    for (std::size_t i = count; i < 3; ++i) value *= 10;
    text.remove_prefix(count);
    return milliseconds{value};
}

std::optional<minutes> take_offset(std::string_view& text) {
    if (take(text, 'Z', 'z')) return minutes{0};
    const bool west = !text.empty() && text.front() == '-';
    if (!take(text, '+', '-')) return std::nullopt;
    const int h = take_number(text, 2);
    if (!take(text, ':', ':')) return std::nullopt;
    const int m = take_number(text, 2);
    if (h < 0 || h > 23 || m < 0 || m > 59) return std::nullopt;
    const auto offset = hours{h} + minutes{m};
    return west ? -offset : offset;
}

struct Unit {
    std::string_view name;
    std::int64_t factor;
};

template <std::size_t N>
std::optional<std::int64_t> parse_with_unit(std::string_view text,
                                            const std::array<Unit, N>& units) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number < 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    for (const auto& unit : units) {
        if (text != unit.name) continue;
        if (number > std::numeric_limits<std::int64_t>::max() / unit.factor) return std::nullopt;
        return number * unit.factor;
    }
    return std::nullopt;
}

constexpr std::array<Unit, 5> time_units{
    {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
constexpr std::array<Unit, 5> size_units{
    {{"", 1}, {"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}}};

void put_digits(char*& out, unsigned value, int digits) {
    for (int i = digits - 1; i >= 0; --i) {
        out[i] = static_cast<char>('0' + value % 10);
        value /= 10;
    }
    out += digits;
}

}  // namespace

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
    const int y = take_number(text, 4);
    if (y < 0 || !take(text, '-', '-')) return std::nullopt;
    const int mon = take_number(text, 2);
    if (mon < 0 || !take(text, '-', '-')) return std::nullopt;
    const int d = take_number(text, 2);
    if (d < 0 || text.empty() || (text[0] != 'T' && text[0] != 't' && text[0] != ' '))
        return std::nullopt;
    text.remove_prefix(1);
    const int h = take_number(text, 2);
    if (h < 0 || h > 23 || !take(text, ':', ':')) return std::nullopt;
    const int m = take_number(text, 2);
    if (m < 0 || m > 59 || !take(text, ':', ':')) return std::nullopt;
    const int s = take_number(text, 2);
    if (s < 0 || s > 60) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{y},
                                           std::chrono::month{static_cast<unsigned>(mon)},
                                           std::chrono::day{static_cast<unsigned>(d)}};
    if (!date.ok()) return std::nullopt;
    const auto fraction = take_fraction(text);
    if (!fraction) return std::nullopt;
    const auto offset = take_offset(text);
    if (!offset || !text.empty()) return std::nullopt;
    return Timestamp{std::chrono::sys_days{date}} + hours{h} + minutes{m} +
           seconds{std::min(s, 59)} + *fraction - *offset;
}

void append_rfc3339(std::string& out, Timestamp at) {
    constexpr Timestamp first{std::chrono::sys_days{std::chrono::year{0} / 1 / 1}};
    constexpr Timestamp last{std::chrono::sys_days{std::chrono::year{9999} / 12 / 31} + days{1} -
                             milliseconds{1}};
    at = std::clamp(at, first, last);
    const auto day = std::chrono::floor<days>(at);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{at - day};
    std::array<char, 24> text{};
    char* p = text.data();
    put_digits(p, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    *p++ = '-';
    put_digits(p, static_cast<unsigned>(date.month()), 2);
    *p++ = '-';
    put_digits(p, static_cast<unsigned>(date.day()), 2);
    *p++ = 'T';
    put_digits(p, static_cast<unsigned>(time.hours().count()), 2);
    *p++ = ':';
    put_digits(p, static_cast<unsigned>(time.minutes().count()), 2);
    *p++ = ':';
    put_digits(p, static_cast<unsigned>(time.seconds().count()), 2);
    *p++ = '.';
    put_digits(p, static_cast<unsigned>(time.subseconds().count()), 3);
    *p++ = 'Z';
    out.append(text.data(), text.size());
}

std::string format_rfc3339(Timestamp at) {
    std::string out;
    append_rfc3339(out, at);
    return out;
}

std::string format_http_date(Timestamp at) {
    constexpr std::array<const char*, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<days>(at);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{std::chrono::floor<seconds>(at - day)};
    return fmt::format(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        weekdays.at(std::chrono::weekday{day}.c_encoding()), static_cast<unsigned>(date.day()),
        months.at(static_cast<unsigned>(date.month()) - 1), static_cast<int>(date.year()),
        time.hours().count(), time.minutes().count(), time.seconds().count());
}

std::optional<Duration> parse_duration(std::string_view text) {
    const auto value = parse_with_unit(text, time_units);
    if (!value) return std::nullopt;
    return Duration{*value};
}

std::string format_duration(Duration duration) {
    for (auto unit = time_units.rbegin(); unit != time_units.rend(); ++unit) {
        if (duration.count() != 0 && duration.count() % unit->factor == 0)
            return fmt::format("{}{}", duration.count() / unit->factor, unit->name);
    }
    return "0s";
}

std::optional<std::size_t> parse_size(std::string_view text) {
    const auto value = parse_with_unit(text, size_units);
    if (!value) return std::nullopt;
    return static_cast<std::size_t>(*value);
}

}  // namespace oracode
