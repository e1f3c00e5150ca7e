#include "simulation/life_writer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace oracode::test {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

// Seam begins to register an Oracode code this long before its start (facts of the provider).
constexpr Duration just_in_time = 60min;

json::object window_of(const CodeState& state) {
    json::object out{{"starts_at", format_rfc3339(state.starts_at)}};
    out["ends_at"] = state.ends_at ? json::value(format_rfc3339(*state.ends_at)) : json::value();
    return out;
}

// What the event tells beside its name; a Seam that only says "changed" has to be asked.
json::object details(std::string_view event, const CodeState& before, const CodeState& state) {
    if (event == "access_code.time_frame_changed")
        return {{"from", window_of(before)}, {"to", window_of(state)}};
    if (event == "access_code.name_changed") return {{"to", json::object{{"name", state.name}}}};
    if (event == "access_code.set_on_device") return {{"code", "123456"}};
    if (event == "access_code.failed_to_set_on_device")
        return {{"access_code_errors",
                 json::array{json::object{{"error_code", "failed_to_set_on_device"},
                                          {"message", "Failed to set code on device."},
                                          {"is_access_code_error", true}}}}};
    return {};
}

}  // namespace

void LifeWriter::write() {
    for (std::size_t i = 0; i < seam_.temper_.codes; ++i) write_code(i);
    if (one_in(4)) write_account();
    if (one_in(6)) write_lock();
    if (seam_.temper_.burst > 0) write_burst(start_ + 1h + seam_.within(length_ / 2));
}

std::string LifeWriter::or_silent(std::string event) {
    return seam_.temper_.silent && one_in(4) ? std::string{} : std::move(event);
}

Timestamp LifeWriter::during_stay(const CodeAtSeam& code) {
    const auto from = std::max(code.created_at, code.now().starts_at);
    const auto to = code.now().ends_at.value_or(start_ + length_);
    return from + seam_.within(std::max<Duration>(to - from, 1s));
}

void LifeWriter::alter(Timestamp at, const std::string& id, Act act, std::string event,
                       std::optional<Fault> fault) {
    seam_.plan(
        at, [&seam = seam_, id, act = std::move(act), event = std::move(event), fault](auto now) {
            const auto before = seam.codes_.at(id).now();
            if (!alive(before, now)) return;
            seam.change(id, now, act);
            const bool changed = seam.codes_.at(id).now() != before;
            if (changed && fault) seam.tally_.note(*fault);
            if (changed && event.empty()) seam.tally_.note(Fault::change_without_event);
            if (!event.empty())
                seam.emit(event, id, now, details(event, before, seam.codes_.at(id).now()));
        });
}

void LifeWriter::program(Timestamp at, const std::string& id) {
    alter(at, id, [](CodeState& state) {
        if (state.managed && state.status == "unset") state.status = "setting";
    });
}

void LifeWriter::set(Timestamp at, const std::string& id, bool reported) {
    alter(
        at, id,
        [](CodeState& state) {
            state.status = "set";
            state.code_error = false;
            state.waits_for_pin = false;
        },
        reported ? "access_code.set_on_device" : "");
}

void LifeWriter::write_code(std::size_t number) {
    const auto id = fmt::format("code{}", number);
    auto& code = seam_.codes_[id];
    code.id = id;
    // Some were booked long before the daemon came into the house.
    const bool old = seam_.temper_.silent && one_in(5);
    code.created_at = old ? start_ - 240h : start_ + seam_.within(length_ * 3 / 5);
    write_kind(code, old);
    const auto known_from = std::max(code.created_at, start_);
    auto& first = code.states.front().second;
    first.starts_at = code.ongoing ? code.created_at : known_from - 30min + seam_.within(7h);
    if (!code.ongoing)
        first.ends_at = std::max(first.starts_at, known_from) + 2h + seam_.within(8h);
    first.waits_for_pin = one_in(8);
    const bool reported = !old && !(seam_.temper_.silent && one_in(10));
    seam_.plan(code.created_at, [&seam = seam_, id, reported](auto now) {
        seam.change(id, now, [](CodeState& state) { state.exists = true; });
        if (reported) return seam.emit("access_code.created", id, now);
        seam.tally_.note(Fault::code_without_event);
    });
    write_setting(id);
    write_disturbances(id);
    write_end(id);
}

