#include "ctl/lock_names.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ctl/daemon_client.hpp"

namespace oracode::ctl {

std::string time_text(Timestamp at, const std::optional<userlevel::Zone>& zone, TimeForm form,
                      Timestamp now) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(at);
    const auto local = zone ? zone->text(whole) : format_rfc3339(whole).substr(0, 19) + "Z";
    auto date = local.substr(0, 10);
    const auto clock = local.substr(11, 8);
    if (form == TimeForm::full)
        return fmt::format("{} {} {}", date, clock, zone ? local.substr(19) : "UTC");
    const auto mark = zone ? "" : "Z";
    if (form == TimeForm::second) return fmt::format("{} {}{}", date, clock, mark);
    if (date.substr(0, 4) != format_rfc3339(now).substr(0, 4)) return date;
    return fmt::format("{} {}{}", date.substr(5), clock.substr(0, 5), mark);
}

std::string LockNames::name(const std::string& device_id) {
    return find(device_id).name;
}

std::string LockNames::time(const std::string& device_id, std::string_view rfc3339, TimeForm form) {
    const auto at = parse_rfc3339(rfc3339);
    if (!at) return std::string(rfc3339);
    return time_text(*at, session_.utc() ? std::nullopt : find(device_id).zone, form,
                     session_.now());
}

const LockNames::Lock& LockNames::find(const std::string& device_id) {
    static const Lock unknown;
    if (device_id.empty()) return unknown;
    if (!locks_) load();
    const auto found = locks_->find(device_id);
    return found == locks_->end() ? unknown : found->second;
}

void LockNames::load() {
    locks_.emplace();
    try {
        const auto api = session_.api();
        std::string cursor;
        do {
            std::string path = "/v1/devices?limit=1000";
            if (!cursor.empty()) path += "&cursor=" + net::percent_encode(cursor);
            const auto page = parse_object(api->fetch(path));
            for (const auto& device : member_array(page, "devices")) {
                if (!device.is_object()) continue;
                const auto& lock = device.get_object();
                locks_->insert_or_assign(
                    member_text(lock, "device_id"),
                    Lock{member_text(lock, "name"),
                         userlevel::Zone::find(member_text(lock, "iana_timezone"))});
            }
            cursor = member_text(page, "next_cursor");
        } while (!cursor.empty());
    } catch (const Failure&) {
        // The command itself has its answer: it is shown with what is known.
        return;
    }
}

}  // namespace oracode::ctl
