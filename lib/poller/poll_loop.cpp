#include "poller/poll_loop.hpp"

#include <algorithm>
#include <utility>

namespace oracode::poller {
namespace {

constexpr std::chrono::seconds pause_after_store_failure{1};
constexpr std::chrono::seconds longest_wait_to_ask{10};  // somebody waits for the answer
// The wall clock may be set while the loop sleeps: it looks at least this often.
constexpr std::chrono::minutes longest_sleep{1};
constexpr std::chrono::seconds stepped_back{2};
constexpr std::chrono::seconds stepped_forward{30};

}  // namespace

// The effects of one answer on their way into the store.
struct PollLoop::Round {
    std::size_t open = 0;
    bool failed = false;
    std::size_t recovered = 0;  // events that no webhook had brought
    std::optional<Timestamp> backfilled_to;
    std::optional<Settled> settled;
};

PollLoop::PollLoop(Parts parts)
    : parts_(std::move(parts)),
      planner_(parts_.planner, parts_.now(), parts_.store.events_known_to(), parts_.random),
      last_seen_(parts_.now()) {}

void PollLoop::look() {
    if (busy_ || stopping_) return;
    const auto now = parts_.now();
    notice_clock(now);
    if (end_expired(now)) return;
    if (!asks_seam_) return sleep_until(parts_.store.next_end(), now);
    const auto request = planner_.next(now, parts_.store);
    note_state(now);
    if (request) return send(*request);
    if (auto foreign = planner_.take_foreign(); !foreign.empty()) {
        Effects effects;
        effects.unanswered = std::move(foreign);
        return carry_out(std::move(effects));
    }
    const auto end = parts_.store.next_end();
    const auto wake = planner_.wake_at();
    sleep_until(end && wake ? std::min(end, wake) : (end ? end : wake), now);
}

// What was measured of Seam's clock holds only while ours is not set.
void PollLoop::notice_clock(Timestamp now) {
    const bool back = now + stepped_back < last_seen_;
    const bool forward = awake_by_ && now > *awake_by_ + stepped_forward;
    if (back || forward) {
        offset_.forget();
        planner_.set_clock_offset(Duration{0});
    }
    last_seen_ = now;
    awake_by_.reset();
}

// True when there were codes to end, and `look` will be called again.
bool PollLoop::end_expired(Timestamp now) {
    Effects effects;
    for (auto& id : parts_.store.expired(now, parts_.planner.batch)) {
        Statement over;
        over.event.source = Source::clock;
        over.event.access_code_id = std::move(id);
        over.event.occurred_at = now;
        effects.statements.push_back(std::move(over));
    }
    if (effects.statements.empty()) return false;
    carry_out(std::move(effects));
    return true;
}

void PollLoop::send(const Request& request) {
    busy_ = true;
    parts_.seam.send(request, [this, request](seam::CallResult<Shown> answer) {
        answered(request, std::move(answer));
    });
}

Timestamp PollLoop::corrected(Timestamp sent_at, std::optional<Timestamp> received_at,
                              std::optional<Timestamp> seam_date) {
    if (seam_date) offset_.observe(*seam_date, sent_at, received_at.value_or(sent_at));
    planner_.set_clock_offset(offset_.correction());
    return sent_at + offset_.correction();
}

void PollLoop::answered(const Request& request, seam::CallResult<Shown> answer) {
    const auto now = parts_.now();
    notice_clock(now);
    if (answer) {
        answer->sent_at = corrected(answer->sent_at, answer->received_at, answer->seam_date);
    } else if (auto error = answer.error(); error.sent_at != Timestamp{}) {
        error.sent_at = corrected(error.sent_at, error.received_at, error.seam_date);
        answer = std::move(error);
    }
    parts_.observer.polled(name(request), answer ? 200 : answer.error().status, now);
    if (!answer && answer.error().code != Errc::not_found)
        parts_.observer.failed(request, answer.error());
    auto effects = planner_.digest(request, answer, now, parts_.store);
    for (auto& id : planner_.take_foreign()) effects.unanswered.push_back(std::move(id));
    note_state(now);
    if (effects.breaker_changed) parts_.observer.breaker_changed(*effects.breaker_changed);
    if (effects.events_lost) parts_.observer.events_lost();
    carry_out(std::move(effects));
}

void PollLoop::carry_out(Effects effects) {
    busy_ = true;
    auto round = std::make_shared<Round>();
    round->open = 1 + effects.statements.size() + effects.unanswered.size();
    round->backfilled_to = effects.backfilled_to;
    round->settled = std::move(effects.settled);
    for (auto& statement : effects.statements) {
        const bool listed = statement.event.source == Source::backfill;
        parts_.store.record(std::move(statement),
                            [this, round, listed](const Result<Recorded>& recorded) {
                                if (!recorded) {
                                    round->failed = true;
                                } else if (recorded->transition) {
                                    parts_.observer.transition(*recorded->transition);
                                }
                                if (listed && recorded && !recorded->duplicate) ++round->recovered;
                                finished(round);
                            });
    }
    for (auto& id : effects.unanswered) {
        parts_.store.postpone(std::move(id), parts_.now(),
                              [this, round](const Result<bool>& postponed) {
                                  if (!postponed) round->failed = true;
                                  finished(round);
                              });
    }
    finished(round);
}

void PollLoop::finished(const std::shared_ptr<Round>& round) {
    if (--round->open > 0) return;
    if (const auto recovered = std::exchange(round->recovered, 0); recovered > 0)
        parts_.observer.recovered(recovered);
    // Only when every event of the stretch is durable may the next one begin behind it.
    if (round->backfilled_to && !round->failed) {
        ++round->open;
        const auto to = *std::exchange(round->backfilled_to, std::nullopt);
        return parts_.store.note_backfill(to, [this, round](const Result<bool>& noted) {
            if (!noted) round->failed = true;
            finished(round);
        });
    }
    busy_ = false;
    if (round->settled) {
        const Result<void> kept = round->failed
                                      ? Result<void>{Error{Errc::store_unavailable, "not recorded"}}
                                      : round->settled->outcome;
        tell(round->settled->access_code_id, kept);
    }
    if (!round->failed) return look();
    const auto now = parts_.now();
    planner_.begin_again(parts_.store.events_known_to(), now);
    sleep_until(now + pause_after_store_failure, now);
}

void PollLoop::ask(const std::string& access_code_id, Source source, Answered done) {
    const auto now = parts_.now();
    const auto state = planner_.breaker(now);
    if (stopping_ || state == seam::BreakerState::open)
        return done(Error{Errc::seam_unreachable, "Seam does not answer at present"});
    if (!asks_seam_ || state == seam::BreakerState::bad_key)
        return done(Error{Errc::seam_refused, "there is no API key that Seam takes"});
    if (planner_.allowed_at(now) > now + longest_wait_to_ask)
        return done(Error{Errc::seam_rate_limited, "Seam may not be asked for a while"});
    GetCode code{access_code_id, source};
    if (const auto known = parts_.store.find(access_code_id)) {
        if (planner_.is_foreign(*known))
            return done(Error{Errc::conflict, "the access code is of workspace " +
                                                  known->workspace_id + ", the API key of " +
                                                  planner_.key_workspace()});
        code.starts_at = known->starts_at;
        code.workspace_id = known->workspace_id;
    }
    waiting_.emplace(access_code_id, std::move(done));
    planner_.ask(std::move(code));
    look();
}

void PollLoop::tell(const std::string& access_code_id, const Result<void>& outcome) {
    const auto [first, last] = waiting_.equal_range(access_code_id);
    std::vector<Answered> told;
    for (auto waiting = first; waiting != last; ++waiting)
        told.push_back(std::move(waiting->second));
    waiting_.erase(first, last);
    for (const auto& done : told) done(outcome);
}

void PollLoop::set_key(bool present) {
    asks_seam_ = present;
    planner_.key_changed(parts_.now());
    look();
}

void PollLoop::stop() {
    stopping_ = true;
    parts_.alarm.set(std::nullopt);
    while (!waiting_.empty()) {
        const auto id = waiting_.begin()->first;
        tell(id, Error{Errc::seam_unreachable, "the daemon is ending"});
    }
}

void PollLoop::sleep_until(std::optional<Timestamp> at, Timestamp now) {
    if (stopping_) return;
    auto wake = now + longest_sleep;
    if (at) wake = std::clamp<Timestamp>(*at, now + Duration{1}, wake);
    awake_by_ = wake;
    parts_.alarm.set(wake);
}

void PollLoop::note_state(Timestamp now) {
    auto state = planner_.state(now);
    state.clock_offset = offset_.estimate();
    if (state == state_) return;
    const auto before = std::exchange(state_, std::move(state));
    parts_.observer.state_changed(state_, before);
}

}  // namespace oracode::poller