void LifeWriter::write_kind(CodeAtSeam& code, bool old) {
    code.device_id = one_in(3) ? "device2" : "device1";
    code.shows_after = one_in(2) ? seam_.within(20s) : Duration{};
    code.ongoing = one_in(14);
    code.scheduled_on_device = !code.ongoing && one_in(10);
    if (code.ongoing) note(Fault::ongoing_code);
    if (one_in(14)) {
        note(Fault::code_of_another_make);
        code.offline = false;
        code.device_id = "device3";  // not an Oracode lock, and in no list of such
    } else if (!old && one_in(14)) {
        note(Fault::code_of_another_workspace);
        code.workspace_id = "workspace2";
        code.account_id = "account2";
    }
    if (code.scheduled_on_device || code.ongoing || !one_in(4)) return;
    note(Fault::creation_deferred);
    code.deferred = 30min + seam_.within(1h);
}

void LifeWriter::write_setting(const std::string& id) {
    const auto& code = seam_.codes_.at(id);
    const auto starts_at = code.now().starts_at;
    if (code.scheduled_on_device) {
        alter(
            code.created_at + seam_.within(5min), id, [](CodeState&) {},
            "access_code.scheduled_on_device");
        return set(std::max(starts_at, code.created_at + 1s), id, !one_in(6));
    }
    if (one_in(10)) return;  // never begun: an operator has to hear of it
    // Codes of some makes are set days ahead.
    const bool early = one_in(8);
    if (early) note(Fault::set_long_before_start);
    auto at = std::max(code.created_at + 2s, early ? start_ : starts_at - just_in_time);
    program(at, id);
    while (one_in(4)) {
        at += 10s + seam_.within(20min);
        if (one_in(2)) {
            alter(
                at, id, [](CodeState& state) { state.status = "setting"; },
                or_silent("access_code.delay_in_setting_on_device"));
        } else {
            alter(
                at, id,
                [](CodeState& state) {
                    state.status = "setting";
                    state.code_error = true;
                },
                or_silent("access_code.failed_to_set_on_device"));
        }
    }
    if (!one_in(14)) set(at + 5s + seam_.within(30min), id, !one_in(6));
}

void LifeWriter::write_disturbances(const std::string& id) {
    const auto& code = seam_.codes_.at(id);
    const auto stay = [&] { return during_stay(code); };
    const auto briefly = [&](const std::string& begins, const std::string& ends, auto flag) {
        const auto at = stay();
        const auto fault =
            begins.empty() ? std::optional{Fault::error_comes_and_goes_silently} : std::nullopt;
        alter(
            at, id, [flag](CodeState& state) { flag(state, true); }, begins, fault);
        alter(
            at + 1min + seam_.within(3h), id, [flag](CodeState& state) { flag(state, false); },
            ends);
    };
    if (one_in(6)) {
        const auto at = stay();
        alter(at, id, [](CodeState& state) { state.status = "setting"; });
        if (!one_in(3)) set(at + 1min + seam_.within(2h), id, one_in(2));
    }
    if (one_in(7)) briefly("", "", [](CodeState& s, bool on) { s.code_error = on; });
    if (one_in(7)) briefly("", "", [](CodeState& s, bool on) { s.device_error = on; });
    if (one_in(7))
        briefly(or_silent("access_code.mutations_requested"), or_silent("access_code.changed"),
                [](CodeState& s, bool on) { s.pending = on ? "updating_code" : ""; });
    if (one_in(12))
        briefly(or_silent("access_code.modified_external_to_seam"),
                or_silent("access_code.changed"), [](CodeState& s, bool on) { s.altered = on; });
    if (one_in(8))
        alter(
            stay(), id, [](CodeState& state) { state.name = "Guest Lee"; },
            or_silent("access_code.name_changed"));
    if (one_in(4)) write_new_window(id, code.created_at + seam_.within(8h));
    if (one_in(6)) write_absence(id, stay());
}

