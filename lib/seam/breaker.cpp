#include "seam/breaker.hpp"

#include <algorithm>
#include <utility>

namespace oracode::seam {

std::string_view name(BreakerState state) {
    switch (state) {
        case BreakerState::closed:
            return "closed";
        case BreakerState::open:
            return "open";
        case BreakerState::half_open:
            return "half_open";
        case BreakerState::bad_key:
            return "bad_key";
    }
    return "unnamed";
}

std::optional<Outcome> outcome_of(const CallError& error) {
    switch (error.code) {
        case Errc::unauthenticated:
        case Errc::forbidden:
            return Outcome::key_refused;
        case Errc::seam_unreachable:
            return error.answered ? Outcome::answered : Outcome::unreachable;
        case Errc::not_found:
        case Errc::seam_refused:
        case Errc::seam_rate_limited:
            return Outcome::answered;
        case Errc::invalid_argument:
        case Errc::conflict:
        case Errc::rule_violated:
        case Errc::overloaded:
        case Errc::store_unavailable:
            return std::nullopt;
    }
    return std::nullopt;
}

Breaker::Breaker(BreakerOptions options, std::function<double()> random)
    : options_(options), random_(std::move(random)) {}

BreakerState Breaker::state(Timestamp now) const {
    if (state_ == BreakerState::open && now >= wait_until_) return BreakerState::half_open;
    return state_;
}

Timestamp Breaker::next_allowed(Timestamp now) {
    notice(now);
    return state_ == BreakerState::closed ? now : std::max(now, wait_until_);
}

bool Breaker::allow(Timestamp now) {
    if (next_allowed(now) > now) return false;
    if (state_ == BreakerState::closed) return true;
    if (state_ == BreakerState::open) state_ = BreakerState::half_open;
    wait_until_ = now + options_.probe_limit;
    return true;
}

std::optional<BreakerState> Breaker::record(Outcome outcome, Timestamp now) {
    notice(now);
    switch (outcome) {
        case Outcome::answered:
            state_ = BreakerState::closed;
            failures_ = 0;
            refusals_ = 0;
            openings_ = 0;
            break;
        case Outcome::key_refused:
            refused(now);
            break;
        case Outcome::unreachable:
            unreachable(now);
            break;
    }
    if (state_ == reported_) return std::nullopt;
    reported_ = state_;
    return reported_;
}

void Breaker::key_changed() {
    if (state_ != BreakerState::bad_key) return;
    state_ = BreakerState::closed;
    reported_ = state_;
    refusals_ = 0;
}

// A single refusal may be about one object, or come from a gateway in between.
void Breaker::refused(Timestamp now) {
    failures_ = 0;
    if (state_ != BreakerState::bad_key) {
        // Seam is there, or it would not refuse.
        state_ = BreakerState::closed;
        if (++refusals_ < options_.failures_to_open) return;
        openings_ = 0;
        state_ = BreakerState::bad_key;
    }
    wait_until_ = now + jittered(next_wait(options_.bad_key_interval));
}

void Breaker::unreachable(Timestamp now) {
    switch (state_) {
        case BreakerState::closed:
            if (++failures_ < options_.failures_to_open) return;
            break;
        case BreakerState::half_open:
            break;
        case BreakerState::open:
            return;  // sent before it opened: says nothing new
        case BreakerState::bad_key:
            // Nothing was learnt of the key: not worth the whole interval.
            wait_until_ = now + jittered(std::min(options_.longest, options_.bad_key_interval));
            return;
    }
    failures_ = 0;
    state_ = BreakerState::open;
    wait_until_ = now + jittered(next_wait(options_.longest));
}

// Doubles from one opening to the next.
Duration Breaker::next_wait(Duration longest) {
    auto wait = std::min(options_.shortest, longest);
    for (unsigned i = 0; i < openings_ && wait < longest; ++i) wait = std::min(wait * 2, longest);
    ++openings_;
    return wait;
}

// The wall clock may be set back; what was waited for then must not become hours.
void Breaker::notice(Timestamp now) {
    if (now < last_seen_) wait_until_ -= last_seen_ - now;
    last_seen_ = now;
}

Duration Breaker::jittered(Duration duration) const {
    const double factor = 0.75 + 0.5 * random_();
    return std::chrono::round<Duration>(std::chrono::duration<double, std::milli>(duration) *
                                        factor);
}

}  // namespace oracode::seam
