#include "notify/planner.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace oracode::notify {
namespace {

constexpr unsigned gone = 410;

// Further ahead than the longest pause: the clock was set back.
Timestamp due_at(const store::PendingNotification& pending, Timestamp now) {
    return pending.next_attempt_at > now + retry_pauses.back() ? now : pending.next_attempt_at;
}

}  // namespace

bool is_delivered(const Attempt& attempt) {
    return attempt.status / 100 == 2;
}

std::string error_of(const Attempt& attempt) {
    if (is_delivered(attempt)) return {};
    if (attempt.status == 0) return attempt.why;
    if (attempt.status / 100 == 3)
        return fmt::format("answered {}; redirects are not followed", attempt.status);
    return fmt::format("answered {}", attempt.status);
}

store::NotificationOutcome after_failure(const store::PendingNotification& sent, std::string error,
                                         Timestamp now) {
    store::NotificationOutcome outcome{.id = sent.id,
                                       .state = DeliveryState::failed,
                                       .attempts = sent.attempts + 1,
                                       .last_error = std::move(error)};
    if (sent.attempts < retry_pauses.size()) {
        outcome.state = DeliveryState::pending;
        outcome.next_attempt_at = now + retry_pauses.at(sent.attempts);
    }
    return outcome;
}

Planner::Next Planner::next(const store::PendingHeads& heads, Timestamp now) const {
    Next next;
    if (health_.state == State::gone) return next;
    for (const auto& head : {heads.alert, heads.change}) {
        if (!head) continue;
        const auto due = due_at(*head, now);
        if (due <= now) return {head, std::nullopt};
        next.look_at = std::min(next.look_at.value_or(due), due);
    }
    return next;
}

store::NotificationOutcome Planner::interpret(const store::PendingNotification& sent,
                                              const Attempt& attempt, Timestamp now) {
    health_.last_error = error_of(attempt);
    if (!is_delivered(attempt)) {
        turn(attempt.status == gone ? State::gone : State::failing, now);
        return after_failure(sent, health_.last_error, now);
    }
    health_.last_delivered = now;
    turn(State::delivering, now);
    return {.id = sent.id, .state = DeliveryState::delivered, .attempts = sent.attempts + 1};
}

void Planner::turn(State state, Timestamp now) {
    if (health_.state == state) return;
    health_.state = state;
    health_.since = now;
}

std::string_view name(Planner::State state) {
    constexpr std::array<std::string_view, 4> names{"untried", "delivering", "failing", "gone"};
    return names.at(static_cast<std::size_t>(state));
}

}  // namespace oracode::notify
