#include "simulation/watch.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "simulation/promises.hpp"

namespace oracode::test {
namespace {

using namespace std::chrono_literals;

constexpr std::array<const char*, 11> promise_names{
    "known",       "alive is not ended",    "not ready falsely", "ready noticed", "status",
    "overdue",     "reported by a webhook", "gone noticed",      "no false end",  "alert opened",
    "alert closed"};

// When a code is looked at more often: as Seam begins to register it, or the lock itself starts it.
Timestamp near_from(const CodeAtSeam& code) {
    const auto& policy = test::promises::policy;
    return code.now().starts_at + (code.scheduled_on_device ? policy.grace : -policy.lead);
}

bool of_our_workspace(const CodeAtSeam& code) {
    return code.workspace_id == "workspace1";
}

bool ended_by_word(const lifecycle::AccessCode& held) {
    return held.ended && held.ended->reason != lifecycle::EndReason::expired;
}

}  // namespace

void Watch::trouble_begins(Timestamp now, const std::string& about) {
    trouble_from_.emplace(about, now);
}

void Watch::trouble_ends(Timestamp now, const std::string& about) {
    const auto from = trouble_from_.find(about);
    if (from == trouble_from_.end()) return;
    if (now - from->second >= options_.backfill) events_lost_before_ = now;
    trouble_from_.erase(from);
    clear_from_[about] = now + test::promises::recovery;
    for (const auto& [code, standing] : standings_)
        options_.again(now + test::promises::recovery, code);
}

// Timestamp::max() while there is trouble.
Timestamp Watch::clear_since(const std::string& id) const {
    auto since = Timestamp::min();
    for (const auto& about : {std::string{everything}, std::string{lost_codes}, id}) {
        if (in_trouble(about)) return Timestamp::max();
        if (const auto from = clear_from_.find(about); from != clear_from_.end())
            since = std::max(since, from->second);
    }
    return since;
}

// What no trouble excuses: these depend on the daemon alone.
Timestamp Watch::clear_since(const std::string& id, std::size_t promise) const {
    if (promise == no_false_end) return Timestamp::min();
    if (promise == alert_opened || promise == alert_closed) return started_at_;
    return clear_since(id);
}

void Watch::started(Timestamp now) {
    started_at_ = now;
    for (const auto& [code, standing] : standings_) options_.again(now, code);
}

void Watch::note_report(const std::string& id, Timestamp sent_at, Timestamp now) {
    auto& standing = standings_[id];
    if (sent_at <= standing.reported_sent) return;  // once more what was reported already
    standing.reported_sent = sent_at;
    standing.reported_at = now;
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

// The only code of all, which Seam itself does not find three times over half an hour, is believed.
void Watch::notice_end(Standing& standing, const Sight& sight) {
    const bool ended = sight.held != nullptr && ended_by_word(*sight.held);
    const bool was_ended = std::exchange(standing.ended, ended);
    const bool was_over =
        std::exchange(standing.over, sight.held != nullptr && sight.held->ended.has_value());
    if (ended == was_ended) return;
    const bool lost = in_trouble(lost_codes) && of_our_workspace(sight.code);
    standing.given_up = ended && lost && options_.is_alone(sight.code.id);
    standing.ended_excusably =
        standing.given_up || (ended && (was_over || !alive(sight.code.now(), sight.now)));
}

Watch::Wrong Watch::unknown(std::string what, const Standing& standing) const {
    if (standing.given_up) return {std::move(what), test::promises::unknown_reported};
    const auto& reported = standing.reported_since_alive;
    const auto clear = clear_from_.find(event_lists);
    const bool listed = reported && *reported >= events_lost_before_ && !in_trouble(event_lists);
    if (listed && !standing.ended_excusably)
        return {std::move(what), test::promises::unknown_reported,
                std::max(*reported, clear == clear_from_.end() ? *reported : clear->second)};
    return {std::move(what), test::promises::unknown_silent(options_.discover)};
}

Watch::Wrongs Watch::wrongs(const Sight& sight, const Standing& standing) const {
    Wrongs out;
    const auto& [code, held, now, clock, open] = sight;
    if (!held) {
        const bool to_be_known =
            alive(code.now(), now) && code.now().managed && of_our_workspace(code) && code.offline;
        if (to_be_known) out[known] = unknown("lives and is not known", standing);
        return out;
    }
    about_its_alerts(sight, out);
    about_its_life(sight, standing, out);
    // Webhooks alone tell of a code of another workspace, and they may be lost.
    if (!of_our_workspace(code)) return out;
    about_its_state(sight, standing, out);
    // After a trouble it may be asked for no more often than others.
    if (standing.reported_sent < code.states.back().first ||
        standing.reported_at < clear_since(code.id))
        return out;
    for (const auto promise : {alive_not_ended, not_ready_falsely, ready_noticed, status_right})
        if (out[promise])
            out[report_believed] = Wrong{"was reported by a webhook: " + out[promise]->what,
                                         test::promises::reported, standing.reported_at};
    return out;
}

void Watch::about_its_life(const Sight& sight, const Standing& standing, Wrongs& out) const {
    const auto& [code, held, now, clock, open] = sight;
    const bool lives = alive(code.now(), now);
    if (lives && ended_by_word(*held) && code.never_gone() && !standing.ended_excusably)
        out[no_false_end] = Wrong{"has always been there and counts as removed or deleted"};
    if (!of_our_workspace(code)) return;
    // A look that finds a removed code under a lost account does not tell whether it is back.
    const bool unreported = ended_by_word(*held) && code.now().status == "unknown";
    if (lives && held->ended && code.now().managed && !unreported)
        out[alive_not_ended] = unknown("lives and counts as ended", standing);
    const bool gone = !code.now().exists && code.states.size() > 1;
    if (gone && !held->ended && !options_.most_are_missing(code.id))
        out[gone_noticed] =
            now >= near_from(code)
                ? Wrong{"is gone and has not ended", test::promises::gone_near, near_from(code)}
                : Wrong{"is gone and has not ended", test::promises::gone_far};
}

void Watch::about_its_alerts(const Sight& sight, Wrongs& out) {
    const auto causes = lifecycle::alerts_of(*sight.held, sight.clock, test::promises::alerts);
    for (const auto kind : {lifecycle::AlertKind::not_in_order, lifecycle::AlertKind::failed}) {
        const bool open = sight.open_alerts.contains(kind);
        if (causes.of(kind) && !open)
            out[alert_opened] =
                Wrong{fmt::format("has no open alert {}", name(kind)), test::promises::alert};
        if (!causes.of(kind) && open)
            out[alert_closed] =
                Wrong{fmt::format("has an open alert {} without a cause", name(kind)),
                      test::promises::alert};
    }
}

void Watch::about_its_state(const Sight& sight, const Standing& standing, Wrongs& out) const {
    const auto& [code, held, now, clock, open] = sight;
    const auto& state = code.now();
    const auto& policy = test::promises::policy;
    const bool called_ready = lifecycle::ready(*held, clock);
    if (called_ready && !opens_the_door(state, now))
        out[not_ready_falsely] =
            Wrong{"is called ready and does not open the door", test::promises::ready_falsely};
    if (!alive(state, now) || held->ended || !state.managed) return;
    const bool start_known = standing.start_known_since.has_value();
    const auto near =
        std::max(near_from(code), standing.start_known_since.value_or(near_from(code)));
    if (!called_ready && opens_the_door(state, now))
        out[ready_noticed] = Wrong{"opens the door and is not called ready",
                                   code.ongoing || !start_known ? test::promises::status_far
                                                                : test::promises::ready_unnoticed,
                                   near};
    if (name(held->status) != state.status)
        out[status_right] =
            Wrong{fmt::format("is {} and counts as {}", state.status, name(held->status)),
                  now >= near && !code.ongoing && start_known ? test::promises::status_near
                                                              : test::promises::status_far,
                  now >= near ? near : Timestamp::min()};
    const bool to_be_begun = state.status == "unset" && held->status == lifecycle::Status::unset &&
                             !code.scheduled_on_device && !code.ongoing && start_known &&
                             now >= state.starts_at - policy.lead + policy.grace;
    if (to_be_begun && !lifecycle::overdue(*held, clock, policy.grace))
        out[overdue_noticed] =
            Wrong{"should be on its way and is not overdue", test::promises::overdue_unnoticed};
}

void Watch::look(const CodeAtSeam& code, const Held& held, Timestamp now) {
    auto& standing = standings_[code.id];
    const Sight sight{code, held.code, now, held.clock, held.open_alerts};
    notice_life(standing, code, now);
    notice_end(standing, sight);
    const bool start_known =
        held.code != nullptr && held.code->starts_at.value == code.now().starts_at;
    if (!start_known) standing.start_known_since.reset();
    if (start_known && !standing.start_known_since) standing.start_known_since = now;
    const auto found = wrongs(sight, standing);
    const auto visible_from = code.created_at + code.shows_after;
    if (now < visible_from) options_.again(visible_from, code.id);
    for (std::size_t i = 0; i < promises; ++i) {
        // Nothing can be read of it yet; but nothing may end it for that.
        if (now < visible_from && i != no_false_end) continue;
        auto& since = standing.wrong_since[i];
        if (!found[i]) {
            if (since) measure(code.id, i, *since, now);
            since.reset();
            continue;
        }
        if (!since) since = Since{.at = now};
        judge(sight, i, *since, *found[i]);
    }
    look_at_edges(sight);
}

void Watch::judge(const Sight& sight, std::size_t promise, Since& since, const Wrong& wrong) {
    const auto& id = sight.code.id;
    const auto clear = clear_since(id, promise);
    since.counted_from = Timestamp::max();
    if (clear == Timestamp::max()) return;  // looked at again when it is over
    since.counted_from = std::max({since.at, clear, wrong.at_the_earliest});
    since.allowed = wrong.allowed;
    const auto deadline = since.counted_from + wrong.allowed;
    if (sight.now < deadline) return options_.again(deadline, id);
    if (!broken_.empty()) return;
    measure(id, promise, since, sight.now);
    broken_ = fmt::format("{} at {} {}, since {}", id, format_rfc3339(sight.now), wrong.what,
                          format_rfc3339(since.at));
}

void Watch::measure(const std::string& id, std::size_t promise, const Since& since, Timestamp now) {
    const auto from = std::max(since.counted_from, clear_since(id, promise));
    if (now <= from) return;
    auto& longest = longest_[{promise_names.at(promise), since.allowed}];
    longest = std::max(longest, now - from);
}

// The moments at which time alone changes what is true, or what the daemon takes for true.
void Watch::look_at_edges(const Sight& sight) {
    const auto& [code, held, now, clock, open] = sight;
    const auto& state = code.now();
    const auto& policy = test::promises::policy;
    const auto edge = [this, &sight](Timestamp at) {
        if (at > sight.now) options_.again(at, sight.code.id);
    };
    edge(state.starts_at);
    edge(state.ends_at.value_or(now));
    edge(state.starts_at - policy.lead + policy.grace);
    if (!held) return;
    const auto ahead = clock - now;
    if (const auto& starts_at = held->starts_at.value)
        edge(*starts_at - test::promises::alerts.before - ahead);
    for (const auto& at : {held->starts_at.value, held->ends_at.value})
        if (at && *at != state.starts_at && at != state.ends_at) edge(*at - ahead);
}

}  // namespace oracode::test
