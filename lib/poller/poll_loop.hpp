// The poller's loop without threads, sockets and timers: ends codes whose time is over, has alerts
// opened when a code comes near its start, sends what the planner chooses, carries the effects of
// answers into the store, sleeps. Owned by the Poller or by a simulation; used on one thread.
#pragma once

#include <exception>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lifecycle/alert.hpp"
#include "poller/planner.hpp"
#include "poller/ports.hpp"
#include "seam/clock_offset.hpp"

namespace oracode::poller {

class PollLoop {
public:
    // All references outlive the loop. `random`: numbers from 0 up to below 1, for jitter.
    struct Dependencies {
        SeamPort& seam;
        StorePort& store;
        Alarm& alarm;
        PollObserver& observer;
        Clock now;
        PlannerOptions planner;
        lifecycle::AlertPolicy alerts;
        std::function<double()> random;
    };
    explicit PollLoop(Dependencies deps);

    // What is due now. The alarm calls it, and code that has recorded something that may be due;
    // the first call starts the loop. Without a key codes end and alerts open by the clock, and
    // nothing is asked. While a request or a write is under way only alerts are looked after.
    void look();

    using Answered = std::function<void(Result<void>)>;
    // Asks Seam for the code now, within the budget, and calls `done`, perhaps from within, once
    // what Seam said is recorded. Errc::not_found: Seam does not know it; Errc::conflict: the code
    // is of another workspace than the key's; Errc::seam_unreachable, seam_refused,
    // seam_rate_limited, unauthenticated: no answer to be had now.
    void ask(const std::string& access_code_id, lifecycle::Source source, Answered done);

    // Whether there is a key to ask with. A changed key gets its chance at once, and its workspace
    // is asked for.
    void set_key(bool present);
    [[nodiscard]] bool asks_seam() const { return asks_seam_; }
    // Nothing is sent or set any more; callers that wait for an answer are informed.
    void stop();

    [[nodiscard]] const PollState& state() const { return state_; }

private:
    void look_and_plan(Timestamp now);
    void pause_reading(const std::exception& failure, Timestamp now);
    void notice_clock(Timestamp now);
    bool end_expired(Timestamp now);
    void look_at_alerts(Timestamp now);
    [[nodiscard]] std::optional<Timestamp> next_alert_look();
    void send(const Request& request);
    void answered(const Request& request, seam::CallResult<Shown> answer);
    void observe_clock(Timestamp sent_at, std::optional<Timestamp> received_at,
                       std::optional<Timestamp> seam_date);
    void carry_out(Effects effects);
    void report(const std::vector<Result<store::Recorded>>& recorded,
                const std::vector<lifecycle::Source>& sources);
    void carried_out(bool complete, const std::optional<Settled>& settled);
    [[nodiscard]] std::optional<Error> cannot_ask(Timestamp now);
    void turn_callers_away(const Error& why);
    void note_sent(const Request& request);
    void answer_callers(const std::string& access_code_id, const Result<void>& outcome,
                        bool also_unsent);
    void sleep_until(std::optional<Timestamp> at, Timestamp now);
    void note_state(Timestamp now);

    Dependencies deps_;
    Planner planner_;
    seam::ClockOffset offset_;
    struct Caller {
        GetCode question;
        Answered done;
        bool sent = false;  // Seam was asked since the caller came
    };
    std::multimap<std::string, Caller> callers_;
    bool asks_seam_ = false;
    bool set_back_ = false;  // our clock, since the last look
    bool busy_ = false;      // a request or a write is under way
    bool looking_at_alerts_ = false;
    bool alerts_settled_ = false;               // since the start, or since our clock was set back
    Timestamp alerts_again_{};                  // not before: the store refused a look
    std::optional<Timestamp> next_alert_look_;  // as of the last look
    bool stopping_ = false;
    Timestamp last_seen_{};              // our clock, the last time it was looked at
    std::optional<Timestamp> awake_by_;  // a later moment means that the clock was set
    PollState state_;
};

}  // namespace oracode::poller
