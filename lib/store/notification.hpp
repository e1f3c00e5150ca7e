// What the store keeps of notifications: the outbox. Plain values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/notification.hpp"
#include "core/time.hpp"

namespace oracode::store {

// A target of notifications, as far as the store has to know it.
struct NotificationTarget {
    std::string name;
    std::vector<NotificationType> types;
    bool retry_now = false;  // what waits for its next attempt is due at once

    friend bool operator==(const NotificationTarget&, const NotificationTarget&) = default;
};

// A notification that waits to be sent.
struct PendingNotification {
    std::int64_t id = 0;
    std::string target;
    std::string message_id;  // the same at each attempt
    NotificationType type{};
    std::int64_t refers_to = 0;  // an alert's id, or the number of a change
    Timestamp created_at;        // when its cause was recorded
    unsigned attempts = 0;
    Timestamp next_attempt_at;

    friend bool operator==(const PendingNotification&, const PendingNotification&) = default;
};

// The first of each kind that no earlier notification about the same alert or code holds back, by
// the time of its next attempt.
struct PendingHeads {
    std::optional<PendingNotification> alert;
    std::optional<PendingNotification> change;
};

// What became of an attempt.
struct NotificationOutcome {
    std::int64_t id = 0;
    DeliveryState state{};
    unsigned attempts = 0;
    std::optional<Timestamp> next_attempt_at{};  // while it is pending
    std::string last_error{};                    // empty: there is none

    friend bool operator==(const NotificationOutcome&, const NotificationOutcome&) = default;
};

// How a notification about an alert stands.
struct AlertDelivery {
    std::string target;
    NotificationType type{};
    DeliveryState state{};
    unsigned attempts = 0;
    std::optional<Timestamp> next_attempt_at;
    std::string last_error;

    friend bool operator==(const AlertDelivery&, const AlertDelivery&) = default;
};

// What came of bringing changes into the outbox.
struct TakenChanges {
    bool moved = false;  // some were looked at
    bool left = false;   // there are more, for which there may be no room
};

// Longer ago than this nothing is sent any more, and nothing kept of what was.
inline constexpr Duration notification_lifetime = std::chrono::days{7};

}  // namespace oracode::store