// An early check-in, a later arrival, a longer stay; reported by one of the events that may do so.
void LifeWriter::write_new_window(const std::string& id, Timestamp at) {
    constexpr std::array events{"access_code.time_frame_changed", "access_code.changed",
                                "access_code.mutations_requested"};
    const auto event = or_silent(events.at(seam_.pick(events.size())));
    const auto kind = seam_.pick(3);
    const auto by = 10min + seam_.within(5h);
    alter(
        at, id,
        [kind, by, at](CodeState& state) {
            if (kind == 0) state.starts_at = std::max(at - 1min, state.starts_at - by);
            if (kind == 1) {
                state.starts_at += by;
                if (state.ends_at) *state.ends_at += by;
            }
            if (kind == 2 && state.ends_at) *state.ends_at += by;
        },
        event, kind == 0 ? std::optional{Fault::early_check_in} : std::nullopt);
    if (kind == 0) program(at + 2s, id);
}

// Gone for a while, or only out of Seam's hands.
void LifeWriter::write_absence(const std::string& id, Timestamp at) {
    const auto back = at + 2min + seam_.within(3h);
    if (one_in(2)) return write_unmanaged(id, at, back);
    const bool removed = one_in(2);
    alter(
        at, id,
        [removed](CodeState& state) {
            state.status = "unset";
            state.removed = true;
            state.exists = removed;
        },
        removed ? "access_code.removed_from_device" : or_silent("access_code.deleted"));
    if (one_in(3)) return;
    seam_.plan(back, [&seam = seam_, id](auto now) {
        const auto& before = seam.codes_.at(id).now();
        if (now >= before.ends_at.value_or(Timestamp::max())) return;
        if (before.removed) seam.tally_.note(Fault::removed_and_set_again);
        seam.change(id, now, [](CodeState& state) {
            state.exists = true;
            state.removed = false;
            state.status = "set";
        });
        seam.emit("access_code.set_on_device", id, now, {{"code", "123456"}});
    });
}

void LifeWriter::write_unmanaged(const std::string& id, Timestamp at, Timestamp back) {
    alter(at, id, [](CodeState& state) { state.managed = false; });
    alter(
        back, id, [](CodeState& state) { state.managed = true; },
        or_silent("access_code.unmanaged.converted_to_managed"),
        Fault::unmanaged_and_managed_again);
}

void LifeWriter::write_end(const std::string& id) {
    const auto& ends_at = seam_.codes_.at(id).now().ends_at;
    if (!ends_at) return;
    if (one_in(8))
        return alter(
            *ends_at - 1s - seam_.within(10min), id,
            [by = 1h + seam_.within(6h)](CodeState& state) { *state.ends_at += by; }, "",
            Fault::extended_at_the_last_moment);
    if (one_in(7)) return write_late_extension(id, *ends_at + seam_.within(2h));
    if (!one_in(2)) return;  // it stays readable
    seam_.plan(*ends_at + seam_.within(2h), [&seam = seam_, id](auto now) {
        if (alive(seam.codes_.at(id).now(), now)) return;
        seam.change(id, now, [](CodeState& state) { state.exists = false; });
        seam.emit("access_code.removed_from_device", id, now);
    });
}

void LifeWriter::write_late_extension(const std::string& id, Timestamp at) {
    constexpr std::array<std::pair<const char*, Fault>, 6> ways{{
        {"access_code.time_frame_changed", Fault::extended_after_end_time_frame_changed},
        {"access_code.changed", Fault::extended_after_end_changed},
        {"access_code.mutations_requested", Fault::extended_after_end_mutations_requested},
        {"access_code.modified_external_to_seam", Fault::extended_after_end_modified_external},
        {"access_code.set_on_device", Fault::extended_after_end_set_on_device},
        {"access_code.unmanaged.converted_to_managed",
         Fault::extended_after_end_converted_to_managed},
    }};
    const auto& [reported, fault] = ways.at(seam_.pick(ways.size()));
    const auto event = or_silent(reported);
    seam_.plan(at, [&seam = seam_, id, event, by = 1h + seam_.within(6h),
                    fault = event.empty() ? Fault::extended_after_end_silently : fault](auto now) {
        const auto before = seam.codes_.at(id).now();
        if (!before.exists || before.removed || alive(before, now)) return;
        seam.tally_.note(fault);
        seam.change(id, now, [&](CodeState& state) {
            state.ends_at = now + by;
            state.status = "set";
            state.managed = true;
        });
        if (!event.empty())
            seam.emit(event, id, now, details(event, before, seam.codes_.at(id).now()));
    });
}

