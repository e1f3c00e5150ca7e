// Whether so many codes are missing at Seam that something else must be wrong: a key, a replica, a
// restored workspace. Pure; owned by the Planner.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace oracode::poller {

class MissingWatch {
public:
    // Seam was asked for the code and showed it, or did not know it.
    void found(const std::string& access_code_id, Timestamp now);
    void missing(const std::string& access_code_id, Timestamp now);
    void clear() { looks_.clear(); }

    // How many codes are missing, where these are most of those looked at lately and at least
    // `least`; else 0.
    [[nodiscard]] std::size_t suspected(Timestamp now);
    // Whether others were found within the last minutes, and no fewer than were missing: only then
    // does it say something of one code that Seam does not know it.
    [[nodiscard]] bool witnessed(std::string_view access_code_id, Timestamp now) const;

    static constexpr std::size_t least = 3;
    // Longer than a code's longest pause between two looks that do not find it.
    static constexpr Duration lately = std::chrono::hours{2};
    static constexpr Duration just_now = std::chrono::minutes{5};

private:
    struct Look {
        Timestamp at;
        bool missing = false;
    };

    std::map<std::string, Look, std::less<>> looks_;
};

}  // namespace oracode::poller
