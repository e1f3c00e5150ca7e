// Alerts as the store keeps them: what people are, or were, to be called for. Plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "lifecycle/alert.hpp"

namespace oracode::store {

struct Alert {
    std::int64_t id = 0;
    lifecycle::AlertKind kind{};
    std::string access_code_id{};  // empty: about the daemon
    std::string device_id{};
    Timestamp opened_at{};
    std::optional<Timestamp> closed_at{};  // nullopt: it is open
    std::string detail{};                  // a sentence for people, without PINs

    friend bool operator==(const Alert&, const Alert&) = default;
};

struct AlertFilter {
    std::optional<bool> open{};
    std::optional<lifecycle::AlertKind> kind{};
    std::optional<std::string> access_code_id{};
    std::size_t limit = 100;
    std::int64_t before = std::numeric_limits<std::int64_t>::max();  // `next` of the page before
};

struct AlertPage {
    std::vector<Alert> alerts;  // the newest first
    std::optional<std::int64_t> next;
};

// What was found about the daemon itself. A kind that nothing is said of stays as it is.
struct DaemonAlert {
    lifecycle::AlertKind kind{};
    std::optional<std::string> cause;  // a sentence for people; nullopt: there is none any more

    friend bool operator==(const DaemonAlert&, const DaemonAlert&) = default;
};

// An alert that a transaction opened or closed.
struct AlertChange {
    bool opened = false;  // false: closed
    Alert alert;
};

}  // namespace oracode::store
