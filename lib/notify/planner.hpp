// Decides for one target which notification is sent next and when, and what becomes of it. Without
// I/O; owned by the Sender and used on its thread. What has to survive a restart is in the outbox.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "store/notification.hpp"

namespace oracode::notify {

// Between the attempts, the first of which is made at once.
inline constexpr std::array<Duration, 7> retry_pauses{
    std::chrono::seconds{5}, std::chrono::minutes{5}, std::chrono::minutes{30},
    std::chrono::hours{2},   std::chrono::hours{5},   std::chrono::hours{10},
    std::chrono::hours{10}};

// What came of an attempt.
struct Attempt {
    unsigned status = 0;  // of the answer; 0: none came
    std::string why{};    // none came
};

[[nodiscard]] bool is_delivered(const Attempt& attempt);
// "answered 500", or why there was no answer; empty where it was delivered.
[[nodiscard]] std::string error_of(const Attempt& attempt);

// What becomes of a notification after an attempt that failed: the last one makes it fail.
[[nodiscard]] store::NotificationOutcome after_failure(const store::PendingNotification& sent,
                                                       std::string error, Timestamp now);

class Planner {
public:
    enum class State : std::uint8_t { untried, delivering, failing, gone };
    struct Health {
        State state = State::untried;
        std::optional<Timestamp> since{};           // of the state
        std::optional<Timestamp> last_delivered{};  // since the start
        std::string last_error{};                   // while it fails or is gone

        friend bool operator==(const Health&, const Health&) = default;
    };

    struct Next {
        std::optional<store::PendingNotification> send{};
        std::optional<Timestamp> look_at{};  // nullopt: once there is something new

        friend bool operator==(const Next&, const Next&) = default;
    };
    // Of what is due an alert comes before a change.
    [[nodiscard]] Next next(const store::PendingHeads& heads, Timestamp now) const;

    // Notes how the attempt went.
    [[nodiscard]] store::NotificationOutcome interpret(const store::PendingNotification& sent,
                                                       const Attempt& attempt, Timestamp now);

    [[nodiscard]] const Health& health() const { return health_; }

private:
    void turn(State state, Timestamp now);

    Health health_;
};

[[nodiscard]] std::string_view name(Planner::State state);

}  // namespace oracode::notify
