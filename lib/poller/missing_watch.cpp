#include "poller/missing_watch.hpp"

#include <algorithm>

namespace oracode::poller {

void MissingWatch::found(const std::string& access_code_id, Timestamp now) {
    looks_.insert_or_assign(access_code_id, Look{now, false});
}

void MissingWatch::missing(const std::string& access_code_id, Timestamp now) {
    looks_.insert_or_assign(access_code_id, Look{now, true});
}

std::size_t MissingWatch::suspected(Timestamp now) {
    // A look of the future was made before the clock was set back.
    std::erase_if(looks_, [now](const auto& entry) {
        return entry.second.at > now || now - entry.second.at > lately;
    });
    const auto count = static_cast<std::size_t>(
        std::ranges::count_if(looks_, [](const auto& entry) { return entry.second.missing; }));
    return count >= least && count * 2 > looks_.size() ? count : 0;
}

bool MissingWatch::witnessed(std::string_view access_code_id, Timestamp now) const {
    std::size_t found = 0;
    std::size_t missing = 0;
    for (const auto& [id, look] : looks_) {
        if (id == access_code_id || look.at > now || now - look.at > just_now) continue;
        ++(look.missing ? missing : found);
    }
    return found > 0 && found >= missing;
}

}  // namespace oracode::poller
