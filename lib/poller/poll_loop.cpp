#include "poller/poll_loop.hpp"

#include <algorithm>
#include <utility>

#include "poller/earlier.hpp"

namespace oracode::poller {
namespace {

constexpr std::chrono::seconds pause_after_store_failure{1};
constexpr std::chrono::seconds longest_wait_to_ask{10};  // a caller waits for the answer
// The wall clock may be set while the loop sleeps: it looks at least this often.
constexpr std::chrono::minutes longest_sleep{1};
constexpr std::chrono::seconds stepped_back{2};
constexpr std::chrono::seconds stepped_forward{30};

}  // namespace

PollLoop::PollLoop(Dependencies deps)
    : deps_(std::move(deps)),
      planner_(deps_.planner, deps_.now(), deps_.store.events_known_to(), deps_.random),
      last_seen_(deps_.now()) {}

void PollLoop::look() {
    if (stopping_) return;
    const auto now = deps_.now();
    notice_clock(now);
    try {
        look_at_alerts(now);
        if (busy_) return sleep_until(next_alert_look_, now);
        look_and_plan(now);
        deps_.observer.reads();
    } catch (const std::exception& failure) {
        pause_reading(failure, now);
    }
}

// The disk may come back; damage stays, and the log names it.
void PollLoop::pause_reading(const std::exception& failure, Timestamp now) {
    deps_.observer.cannot_read(failure.what());
    if (!busy_) turn_callers_away({Errc::store_unavailable, failure.what()});
    sleep_until(now + pause_after_store_failure, now);
}

void PollLoop::look_and_plan(Timestamp now) {
    // What was kept while the clock stood ahead is put right by the next write, which this brings.
    if (std::exchange(set_back_, false)) planner_.begin_again(deps_.store.events_known_to(), now);
    if (end_expired(now)) return;
    const auto by_the_clock = [this] { return earlier(deps_.store.next_end(), next_alert_look_); };
    if (!asks_seam_) return sleep_until(by_the_clock(), now);
    // What Seam has answered since may have closed the way for an hour.
    if (!callers_.empty())
        if (const auto why = cannot_ask(now)) turn_callers_away(*why);
    const auto request = planner_.next(now, deps_.store);
    note_state(now);
    if (request) return send(*request);
    if (auto foreign = planner_.take_foreign(); !foreign.empty()) {
        Effects effects;
        effects.unanswered = std::move(foreign);
        return carry_out(std::move(effects));
    }
    sleep_until(earlier(by_the_clock(), planner_.wake_at()), now);
}

// What was measured of Seam's clock holds only while ours is not set.
void PollLoop::notice_clock(Timestamp now) {
    const bool back = now + stepped_back < last_seen_;
    const bool forward = awake_by_ && now > *awake_by_ + stepped_forward;
    set_back_ = set_back_ || back;
    if (back) {
        alerts_settled_ = false;
        alerts_again_ = Timestamp{};
    }
    if (back || forward) {
        offset_.forget();
        planner_.set_clock_offset(Duration{0});
    }
    last_seen_ = now;
    awake_by_.reset();
}

// Beside whatever else is under way: a Seam that takes its time holds up no alert.
void PollLoop::look_at_alerts(Timestamp now) {
    next_alert_look_ = next_alert_look();
    if (!next_alert_look_ || *next_alert_look_ > now) return;
    next_alert_look_.reset();
    looking_at_alerts_ = true;
    deps_.store.look_at_alerts([this](const Result<bool>& more) {
        looking_at_alerts_ = false;
        if (more)
            alerts_settled_ = !*more;
        else
            alerts_again_ = deps_.now() + pause_after_store_failure;
        look();
    });
}

// At once where all have to be looked at; else when the next code comes near its start. nullopt:
// none will, or a look is under way.
std::optional<Timestamp> PollLoop::next_alert_look() {
    if (looking_at_alerts_) return std::nullopt;
    if (!alerts_settled_) return alerts_again_;
    const auto start = deps_.store.next_start();
    if (!start) return std::nullopt;
    return std::max(*start - deps_.alerts.before, alerts_again_);
}

// True when there were codes to end, and `look` will be called again.
bool PollLoop::end_expired(Timestamp now) {
    Effects effects;
    for (auto& id : deps_.store.expired(now, deps_.planner.batch)) {
        Statement over;
        over.event.source = lifecycle::Source::clock;
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
    note_sent(request);
    sleep_until(next_alert_look_, deps_.now());
    deps_.seam.send(request, [this, request](seam::CallResult<Shown> answer) {
        answered(request, std::move(answer));
    });
}

// A question that is under way when a caller comes may have been asked too early for it.
void PollLoop::note_sent(const Request& request) {
    const auto* const get = std::get_if<GetCode>(&request);
    if (get == nullptr || get->other_unknown) return;
    const auto [first, last] = callers_.equal_range(get->access_code_id);
    for (auto waiting = first; waiting != last; ++waiting) waiting->second.sent = true;
}

void PollLoop::observe_clock(Timestamp sent_at, std::optional<Timestamp> received_at,
                             std::optional<Timestamp> seam_date) {
    if (seam_date) offset_.observe(*seam_date, sent_at, received_at.value_or(sent_at));
    planner_.set_clock_offset(offset_.correction());
}

void PollLoop::answered(const Request& request, seam::CallResult<Shown> answer) {
    const auto now = deps_.now();
    notice_clock(now);
    if (answer) {
        observe_clock(answer->sent_at, answer->received_at, answer->seam_date);
    } else if (const auto& error = answer.error(); error.sent_at != Timestamp{}) {
        observe_clock(error.sent_at, error.received_at, error.seam_date);
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

// All that an answer brings is one transaction. Only with every event of a stretch may the next one
// begin behind it: the store notes how far the backfill came, or keeps the mark as it was.
void PollLoop::carry_out(Effects effects) {
    busy_ = true;
    store::StatementBatch batch{std::move(effects.statements), std::move(effects.unanswered),
                                deps_.now(), effects.backfilled_to};
    if (batch.statements.empty() && batch.unanswered.empty() && !batch.backfilled_to)
        return carried_out(true, effects.settled);
    std::vector<lifecycle::Source> sources;
    for (const auto& statement : batch.statements) sources.push_back(statement.event.source);
    deps_.store.record_all(std::move(batch), [this, sources = std::move(sources),
                                              settled = std::move(effects.settled)](
                                                 const Result<store::BatchOutcome>& outcome) {
        if (outcome) report(outcome->recorded, sources);
        carried_out(outcome && outcome->complete, settled);
    });
}

void PollLoop::report(const std::vector<Result<store::Recorded>>& recorded,
                      const std::vector<lifecycle::Source>& sources) {
    std::size_t recovered = 0;  // events that no webhook had brought
    for (std::size_t i = 0; i < recorded.size(); ++i) {
        const auto& kept = recorded.at(i);
        if (!kept) continue;
        deps_.observer.corrected(kept->corrections);
        if (sources.at(i) == lifecycle::Source::backfill && !kept->duplicate) ++recovered;
    }
    if (recovered > 0) deps_.observer.recovered(recovered);
}

void PollLoop::carried_out(bool complete, const std::optional<Settled>& settled) {
    busy_ = false;
    if (settled) {
        const Result<void> kept =
            complete ? settled->outcome
                     : Result<void>{Error{Errc::store_unavailable, "not recorded"}};
        answer_callers(settled->access_code_id, kept, false);
    }
    if (complete) return look();
    const auto now = deps_.now();
    planner_.begin_again(deps_.store.events_known_to(), now);
    sleep_until(now + pause_after_store_failure, now);
}

// Why Seam can not be asked for a caller, who waits for the answer; nullopt: it can.
std::optional<Error> PollLoop::cannot_ask(Timestamp now) {
    const auto state = planner_.breaker(now);
    if (stopping_ || state == seam::BreakerState::open)
        return Error{Errc::seam_unreachable, "Seam does not answer at present"};
    if (!asks_seam_ || state == seam::BreakerState::bad_key)
        return Error{Errc::seam_refused, "there is no API key that Seam takes"};
    if (planner_.allowed_at(now) > now + longest_wait_to_ask)
        return Error{Errc::seam_rate_limited, "Seam may not be asked for a while"};
    return std::nullopt;
}

void PollLoop::turn_callers_away(const Error& why) {
    planner_.withdraw_requested();
    while (!callers_.empty()) {
        const auto id = callers_.begin()->first;
        answer_callers(id, why, true);
    }
}

void PollLoop::ask(const std::string& access_code_id, lifecycle::Source source, Answered done) {
    if (auto why = cannot_ask(deps_.now())) return done(std::move(*why));
    GetCode code{access_code_id};
    if (const auto known = deps_.store.find(access_code_id)) {
        if (planner_.is_foreign(*known))
            return done(Error{Errc::conflict, "the access code is of workspace " +
                                                  known->workspace_id + ", the API key of " +
                                                  planner_.key_workspace()});
        code = get_of(*known);
    }
    code.source = source;
    callers_.emplace(access_code_id, Caller{code, std::move(done)});
    planner_.ask(std::move(code));
    look();
}

void PollLoop::answer_callers(const std::string& access_code_id, const Result<void>& outcome,
                              bool also_unsent) {
    const auto [first, last] = callers_.equal_range(access_code_id);
    std::vector<Answered> to_notify;
    for (auto waiting = first; waiting != last;) {
        auto& [question, done, sent] = waiting->second;
        if (!sent && !also_unsent) {
            planner_.ask(question);
            ++waiting;
            continue;
        }
        to_notify.push_back(std::move(done));
        waiting = callers_.erase(waiting);
    }
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
    turn_callers_away({Errc::seam_unreachable, "the daemon is ending"});
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
