// A failure that lasts, such as a disk that cannot be read: logged once when it begins and once
// when it is over, however often it is met meanwhile. Any thread.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "logging/log.hpp"

namespace oracode::log {

class Outage {
public:
    // Names of log events; literals.
    Outage(std::string_view begins, std::string_view ends) : begins_(begins), ends_(ends) {}

    void failed(std::string_view why) {
        {
            const std::lock_guard lock(mutex_);
            if (why_) return;
            why_.emplace(why);
        }
        error(begins_, {{"error", why}});
    }
    void over() {
        {
            const std::lock_guard lock(mutex_);
            if (!why_) return;
            why_.reset();
        }
        info(ends_);
    }
    [[nodiscard]] std::optional<std::string> why() const {
        const std::lock_guard lock(mutex_);
        return why_;
    }

private:
    const std::string_view begins_;
    const std::string_view ends_;
    mutable std::mutex mutex_;
    std::optional<std::string> why_;
};

}  // namespace oracode::log
