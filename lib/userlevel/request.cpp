#include "userlevel/request.hpp"

#include <fmt/format.h>

#include "userlevel/slot.hpp"

namespace oracode::userlevel {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// Of a text that parse_rfc3339 took: it ends in `Z` or in `+hh:mm`.
minutes written_offset(std::string_view text) {
    if (text.back() == 'Z' || text.back() == 'z') return minutes{0};
    const auto digit = [&](std::size_t from_the_end) {
        return text[text.size() - from_the_end] - '0';
    };
    const auto width = hours{digit(5) * 10 + digit(4)} + minutes{digit(2) * 10 + digit(1)};
    return text[text.size() - 6] == '-' ? -width : width;
}

struct Field {
    const char* name;
    Rule malformed;
    Rule without_offset;
};

std::optional<Instant> read_instant(const std::string& text, const Field& field,
                                    std::vector<Violation>& violations) {
    if (const auto at = parse_rfc3339(text)) return Instant{*at, written_offset(text)};
    if (parse_rfc3339(text + 'Z'))
        violations.push_back(
            {field.without_offset,
             fmt::format("{} does not say which time zone it is in: add the lock's offset, "
                         "for example -07:00, or Z for UTC.",
                         field.name)});
    else
        violations.push_back(
            {field.malformed, fmt::format("{} is not a date and time with an offset, like "
                                          "2024-09-10T07:00:00-07:00.",
                                          field.name)});
    return std::nullopt;
}

std::optional<Duration> read_rounding(std::string_view text, std::vector<Violation>& violations) {
    if (text.empty() || text == "1hour" || text == "1h") return hour_rounding;
    if (text == "1day" || text == "1d") return day_rounding;
    violations.push_back(
        {Rule::max_time_rounding_unknown, "max_time_rounding can only be 1hour, 1h, 1day or 1d."});
    return std::nullopt;
}

}  // namespace

Reading read_request(const WindowRequest& request, std::vector<Violation>& violations) {
    constexpr Field starts_at{"starts_at", Rule::starts_at_malformed,
                              Rule::starts_at_without_offset};
    constexpr Field ends_at{"ends_at", Rule::ends_at_malformed, Rule::ends_at_without_offset};
    Reading reading;
    reading.starts_at = read_instant(request.starts_at, starts_at, violations);
    reading.ends_at = read_instant(request.ends_at, ends_at, violations);
    reading.rounding = read_rounding(request.max_time_rounding, violations);
    return reading;
}

}  // namespace oracode::userlevel
