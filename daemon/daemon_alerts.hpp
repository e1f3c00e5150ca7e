// Whether the daemon itself needs a person, by what is known of it. No clock, no I/O.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "core/time.hpp"
#include "poller/ports.hpp"
#include "store/alerts.hpp"

namespace oracode::daemon {

// What is known of the daemon at one moment.
struct DaemonFindings {
    bool asks_seam = false;
    poller::PollState poll;
    std::string seam_unusable;  // why Seam cannot be asked at all; empty: it can
    std::uint64_t disk_free = 0;
    std::optional<std::string> checkpoint_failure;
    std::optional<Timestamp> certificate_ends;  // the earliest of the listeners'
    // Since the start.
    std::uint64_t refused_deliveries = 0;
    std::uint64_t noticed_by_poll = 0;  // changes that no webhook had brought
    bool delivery_accepted = false;
};

// Evaluates one finding after the other. Remembers earlier ones: rates are of the last hour. What a
// daemon that has just started cannot know yet is left out, so that a restart closes no alert
// whose cause goes on.
class DaemonAlerts {
public:
    [[nodiscard]] std::vector<store::DaemonAlert> evaluate(const DaemonFindings& findings,
                                                           Timestamp now);

private:
    struct Sample {
        Timestamp at;
        std::uint64_t refused = 0;
        std::uint64_t noticed = 0;
    };

    void evaluate_seam(const DaemonFindings& findings, Timestamp now);
    void evaluate_key(const DaemonFindings& findings, Timestamp now);
    void evaluate_clock(const DaemonFindings& findings);
    void evaluate_webhooks(const DaemonFindings& findings, Timestamp now);
    void evaluate_machine(const DaemonFindings& findings, Timestamp now);
    void holds(lifecycle::AlertKind kind, std::string cause);
    void is_gone(lifecycle::AlertKind kind);
    void notice_time(Timestamp now);

    std::vector<store::DaemonAlert> found_;  // so far, by the evaluation under way
    std::optional<Timestamp> first_look_;
    std::optional<Timestamp> last_look_;
    std::optional<Timestamp> silent_since_;
    std::deque<Sample> last_hour_;
};

}  // namespace oracode::daemon
