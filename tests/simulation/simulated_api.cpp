// The endpoints of the simulated Seam.
#include <algorithm>
#include <ctime>
#include <iomanip>
#include <sstream>

#include <fmt/format.h>

#include "simulation/simulated_seam.hpp"

namespace oracode::test {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using Microseconds = std::chrono::sys_time<std::chrono::microseconds>;

SeamAnswer refusal(unsigned status, std::string_view type, std::string_view message) {
    return {status,
            json::serialize(json::object{
                {"ok", false}, {"error", json::object{{"type", type}, {"message", message}}}}),
            {}};
}

SeamAnswer success(std::string_view member, json::value value, json::object more = {}) {
    more["ok"] = true;
    more[member] = std::move(value);
    return {200, json::serialize(more), {}};
}

std::string text_at(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value && value->is_string() ? std::string(value->get_string()) : std::string{};
}

std::size_t number_at(const json::object& object, std::string_view key, std::size_t otherwise) {
    const auto* value = object.if_contains(key);
    return value ? value->to_number<std::size_t>() : otherwise;
}

std::vector<std::string> texts_at(const json::object& object, std::string_view key) {
    std::vector<std::string> out;
    if (const auto* value = object.if_contains(key); value && value->is_array())
        for (const auto& item : value->get_array()) out.emplace_back(item.as_string());
    return out;
}

// "2026-03-05T15:00:00.000123Z", to the microsecond.
Microseconds parse_instant(const std::string& text) {
    std::tm parts{};
    std::istringstream{text} >> std::get_time(&parts, "%Y-%m-%dT%H:%M:%S");
    std::string fraction = text.size() > 20 && text[19] == '.' ? text.substr(20) : "0";
    fraction = fraction.substr(0, fraction.find_first_not_of("0123456789"));
    fraction.resize(6, '0');
    return Microseconds{std::chrono::seconds{::timegm(&parts)}} +
           std::chrono::microseconds{std::stol(fraction)};
}

}  // namespace

SeamAnswer SimulatedSeam::post(std::string_view path, std::string_view body,
                               const std::string& workspace_id, Timestamp now) {
    const auto parsed = body.empty() ? json::value(json::object{}) : json::parse(body);
    const auto& asked = parsed.as_object();
    if (path == "/workspaces/get")
        return success("workspace", {{"workspace_id", workspace_id}, {"name", "Hotel"}});
    if (path == "/access_codes/get") return get_code(asked, true, workspace_id, now);
    if (path == "/access_codes/unmanaged/get") return get_code(asked, false, workspace_id, now);
    if (path == "/access_codes/list") return list_codes(asked, true, workspace_id, now);
    if (path == "/access_codes/unmanaged/list") return list_codes(asked, false, workspace_id, now);
    if (path == "/events/list") return list_events(asked, workspace_id, now);
    if (path == "/devices/list" || path == "/locks/list") return list_devices(workspace_id);
    if (path == "/webhooks/list") return success("webhooks", json::array{});
    misuse_ += fmt::format("{} is not known; ", path);
    return refusal(404, "unknown_endpoint", "This endpoint does not exist.");
}

const CodeState& SimulatedSeam::seen(const CodeAtSeam& code, Timestamp now) {
    static const CodeState nothing{};
    if (codes_lost_) {
        if (code.now().exists) tally_.note(Fault::all_codes_not_found);
        return nothing;
    }
    if (now < code.created_at + code.shows_after) {
        if (code.now().exists) tally_.note(Fault::read_lags_after_created);
        return nothing;
    }
    if (!chance(temper_.stale)) return code.now();
    const auto& stale = code.at(now - within(temper_.lag));
    if (stale != code.now()) tally_.note(Fault::stale_read);
    return stale;
}

void SimulatedSeam::note_look(const CodeAtSeam& code, bool found, Timestamp now) {
    looks_.insert_or_assign(code.id, std::pair{now, found});
}

bool SimulatedSeam::most_are_missing(Timestamp now, Timestamp from,
                                     const std::function<bool(const std::string&)>& counts) const {
    std::size_t found = 0;
    std::size_t missing = 0;
    for (const auto& [id, look] : looks_) {
        if (look.first < from) continue;
        // A margin on either side: the program's look is a moment later.
        if (look.second && now - look.first < 130min) ++found;
        if (!look.second && now - look.first < 110min && counts(id)) ++missing;
    }
    return missing >= 3 && missing > found;
}

SeamAnswer SimulatedSeam::get_code(const json::object& asked, bool managed,
                                   const std::string& workspace_id, Timestamp now) {
    const auto found = codes_.find(text_at(asked, "access_code_id"));
    if (found != codes_.end() && found->second.workspace_id == workspace_id) {
        const auto& state = seen(found->second, now);
        if (!managed || state.managed) note_look(found->second, state.exists, now);
        if (state.exists && state.managed == managed) {
            auto object = found->second.object(state);
            // Never twice in a row: that would mean that there is none.
            if (!start_left_out_.erase(found->first) && chance(temper_.no_start)) {
                start_left_out_.insert(found->first);
                object["starts_at"] = nullptr;
                tally_.note(Fault::start_left_out);
            }
            return success("access_code", std::move(object));
        }
    }
    return refusal(404, managed ? "access_code_not_found" : "unmanaged_access_code_not_found",
                   "Could not find an access_code with device_id or access_code_id.");
}

