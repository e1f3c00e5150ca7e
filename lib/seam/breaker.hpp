// When to stop asking a Seam that does not answer, or a key it does not take. A value with an
// injected clock; no locks, its owner keeps it on one thread.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "core/result.hpp"
#include "core/time.hpp"
#include "seam/client_answer.hpp"

namespace oracode::seam {

// closed: all is well. open: nothing is sent. half_open: one request finds out. bad_key: Seam
// refuses the key; one request now and then finds out whether it has been mended.
enum class BreakerState { closed, open, half_open, bad_key };

// "closed", "open", "half_open", "bad_key": as metrics and readiness show it.
[[nodiscard]] std::string_view name(BreakerState state);

enum class Outcome {
    answered,     // Seam is there and takes the key, whatever it said
    unreachable,  //
    key_refused,  //
};

// What a call's error says about Seam as a whole; nullopt where it says nothing, as when the call
// was never sent. A complete answer that cannot be used is an answer.
[[nodiscard]] std::optional<Outcome> outcome_of(const CallError& error);

struct BreakerOptions {
    unsigned failures_to_open = 3;                      // one after another, of either kind
    Duration shortest = std::chrono::seconds{5};        // the first time it is open, before jitter
    Duration longest = std::chrono::minutes{5};         // doubling each time up to here
    Duration bad_key_interval = std::chrono::hours{1};  // the longest wait with a refused key
    // How long the one request of half_open and bad_key is waited for; longer than a call lasts.
    Duration probe_limit = std::chrono::minutes{2};
};

class Breaker {
public:
    // `random` gives numbers from 0 up to below 1, for the jitter of a quarter each way.
    Breaker(BreakerOptions options, std::function<double()> random);

    [[nodiscard]] BreakerState state(Timestamp now) const;
    // The earliest moment, `now` or later, at which a request may be sent.
    [[nodiscard]] Timestamp next_allowed(Timestamp now);
    // Asks for leave to send one request; in half_open and bad_key it is given to one only, until
    // its outcome is reported or `probe_limit` is over.
    [[nodiscard]] bool allow(Timestamp now);
    // Records how a request went. Returns the state this has led to (closed, open or bad_key) if it
    // is another than the one returned last: what to log, once.
    std::optional<BreakerState> record(Outcome outcome, Timestamp now);
    // There is a new key: it gets its chance at once.
    void key_changed();

private:
    void notice(Timestamp now);
    void unreachable(Timestamp now);
    void refused(Timestamp now);
    [[nodiscard]] Duration next_wait(Duration longest);
    [[nodiscard]] Duration jittered(Duration duration) const;

    BreakerOptions options_;
    std::function<double()> random_;
    BreakerState state_ = BreakerState::closed;     // half_open once its request was admitted
    BreakerState reported_ = BreakerState::closed;  // by `record`; never half_open
    unsigned failures_ = 0;                         // one after another
    unsigned refusals_ = 0;                         // of the key, one after another
    unsigned openings_ = 0;                         // since the last answer
    Timestamp wait_until_{};                        // in all states but closed
    Timestamp last_seen_{};
};

}  // namespace oracode::seam
