// Locks and requests in one line each, for tables of windows.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>

#include "userlevel/match.hpp"

namespace oracode::test {

using namespace oracode::userlevel;

inline std::string zone_of(const std::string& place) {
    if (place == "LA") return "America/Los_Angeles";
    if (place == "Berlin") return "Europe/Berlin";
    if (place == "Kolkata") return "Asia/Kolkata";
    if (place == "Howe") return "Australia/Lord_Howe";
    if (place == "Apia") return "Pacific/Apia";
    if (place == "Paulo") return "America/Sao_Paulo";
    throw std::invalid_argument(place);
}

// "LA 07:00-19:00 00:00-23:59d": a place, then levels; d is daily-bound, b biweekly, m master and
// o one-shot.
inline Lock lock_of(const std::string& text) {
    std::istringstream words{text};
    std::string word;
    words >> word;
    Lock lock;
    lock.device_id = "device1";
    lock.iana_timezone = zone_of(word);
    lock.can_program_offline_access_codes = true;
    while (words >> word) {
        UserLevel level;
        level.name = word;
        level.check_in_time = word.substr(0, 5) + ":00[" + lock.iana_timezone + "]";
        level.check_out_time = word.substr(6, 5) + ":00[" + lock.iana_timezone + "]";
        const auto flags = word.substr(11);
        level.is_24_hour = flags.find('d') != std::string::npos;
        level.is_biweekly_mode = flags.find('b') != std::string::npos;
        level.is_master = flags.find('m') != std::string::npos;
        level.is_one_shot = flags.find('o') != std::string::npos;
        lock.time_slots.push_back(level);
    }
    return lock;
}

inline Timestamp instant_of(const std::string& text) {
    return parse_rfc3339(text).value();
}

inline std::string codes_of(const Verdict& verdict) {
    std::string codes;
    for (const auto& violation : verdict.violations) {
        if (!codes.empty()) codes += ' ';
        codes += code(violation.rule);
    }
    return codes;
}

// The window that is taken, in UTC, or the codes of what is broken.
inline std::string outcome_of(const Verdict& verdict) {
    if (!verdict.ok()) return codes_of(verdict);
    if (!verdict.match) return "accepted without a window";
    const auto& window = verdict.match->window;
    return format_rfc3339(window.starts_at) + ' ' + format_rfc3339(window.ends_at);
}

struct Row {
    int line;  // of the table, to find it again
    const char* lock;
    const char* starts_at;
    const char* ends_at;
    const char* rounding;
    const char* expected;  // as outcome_of writes it
    const char* now = "2009-01-01T00:00:00Z";
};

inline std::string outcome_of(const Row& row) {
    const WindowRequest request{row.starts_at, row.ends_at, row.rounding, false, false};
    return outcome_of(check(lock_of(row.lock), request, instant_of(row.now), {}));
}

}  // namespace oracode::test
