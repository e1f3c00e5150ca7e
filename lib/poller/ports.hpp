// What the poll loop needs of the world. The daemon gives it Seam, the store, a timer and the log;
// a simulation gives it its own, under a virtual clock. All are called on the loop's one thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "poller/request.hpp"
#include "seam/client_answer.hpp"
#include "store/statement_batch.hpp"

namespace oracode::poller {

// Sends one request and calls `done` exactly once, not from within `send`.
class SeamPort {
public:
    using Done = std::function<void(seam::CallResult<Shown>)>;
    virtual void send(const Request& request, Done done) = 0;

protected:
    ~SeamPort() = default;
};

// What the planner has to know of the store.
class Agenda {
public:
    // Codes whose `next_poll_at` has come, the longest due first.
    [[nodiscard]] virtual std::vector<store::DueCode> due(Timestamp now, std::size_t limit) = 0;
    // The earliest `next_poll_at` of all, or a moment before it.
    [[nodiscard]] virtual std::optional<Timestamp> next_due(Timestamp now) = 0;
    // Codes that have not ended, in the order in which they were first heard of, behind `after`.
    [[nodiscard]] virtual store::LiveCodes live_codes(std::int64_t after, std::size_t limit) = 0;
    // nullopt: the store does not know the code.
    [[nodiscard]] virtual std::optional<store::DueCode> find(std::string_view access_code_id) = 0;

protected:
    ~Agenda() = default;
};

// The store as the loop uses it.
class StorePort : public Agenda {
public:
    [[nodiscard]] virtual std::vector<std::string> expired(Timestamp now, std::size_t limit) = 0;
    [[nodiscard]] virtual std::optional<Timestamp> next_end() = 0;
    // The earliest start of a code that was not looked at for alerts yet.
    [[nodiscard]] virtual std::optional<Timestamp> next_start() = 0;
    // Up to where every event that Seam listed is stored.
    [[nodiscard]] virtual std::optional<Timestamp> events_known_to() = 0;

    // In one transaction. `done` is called exactly once, not from within: after the commit, or with
    // an error when nothing was kept.
    using Kept = std::function<void(const Result<store::BatchOutcome>&)>;
    virtual void record_all(store::StatementBatch batch, Kept done) = 0;
    // Opens and closes the alerts of codes that came near their start. `done`, called likewise:
    // whether there are more.
    virtual void look_at_alerts(std::function<void(const Result<bool>&)> done) = 0;

protected:
    ~StorePort() = default;
};

// Calls the loop's `look` at `at`, replacing what was set before; nullopt: not at all.
class Alarm {
public:
    virtual void set(std::optional<Timestamp> at) = 0;

protected:
    ~Alarm() = default;
};

// How polling stands, for people and for gauges.
struct PollState {
    seam::BreakerState breaker = seam::BreakerState::closed;
    bool answers_unusable = false;  // Seam answers, but not with what was asked for
    std::optional<Timestamp> last_success;
    std::optional<Timestamp> backfilled_to;
    std::string key_workspace;             // empty: not known
    std::string foreign_workspace;         // of codes that the key cannot see; empty: none
    std::size_t codes_missing = 0;         // while most of the codes looked at were not found
    std::optional<Duration> clock_offset;  // Seam's clock minus ours

    friend bool operator==(const PollState&, const PollState&) = default;
};

// Informed of what operators want to know. Every function does nothing by default.
class PollObserver {
public:
    virtual void polled(std::string_view /*endpoint*/, unsigned /*status*/, Timestamp /*now*/) {}
    virtual void failed(const Request& /*request*/, const seam::CallError& /*error*/) {}
    virtual void corrected(const lifecycle::Corrections& /*made*/) {}
    virtual void recovered(std::size_t /*events*/) {}
    // The store could not be read, or can be read.
    virtual void cannot_read(std::string_view /*why*/) {}
    virtual void reads() {}
    virtual void breaker_changed(seam::BreakerState /*state*/) {}
    virtual void events_lost() {}
    // After every answer; `before` is what was reported the last time.
    virtual void state_changed(const PollState& /*state*/, const PollState& /*before*/) {}

protected:
    ~PollObserver() = default;
};

}  // namespace oracode::poller
