#include "simulation/code_at_seam.hpp"

#include <fmt/format.h>

namespace oracode::test {
namespace {

namespace json = boost::json;

json::value text(Timestamp at) {
    return json::value(format_rfc3339(at));
}

json::array errors_of(const CodeState& state, Timestamp since) {
    json::array out;
    if (state.code_error)
        out.push_back({{"error_code", "failed_to_set_on_device"},
                       {"message", "Failed to set code on device."},
                       {"created_at", text(since)},
                       {"is_access_code_error", true}});
    if (state.device_error)
        out.push_back({{"error_code", "device_disconnected"},
                       {"message", "Device is offline."},
                       {"created_at", text(since)},
                       {"is_device_error", true}});
    return out;
}

json::array warnings_of(const CodeState& state) {
    json::array out;
    if (state.altered)
        out.push_back({{"warning_code", "code_modified_external_to_seam"},
                       {"message", "Code was modified or removed externally."},
                       {"created_at", text(state.starts_at)}});
    return out;
}

json::array mutations_of(const CodeState& state, std::optional<Duration> deferred) {
    json::array out;
    if (deferred && state.status == "unset")
        out.push_back({{"mutation_code", "deferring_creation"},
                       {"message", "Seam waits for the start."},
                       {"created_at", text(state.starts_at)},
                       {"scheduled_at", text(state.starts_at - *deferred)}});
    if (state.pending.empty()) return out;
    json::object mutation{{"mutation_code", state.pending},
                          {"message", "Seam is at it."},
                          {"created_at", text(state.starts_at)}};
    if (state.pending == "updating_code") {
        mutation["from"] = {{"code", "123456"}};
        mutation["to"] = {{"code", "654321"}};
    }
    out.push_back(mutation);
    return out;
}

}  // namespace

bool opens_the_door(const CodeState& state, Timestamp now) {
    const bool disturbed =
        state.code_error || state.altered || state.waits_for_pin ||
        (!state.pending.empty() && state.pending != "creating" && state.pending != "updating_name");
    // Seam tells no start of an ongoing code.
    const bool begun = !state.ends_at || now >= state.starts_at;
    return alive(state, now) && state.managed && state.status == "set" && begun && !disturbed;
}

bool alive(const CodeState& state, Timestamp now) {
    return state.exists && !state.removed && (!state.ends_at || now < *state.ends_at);
}

const CodeState& CodeAtSeam::at(Timestamp instant) const {
    auto index = states.size() - 1;
    while (index > 0 && states[index].first > instant) --index;
    return states[index].second;
}

bool CodeAtSeam::never_gone() const {
    bool existed = false;
    for (const auto& [since, state] : states) {
        if (state.removed || (existed && !state.exists)) return false;
        existed = existed || state.exists;
    }
    return existed;
}

json::object CodeAtSeam::object(const CodeState& state) const {
    json::object out{{"access_code_id", id},
                     {"device_id", device_id},
                     {"workspace_id", workspace_id},
                     {"connected_account_id", account_id},
                     {"name", state.name},
                     {"type", ongoing ? "ongoing" : "time_bound"},
                     {"created_at", text(created_at)},
                     {"is_managed", state.managed},
                     {"errors", errors_of(state, created_at)},
                     {"warnings", warnings_of(state)}};
    out["code"] = state.waits_for_pin ? json::value(nullptr) : json::value("123456");
    // An unmanaged code's status is always `set`, whatever the registry holds.
    out["status"] = state.managed ? state.status : "set";
    if (state.managed) {
        out["pending_mutations"] = mutations_of(state, deferred);
        out["is_offline_access_code"] = offline;
        out["is_scheduled_on_device"] = scheduled_on_device;
        out["is_waiting_for_code_assignment"] = state.waits_for_pin;
    }
    if (!ongoing) {
        out["starts_at"] = text(state.starts_at);
        out["ends_at"] = text(*state.ends_at);
    }
    return out;
}

}  // namespace oracode::test
