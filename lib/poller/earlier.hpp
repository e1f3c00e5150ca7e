// Moments that may never come. Pure.
#pragma once

#include <algorithm>
#include <optional>

#include "core/time.hpp"

namespace oracode::poller {

// The earlier of two moments, each nullopt where it never comes.
[[nodiscard]] inline std::optional<Timestamp> earlier(std::optional<Timestamp> one,
                                                      std::optional<Timestamp> other) {
    return one && other ? std::min(one, other) : (one ? one : other);
}

}  // namespace oracode::poller
