#include "api/device_json.hpp"

#include <numeric>

#include <boost/json.hpp>

#include "api/representation.hpp"
#include "userlevel/user_level.hpp"

namespace oracode::api {
namespace {

namespace json = boost::json;

std::int64_t seconds(Duration duration) {
    return std::chrono::round<std::chrono::seconds>(duration).count();
}

void add_window(json::object& out, const userlevel::Window& window) {
    out["starts_at"] = format_rfc3339(window.starts_at);
    out["ends_at"] = format_rfc3339(window.ends_at);
    out["local_starts_at"] = window.local_starts_at;
    out["local_ends_at"] = window.local_ends_at;
}

void add_age(json::object& out, Timestamp fetched_at, Timestamp now) {
    out["fetched_at"] = format_rfc3339(fetched_at);
    out["age_s"] = std::max<std::int64_t>(seconds(now - fetched_at), 0);
}

json::object counts_json(const lifecycle::CodeCounts& counts) {
    const auto not_ended = std::accumulate(counts.live.begin(), counts.live.end(), std::int64_t{0});
    json::object out{
        {"total", counts.ended + not_ended}, {"ended", counts.ended}, {"not_ended", not_ended}};
    for (std::size_t i = 0; i < counts.live.size(); ++i)
        out[name(static_cast<lifecycle::Status>(i))] = counts.live.at(i);
    return out;
}

json::array slots_json(const userlevel::Lock& lock, Timestamp now) {
    const auto zone = userlevel::Zone::find(userlevel::zone_name(lock));
    json::array slots;
    for (const auto& level : lock.time_slots) {
        auto slot = to_json(level);
        slot["usable"] = userlevel::is_usable(level);
        const auto next = zone ? userlevel::next_window(level, *zone, now) : std::nullopt;
        slot["next"] = nullptr;
        if (next) {
            json::object window;
            add_window(window, *next);
            slot["next"] = std::move(window);
        }
        slots.push_back(std::move(slot));
    }
    return slots;
}

}  // namespace

json::object to_json(const userlevel::UserLevel& level) {
    return {{"name", level.name},
            {"prefix", json_or_null(level.prefix)},
            {"check_in_time", level.check_in_time},
            {"check_out_time", level.check_out_time},
            {"is_24_hour", level.is_24_hour},
            {"is_biweekly_mode", level.is_biweekly_mode},
            {"is_one_shot", level.is_one_shot},
            {"is_master", level.is_master},
            {"dormakaba_oracode_user_level_id", text_or_null(level.user_level_id)},
            {"dormakaba_oracode_user_level_prefix", json_or_null(level.user_level_prefix)}};
}

json::array to_json(const std::vector<userlevel::Violation>& violations) {
    json::array out;
    for (const auto& violation : violations)
        out.push_back(
            json::object{{"code", userlevel::code(violation.rule)}, {"detail", violation.detail}});
    return out;
}

json::array to_json(const std::vector<userlevel::Proposal>& nearest) {
    json::array out;
    for (const auto& proposal : nearest) {
        json::object window;
        add_window(window, proposal.window);
        window["time_slot"] = to_json(proposal.time_slot);
        window["distance_s"] = proposal.distance.count();
        out.push_back(std::move(window));
    }
    return out;
}

json::object accepted_json(const devices::OrderCheck& checked, Timestamp now) {
    const auto& match = *checked.verdict.match;
    json::object out{{"ok", true}};
    out["time_slot"] = to_json(match.time_slot);
    add_window(out, match.window);
    out["start_moved_s"] = seconds(match.start_moved);
    out["end_moved_s"] = seconds(match.end_moved);
    out["device"] = lock_json(checked.lock, now);
    return out;
}

json::object lock_json(const devices::LockSnapshot& lock, Timestamp now) {
    const auto& device = lock.device;
    json::object out{{"device_id", device.lock.device_id},
                     {"name", text_or_null(device.lock.name)},
                     {"iana_timezone", text_or_null(userlevel::zone_name(device.lock))}};
    add_age(out, lock.fetched_at, now);
    return out;
}

json::object to_json(const devices::LockView& view, std::size_t max_codes, Timestamp now) {
    json::object out{{"device_id", view.device_id}};
    static const devices::LockSnapshot nothing;
    const auto& snapshot = view.snapshot ? *view.snapshot : nothing;
    const auto& device = snapshot.device;
    out["name"] = text_or_null(device.lock.name);
    out["device_type"] = text_or_null(device.device_type);
    out["site_name"] = text_or_null(device.site_name);
    out["door_name"] = text_or_null(device.door_name);
    out["workspace_id"] = text_or_null(device.workspace_id);
    out["connected_account_id"] = text_or_null(device.connected_account_id);
    out["online"] = json_or_null(device.online);
    out["iana_timezone"] = text_or_null(userlevel::zone_name(device.lock));
    out["can_program_offline_access_codes"] =
        view.snapshot ? json::value(device.lock.can_program_offline_access_codes.value_or(false))
                      : json::value();
    out["time_slots"] = view.snapshot ? json::value(slots_json(device.lock, now)) : json::value();
    out["access_codes"] = counts_json(view.codes);
    out["max_codes"] = max_codes == 0 ? json::value() : json::value(max_codes);
    if (view.snapshot) {
        add_age(out, snapshot.fetched_at, now);
    } else {
        out["fetched_at"] = nullptr;
        out["age_s"] = nullptr;
    }
    return out;
}

}  // namespace oracode::api
