#include "poller/poll_loop.hpp"

#include <algorithm>
#include <utility>

namespace oracode::poller {
namespace {

constexpr std::chrono::seconds pause_after_store_failure{1};
constexpr std::chrono::seconds longest_wait_to_ask{10};  // a caller waits for the answer
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

PollLoop::PollLoop(Dependencies deps)
    : deps_(std::move(deps)),
      planner_(deps_.planner, deps_.now(), deps_.store.events_known_to(), deps_.random),
      last_seen_(deps_.now()) {}

void PollLoop::look() {
    if (busy_ || stopping_) return;
    const auto now = deps_.now();
    notice_clock(now);
    try {
        look_and_plan(now);
        deps_.observer.reads();
    } catch (const std::exception& failure) {
        pause_reading(failure, now);
    }
}

// The disk may come back; damage stays, and the log names it.
void PollLoop::pause_reading(const std::exception& failure, Timestamp now) {
    deps_.observer.cannot_read(failure.what());
    while (!callers_.empty()) {
        const auto id = callers_.begin()->first;
        tell(id, Error{Errc::store_unavailable, failure.what()});
    }
    sleep_until(now + pause_after_store_failure, now);
}

void PollLoop::look_and_plan(Timestamp now) {
    // What was kept while the clock stood ahead is put right by the next write, which this brings.
    if (std::exchange(set_back_, false)) planner_.begin_again(deps_.store.events_known_to(), now);
    if (end_expired(now)) return;
    if (!asks_seam_) return sleep_until(deps_.store.next_end(), now);
    const auto request = planner_.next(now, deps_.store);
    note_state(now);
    if (request) return send(*request);
    if (auto foreign = planner_.take_foreign(); !foreign.empty()) {
        Effects effects;
        effects.unanswered = std::move(foreign);
        return carry_out(std::move(effects));
    }
    const auto end = deps_.store.next_end();
    const auto wake = planner_.wake_at();
    sleep_until(end && wake ? std::min(end, wake) : (end ? end : wake), now);
}

// What was measured of Seam's clock holds only while ours is not set.
void PollLoop::notice_clock(Timestamp now) {
    const bool back = now + stepped_back < last_seen_;
    const bool forward = awake_by_ && now > *awake_by_ + stepped_forward;
    set_back_ = set_back_ || back;
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
    for (auto& id : deps_.store.expired(now, deps_.planner.batch)) {
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
    deps_.seam.send(request, [this, request](seam::CallResult<Shown> answer) {
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
    const auto now = deps_.now();
    notice_clock(now);
    if (answer) {
        answer->sent_at = corrected(answer->sent_at, answer->received_at, answer->seam_date);
    } else if (auto error = answer.error(); error.sent_at != Timestamp{}) {
        error.sent_at = corrected(error.sent_at, error.received_at, error.seam_date);
        answer = std::move(error);
    }
    deps_.observer.polled(name(request), answer ? 200 : answer.error().status, now);
    if (!answer && answer.error().code != Errc::not_found)
        deps_.observer.failed(request, answer.error());
    auto effects = planner_.interpret(request, answer, now, deps_.store);
    for (auto& id : planner_.take_foreign()) effects.unanswered.push_back(std::move(id));
    note_state(now);
    if (effects.breaker_changed) deps_.observer.breaker_changed(*effects.breaker_changed);
    if (effects.events_lost) deps_.observer.events_lost();
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
        deps_.store.record(std::move(statement),
                           [this, round, listed](const Result<Recorded>& recorded) {
                               if (!recorded) round->failed = true;
                               if (recorded) deps_.observer.corrected(recorded->corrections);
                               if (listed && recorded && !recorded->duplicate) ++round->recovered;
                               finished(round);
                           });
    }
    for (auto& id : effects.unanswered) {
        deps_.store.postpone(std::move(id), deps_.now(),
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
        deps_.observer.recovered(recovered);
    // Only when every event of the stretch is durable may the next one begin behind it.
    if (round->backfilled_to && !round->failed) {
        ++round->open;
        const auto to = *std::exchange(round->backfilled_to, std::nullopt);
        return deps_.store.note_backfill(to, [this, round](const Result<bool>& noted) {
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
    const auto now = deps_.now();
    planner_.begin_again(deps_.store.events_known_to(), now);
    sleep_until(now + pause_after_store_failure, now);
}

void PollLoop::ask(const std::string& access_code_id, Source source, Answered done) {
    const auto now = deps_.now();
    const auto state = planner_.breaker(now);
    if (stopping_ || state == seam::BreakerState::open)
        return done(Error{Errc::seam_unreachable, "Seam does not answer at present"});
    if (!asks_seam_ || state == seam::BreakerState::bad_key)
        return done(Error{Errc::seam_refused, "there is no API key that Seam takes"});
    if (planner_.allowed_at(now) > now + longest_wait_to_ask)
        return done(Error{Errc::seam_rate_limited, "Seam may not be asked for a while"});
    GetCode code{access_code_id, source};
    if (const auto known = deps_.store.find(access_code_id)) {
        if (planner_.is_foreign(*known))
            return done(Error{Errc::conflict, "the access code is of workspace " +
                                                  known->workspace_id + ", the API key of " +
                                                  planner_.key_workspace()});
        code.starts_at = known->starts_at;
        code.workspace_id = known->workspace_id;
    }
    callers_.emplace(access_code_id, std::move(done));
    planner_.ask(std::move(code));
    look();
}

void PollLoop::tell(const std::string& access_code_id, const Result<void>& outcome) {
    const auto [first, last] = callers_.equal_range(access_code_id);
    std::vector<Answered> to_notify;
    for (auto waiting = first; waiting != last; ++waiting)
        to_notify.push_back(std::move(waiting->second));
    callers_.erase(first, last);
    for (const auto& done : to_notify) done(outcome);
}

void PollLoop::set_key(bool present) {
    asks_seam_ = present;
    planner_.key_changed(deps_.now());
    look();
}

void PollLoop::stop() {
    stopping_ = true;
    deps_.alarm.set(std::nullopt);
    while (!callers_.empty()) {
        const auto id = callers_.begin()->first;
        tell(id, Error{Errc::seam_unreachable, "the daemon is ending"});
    }
}

void PollLoop::sleep_until(std::optional<Timestamp> at, Timestamp now) {
    if (stopping_) return;
    auto wake = now + longest_sleep;
    if (at) wake = std::clamp<Timestamp>(*at, now + Duration{1}, wake);
    awake_by_ = wake;
    deps_.alarm.set(wake);
}

void PollLoop::note_state(Timestamp now) {
    auto state = planner_.state(now);
    state.clock_offset = offset_.estimate();
    if (state == state_) return;
    const auto before = std::exchange(state_, std::move(state));
    deps_.observer.state_changed(state_, before);
}

}  // namespace oracode::poller
