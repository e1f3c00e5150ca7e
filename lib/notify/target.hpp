// A receiver of notifications: one [[notify]] table of the settings. A value.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/notification.hpp"
#include "net/url.hpp"

namespace oracode::notify {

struct Target {
    std::string name;
    net::Url url;  // a secret; `url.display()` may be shown
    NotificationFormat format{};
    std::string secret;  // whsec_…, of the format webhook
    std::vector<NotificationType> types;

    [[nodiscard]] bool wants(NotificationType type) const {
        return std::ranges::find(types, type) != types.end();
    }
    friend bool operator==(const Target&, const Target&) = default;
};

}  // namespace oracode::notify
