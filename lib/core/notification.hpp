// The words of notifications: what targets get, and in which form. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace oracode {

// The numbers are stored.
enum class NotificationType : std::uint8_t { alert_opened, alert_closed, access_code_changed };
inline constexpr std::array notification_types{NotificationType::alert_opened,
                                               NotificationType::alert_closed,
                                               NotificationType::access_code_changed};

// "alert.opened"
[[nodiscard]] std::string_view name(NotificationType type);
[[nodiscard]] std::optional<NotificationType> parse_notification_type(std::string_view text);

// Standard Webhooks; plain text with ntfy's headers; what Slack calls an incoming webhook.
enum class NotificationFormat : std::uint8_t { webhook, ntfy, slack };

[[nodiscard]] std::string_view name(NotificationFormat format);
[[nodiscard]] std::optional<NotificationFormat> parse_notification_format(std::string_view text);

// How a notification stands. The numbers are stored.
enum class DeliveryState : std::uint8_t { pending, delivered, failed };

[[nodiscard]] std::string_view name(DeliveryState state);

}  // namespace oracode
