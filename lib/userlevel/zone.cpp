#include "userlevel/zone.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <date/tz.h>
#include <fmt/format.h>

#include "userlevel/time_of_day.hpp"

namespace oracode::userlevel {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::milliseconds;
using std::chrono::seconds;

date::local_seconds library_local(LocalTime at) {
    return date::local_seconds{floor<seconds>(at.time_since_epoch())};
}

bool is_within_gap(LocalDay day, const date::local_info& gap) {
    const seconds transition = gap.first.end.time_since_epoch();
    const seconds from = transition + gap.first.offset;
    const seconds to = transition + gap.second.offset;
    return day.time_since_epoch() >= from && (day + days{1}).time_since_epoch() <= to;
}

}  // namespace

std::optional<Zone> Zone::find(std::string_view name) {
    try {
        return Zone{date::locate_zone(name)};
    } catch (const std::runtime_error&) {
        return std::nullopt;  // the library's only word for "no such zone" and for "no zone data"
    }
}

const std::string& Zone::name() const {
    return zone_->name();
}

seconds Zone::offset(Timestamp at) const {
    return zone_->get_info(floor<seconds>(at)).offset;
}

LocalTime Zone::local(Timestamp at) const {
    return LocalTime{at.time_since_epoch() + offset(at)};
}

LocalDay Zone::day(Timestamp at) const {
    return floor<days>(local(at));
}

milliseconds Zone::time_of_day(Timestamp at) const {
    const auto here = local(at);
    return here - floor<days>(here);
}

std::optional<Timestamp> Zone::instant(LocalDay day, milliseconds time_of_day, End end) const {
    const LocalTime here = day + time_of_day;
    const auto info = zone_->get_info(library_local(here));
    if (info.result == date::local_info::nonexistent) {
        if (is_within_gap(day, info)) return std::nullopt;
        return Timestamp{info.first.end.time_since_epoch()};
    }
    // The first of two offsets is the one before the clocks went back: it gives the earlier
    // instant.
    const bool later = info.result == date::local_info::ambiguous && end == End::check_out;
    return Timestamp{here.time_since_epoch() - (later ? info.second.offset : info.first.offset)};
}

Around Zone::around(Timestamp at, milliseconds time_of_day, End end) const {
    const auto here = local(at);
    const auto today = floor<days>(here);
    if (here - today == time_of_day) return {at, at};
    Around found;
    // Two dates each way, because the neighbouring one may never have been.
    for (int n = -2; n <= 2; ++n) {
        const auto occurrence = instant(today + days{n}, time_of_day, end);
        if (!occurrence) continue;
        if (*occurrence <= at)
            found.before = std::max(found.before.value_or(*occurrence), *occurrence);
        if (*occurrence >= at)
            found.after = std::min(found.after.value_or(*occurrence), *occurrence);
    }
    return found;
}

days Zone::calendar_days(Timestamp starts_at, Timestamp ends_at) const {
    if (ends_at <= starts_at) return days{0};
    const auto count = day(ends_at - milliseconds{1}) - day(starts_at) + days{1};
    // Zones that crossed the date line went forward by a whole day.
    const auto never_were = floor<days>(offset(ends_at) - offset(starts_at));
    return count - std::max(never_were, days{0});
}

std::string Zone::text(Timestamp at) const {
    const auto ahead = offset(at);
    if (ahead % std::chrono::minutes{1} != seconds{0}) return format_rfc3339(at);
    auto out = format_rfc3339(at + ahead);
    out.pop_back();
    if (out.ends_with(".000")) out.resize(out.size() - 4);
    const std::chrono::hh_mm_ss width{std::chrono::abs(ahead)};
    return fmt::format("{}{}{:02}:{:02}", out, ahead < seconds{0} ? '-' : '+',
                       width.hours().count(), width.minutes().count());
}

std::string Zone::readable(Timestamp at) const {
    constexpr std::array weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto here = local(at);
    const auto today = floor<days>(here);
    const std::chrono::year_month_day date{today};
    return fmt::format("{} {} {} {} {}", weekdays.at(std::chrono::weekday{today}.c_encoding()),
                       static_cast<unsigned>(date.day()),
                       months.at(static_cast<unsigned>(date.month()) - 1),
                       static_cast<int>(date.year()), clock_text(here - today));
}

}  // namespace oracode::userlevel