SeamAnswer SimulatedSeam::list_codes(const json::object& asked, bool managed,
                                     const std::string& workspace_id, Timestamp now) {
    const auto ids = texts_at(asked, "access_code_ids");
    const auto device = text_at(asked, "device_id");
    if (ids.empty() && device.empty()) misuse_ += "a list of everything was asked for; ";
    const auto from = text_at(asked, "page_cursor");
    const auto limit = std::min(number_at(asked, "limit", 55'000), temper_.page);
    json::array out;
    std::string cursor;
    for (const auto& [id, code] : codes_) {
        if (id <= from || code.workspace_id != workspace_id) continue;
        const bool by_id = std::find(ids.begin(), ids.end(), id) != ids.end();
        const bool wanted = ids.empty() ? code.device_id == device : by_id;
        if (!wanted) continue;
        if (by_id && chance(temper_.left_out)) {
            tally_.note(Fault::left_out_of_list);
            continue;
        }
        const auto& state = seen(code, now);
        if (!state.exists || state.managed != managed) continue;
        if (out.size() == limit) break;
        note_look(code, true, now);
        auto object = code.object(state);
        if (static_cast<double>(std::hash<std::string>{}(id) % 100) < temper_.slim * 100) {
            for (const auto* key : {"is_offline_access_code", "starts_at", "ends_at"})
                object.erase(key);
            tally_.note(Fault::list_without_window);
        }
        out.push_back(std::move(object));
        cursor = id;
    }
    const bool full = out.size() == limit;
    if (full) tally_.note(Fault::next_page);
    json::object pagination{{"has_next_page", full}, {"next_page_url", nullptr}};
    pagination["next_page_cursor"] = full ? json::value(cursor) : json::value(nullptr);
    return success("access_codes", std::move(out), {{"pagination", std::move(pagination)}});
}

bool SimulatedSeam::is_listed(const ListedEvent& listed, const EventRange& range, Timestamp now) {
    const auto& [created_at, event] = listed;
    if (created_at > clock(now) || event.at("workspace_id").get_string() != range.workspace_id)
        return false;
    if (created_at != range.after && created_at != range.before) return true;
    tally_.note(Fault::event_on_an_exclusive_bound);
    return false;
}

SeamAnswer SimulatedSeam::list_events(const json::object& asked, const std::string& workspace_id,
                                      Timestamp now) {
    if (events_refused_) {
        tally_.note(Fault::event_list_refused);
        return refusal(400, "invalid_input", "Invalid enum value, received 'lock.unlocked'");
    }
    EventRange range{Microseconds::min(), Microseconds::max(), workspace_id};
    const auto between = texts_at(asked, "between");
    if (between.size() == 2) {
        range.after = parse_instant(between[0]);
        range.before = parse_instant(between[1]);
    } else {
        range.after = parse_instant(text_at(asked, "since"));
    }
    if (range.after >= range.before) return success("events", json::array{});
    const auto limit = number_at(asked, "limit", 500);
    if (limit > 500) misuse_ += "more than 500 events were asked for at once; ";
    if (asked.contains("event_types")) misuse_ += "event types were named, and may be refused; ";
    json::array out;
    // The newest first: a page that is cut short lacks the oldest.
    const auto oldest = events_.lower_bound(range.after);
    for (auto listed = events_.upper_bound(range.before); listed != oldest && out.size() < limit;) {
        --listed;
        if (is_listed(*listed, range, now)) out.push_back(listed->second);
    }
    return success("events", std::move(out));
}

SeamAnswer SimulatedSeam::list_devices(const std::string& workspace_id) {
    json::array out;
    for (const auto* id : {"device1", "device2"}) {
        if (workspace_id != "workspace1" || unmanaged_devices_.contains(id)) continue;
        json::object slot{{"name", "Guest"},
                          {"check_in_time", "00:00:00[Etc/UTC]"},
                          {"check_out_time", "23:59:00[Etc/UTC]"},
                          {"is_24_hour", true}};
        json::object lock{{"device_id", id},
                          {"workspace_id", workspace_id},
                          {"connected_account_id", "account1"},
                          {"device_type", "dormakaba_oracode_door"},
                          {"display_name", id},
                          {"can_program_offline_access_codes", true}};
        lock["properties"] =
            json::object{{"name", id},
                         {"online", true},
                         {"dormakaba_oracode_metadata",
                          json::object{{"door_name", id},
                                       {"iana_timezone", "Etc/UTC"},
                                       {"predefined_time_slots", json::array{std::move(slot)}}}}};
        out.push_back(std::move(lock));
    }
    json::object pagination{
        {"has_next_page", false}, {"next_page_cursor", nullptr}, {"next_page_url", nullptr}};
    return success("devices", std::move(out), {{"pagination", std::move(pagination)}});
}

}  // namespace oracode::test