void LifeWriter::write_account() {
    const auto at = start_ + seam_.within(length_);
    const auto all = [&seam = seam_](auto now, auto act) {
        for (auto& [id, code] : seam.codes_)
            if (code.workspace_id == "workspace1") seam.change(id, now, act);
    };
    seam_.plan(at, [&seam = seam_, all](auto now) {
        seam.tally_.note(Fault::account_lost);
        all(now, [](CodeState& state) {
            if (state.exists && !state.removed) state.status = "unknown";
        });
        seam.emit_for_account_or_device("connected_account.disconnected", "", now);
    });
    seam_.plan(at + 1min + seam_.within(4h), [&seam = seam_, all](auto now) {
        all(now, [now](CodeState& state) {
            if (state.status == "unknown")
                state.status = now >= state.starts_at - just_in_time ? "set" : "unset";
        });
        seam.emit_for_account_or_device("connected_account.connected", "", now);
    });
}

void LifeWriter::write_lock() {
    const auto at = start_ + seam_.within(length_);
    const auto turn = [&seam = seam_](auto now, bool managed, std::string_view event) {
        for (auto& [id, code] : seam.codes_)
            if (code.device_id == "device2" && code.workspace_id == "workspace1")
                seam.change(id, now, [&](CodeState& state) { state.managed = managed; });
        if (managed) seam.tally_.note(Fault::lock_unmanaged_and_managed_again);
        if (managed) seam.unmanaged_devices_.erase("device2");
        if (!managed) seam.unmanaged_devices_.insert("device2");
        seam.emit_for_account_or_device(event, "device2", now);
    };
    seam_.plan(at, [turn](auto now) { turn(now, false, "device.converted_to_unmanaged"); });
    seam_.plan(at + 5min + seam_.within(3h),
               [turn](auto now) { turn(now, true, "device.unmanaged.converted_to_managed"); });
}

// A housekeeper changes every booking at once and books some more, which nothing else tells of.
void LifeWriter::write_burst(Timestamp at) {
    std::vector<std::string> booked;
    for (std::size_t i = 0; i < 3; ++i) {
        booked.push_back(fmt::format("burst{}", i));
        auto& code = seam_.codes_[booked.back()];
        code.id = booked.back();
        code.created_at = at;
        code.states.front().second.starts_at = at + 3h;
        code.states.front().second.ends_at = at + 9h;
        write_setting(code.id);
    }
    seam_.plan(at, [&seam = seam_, booked](auto now) {
        const auto count = seam.temper_.burst;
        const auto share = count / booked.size();
        if (count > 500) seam.tally_.note(Fault::more_than_500_events_in_a_second);
        auto named = seam.codes_.begin();
        for (std::size_t i = 0; i < count; ++i) {
            const std::chrono::microseconds after{seam.temper_.dense ? 400'000 + i / 8
                                                                     : i * 900'000 / count};
            if (i % share == share / 2 && i / share < booked.size()) {
                const auto& id = booked[i / share];
                seam.change(id, now, [](CodeState& state) { state.exists = true; });
                seam.emit("access_code.created", id, now, {}, after);
                continue;
            }
            if (++named == seam.codes_.end()) named = seam.codes_.begin();
            if (alive(named->second.now(), now))
                seam.emit("access_code.changed", named->first, now, {}, after);
        }
    });
}

}  // namespace oracode::test
