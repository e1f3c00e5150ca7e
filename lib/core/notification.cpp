#include "core/notification.hpp"

#include <algorithm>

namespace oracode {
namespace {

constexpr std::array<std::string_view, 3> types{"alert.opened", "alert.closed",
                                                "access_code.changed"};
constexpr std::array<std::string_view, 3> formats{"webhook", "ntfy", "slack"};
constexpr std::array<std::string_view, 3> states{"pending", "delivered", "failed"};

template <class Word, std::size_t count>
std::optional<Word> find(const std::array<std::string_view, count>& words, std::string_view text) {
    const auto found = std::ranges::find(words, text);
    if (found == words.end()) return std::nullopt;
    return static_cast<Word>(found - words.begin());
}

}  // namespace

std::string_view name(NotificationType type) {
    return types.at(static_cast<std::size_t>(type));
}

std::optional<NotificationType> parse_notification_type(std::string_view text) {
    return find<NotificationType>(types, text);
}

std::string_view name(NotificationFormat format) {
    return formats.at(static_cast<std::size_t>(format));
}

std::optional<NotificationFormat> parse_notification_format(std::string_view text) {
    return find<NotificationFormat>(formats, text);
}

std::string_view name(DeliveryState state) {
    return states.at(static_cast<std::size_t>(state));
}

}  // namespace oracode
