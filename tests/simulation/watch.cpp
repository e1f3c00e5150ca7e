#include "simulation/watch.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "simulation/promises.hpp"

namespace oracode::test {
namespace {

using namespace std::chrono_literals;

// When a code is looked at more often: as Seam begins to register it, or the lock itself starts it.
Timestamp near_from(const CodeAtSeam& code) {
    const auto& policy = promises::policy;
    return code.now().starts_at + (code.scheduled_on_device ? policy.grace : -policy.lead);
}

}  // namespace

void Watch::trouble_begins(Timestamp now, const std::string& id) {
    trouble_from_.emplace(id, now);
}

void Watch::trouble_ends(Timestamp now, const std::string& id) {
    const auto from = trouble_from_.find(id);
    if (from == trouble_from_.end()) return;
    if (now - from->second >= options_.backfill) events_lost_before_ = now;
    trouble_from_.erase(from);
    clear_from_[id] = now + promises::recovery;
    for (const auto& [code, standing] : standings_) again_(now + promises::recovery, code);
}

// Timestamp::max() while there is trouble.
Timestamp Watch::clear_since(const std::string& id) const {
    auto since = Timestamp::min();
    for (const auto& about : {std::string{}, id}) {
        if (trouble_from_.contains(about)) return Timestamp::max();
        if (const auto from = clear_from_.find(about); from != clear_from_.end())
            since = std::max(since, from->second);
    }
    return since;
}

void Watch::notice_life(Standing& standing, const CodeAtSeam& code, Timestamp now) const {
    if (!alive(code.now(), now)) {
        standing.alive_since.reset();
        standing.reported_since_alive.reset();
        return;
    }
    if (!standing.alive_since) standing.alive_since = now;
    if (!standing.reported_since_alive && code.reported_at >= *standing.alive_since)
        standing.reported_since_alive = code.reported_at;
}

Watch::Fault Watch::unknown(std::string what, const Standing& standing) const {
    const auto& reported = standing.reported_since_alive;
    if (reported && *reported >= events_lost_before_)
        return {std::move(what), promises::unknown_reported, *reported};
    return {std::move(what), promises::unknown_silent(options_.discover)};
}

Watch::Faults Watch::faults(const CodeAtSeam& code, const AccessCode* held, Timestamp now,
                            Timestamp clock, const Standing& standing) const {
    Faults out;
    const auto& state = code.now();
    const bool lives = alive(state, now);
    const bool of_our_workspace = code.workspace_id == "workspace1";
    if (!held) {
        const bool to_be_known = lives && state.managed && of_our_workspace && code.offline;
        if (to_be_known) out[0] = unknown("lives and is not known", standing);
        return out;
    }
    const bool called_ready = ready(*held, clock);
    if (!of_our_workspace) {
        // Webhooks alone tell of it, and they may be lost; but nothing else may end it.
        const bool never_gone =
            code.since([](const CodeState& s) { return s.exists; }) == code.created_at;
        if (held->ended && held->ended->reason == EndReason::deleted && lives && never_gone)
            out[1] = Fault{"of another workspace, counts as deleted", 1min};
        return out;
    }
    if (lives && held->ended) out[1] = unknown("lives and counts as ended", standing);
    if (called_ready && !opens_the_door(state, now))
        out[2] = Fault{"is called ready and does not open the door", promises::ready_falsely};
    if (!lives || held->ended || !state.managed) return out;
    const bool start_known = held->starts_at.value == state.starts_at;
    const auto near = near_from(code);
    if (!called_ready && opens_the_door(state, now))
        out[3] = Fault{
            "opens the door and is not called ready",
            code.ongoing || !start_known ? promises::status_far : promises::ready_unnoticed, near};
    if (name(held->status) != state.status)
        out[4] = Fault{fmt::format("is {} and counts as {}", state.status, name(held->status)),
                       now >= near && !code.ongoing && start_known ? promises::status_near
                                                                   : promises::status_far,
                       now >= near ? near : Timestamp::min()};
    const bool to_be_begun =
        state.status == "unset" && held->status == Status::unset && !code.scheduled_on_device &&
        !code.ongoing && start_known &&
        now >= state.starts_at - promises::policy.lead + promises::policy.grace;
    if (to_be_begun && !overdue(*held, clock, promises::policy.grace))
        out[5] = Fault{"should be on its way and is not overdue", promises::overdue_unnoticed};
    return out;
}

void Watch::look(const CodeAtSeam& code, const AccessCode* held, Timestamp now, Timestamp clock) {
    auto& standing = standings_[code.id];
    notice_life(standing, code, now);
    if (now < code.created_at + code.shows_after)
        return again_(code.created_at + code.shows_after, code.id);
    const auto found = faults(code, held, now, clock, standing);
    const auto clear = clear_since(code.id);
    for (std::size_t i = 0; i < promises; ++i) {
        auto& since = standing.wrong_since[i];
        if (!found[i]) {
            since.reset();
            continue;
        }
        if (!since) since = now;
        if (clear == Timestamp::max()) continue;  // looked at again when it is over
        const auto deadline =
            std::max({*since, clear, found[i]->at_the_earliest}) + found[i]->allowed;
        if (now < deadline) {
            again_(deadline, code.id);
        } else if (broken_.empty()) {
            broken_ = fmt::format("{} at {} {}, since {}", code.id, format_rfc3339(now),
                                  found[i]->what, format_rfc3339(*since));
        }
    }
    look_at_edges(code, now);
}

// The moments at which time alone changes what is true.
void Watch::look_at_edges(const CodeAtSeam& code, Timestamp now) {
    const auto& state = code.now();
    const auto& policy = promises::policy;
    for (const auto edge : {state.starts_at, state.ends_at.value_or(now),
                            state.starts_at - policy.lead + policy.grace})
        if (edge > now) again_(edge, code.id);
}

}  // namespace oracode::test
