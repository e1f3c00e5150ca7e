// What people call a lock, and what its clock shows: instants as a guest at the door reads them.
// Owned by a command; one thread at a time.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "ctl/command.hpp"
#include "userlevel/zone.hpp"

namespace oracode::ctl {

// How an instant is written.
enum class TimeForm {
    minute,  // "03-05 07:00", of another year than this one "2025-03-05"
    second,  // "2026-03-05 07:00:00"
    full,    // "2026-03-05 07:00:00 -08:00", in UTC "2026-03-05 15:00:00 UTC"
};

// `at` in `zone`; where there is none in UTC, which the two short forms mark with a Z. `now` says
// which year it is. Pure.
[[nodiscard]] std::string time_text(Timestamp at, const std::optional<userlevel::Zone>& zone,
                                    TimeForm form, Timestamp now);

class LockNames {
public:
    // Asks the daemon for its locks when the first of them is wanted, on a connection of its own.
    // Where it does not tell them, ids stand for names and UTC for zones.
    explicit LockNames(const Session& session) : session_(session) {}

    // Empty where it is not known.
    [[nodiscard]] std::string name(const std::string& device_id);
    // An RFC 3339 text on that lock's clock, or in UTC where the caller asked for it (--utc) or the
    // zone is not known. Empty for an empty text; a text of another form stays as it is.
    [[nodiscard]] std::string time(const std::string& device_id, std::string_view rfc3339,
                                   TimeForm form);

private:
    struct Lock {
        std::string name;
        std::optional<userlevel::Zone> zone;
    };
    const Lock& find(const std::string& device_id);
    void load();

    const Session& session_;
    std::optional<std::map<std::string, Lock, std::less<>>> locks_;
};

}  // namespace oracode::ctl
