// A lock as the Oracode rules see it: its zone, its user levels, whether it takes offline codes.
// Plain values with Seam's own words and texts; lib/seam fills them, any thread may hold them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "userlevel/zone.hpp"

namespace oracode::userlevel {

// One of `device.properties.dormakaba_oracode_metadata.predefined_time_slots`.
struct UserLevel {
    std::string name;
    std::optional<int> prefix;
    std::string check_in_time;   // Seam's text, e.g. "07:00:00[America/Los_Angeles]"
    std::string check_out_time;  //
    bool is_24_hour = false;     // daily-bound
    bool is_biweekly_mode = false;
    bool is_one_shot = false;
    bool is_master = false;
    std::string user_level_id;             // dormakaba_oracode_user_level_id
    std::optional<int> user_level_prefix;  // [ext_]dormakaba_oracode_user_level_prefix

    friend bool operator==(const UserLevel&, const UserLevel&) = default;
};

struct Lock {
    std::string device_id;
    std::string name;
    std::string iana_timezone;                             // empty: taken from a slot
    std::optional<bool> can_program_offline_access_codes;  // absent means no, as Seam has it
    std::vector<UserLevel> time_slots;

    friend bool operator==(const Lock&, const Lock&) = default;
};

// A code's validity, both as instants and as what is sent to Seam: local time with the lock's own
// offset.
struct Window {
    Timestamp starts_at;
    Timestamp ends_at;
    std::string local_starts_at;
    std::string local_ends_at;

    friend bool operator==(const Window&, const Window&) = default;
};

// The name the lock gives, or else the first that one of its slots gives; empty if none does.
[[nodiscard]] std::string zone_name(const Lock& lock);

// Whether Seam can create a code of this level at all: not master, not one-time-use, readable
// times.
[[nodiscard]] bool is_usable(const UserLevel& level);

[[nodiscard]] Window make_window(const Zone& zone, Timestamp starts_at, Timestamp ends_at);

// The next stay this level allows, for showing its times as instants: from the first check-in that
// is not before `now` to the first check-out after it (on another date for a daily-bound level).
// nullopt if its times cannot be read.
[[nodiscard]] std::optional<Window> next_window(const UserLevel& level, const Zone& zone,
                                                Timestamp now);

}  // namespace oracode::userlevel
