// The figures that are read whenever the metrics are rendered: named here, read where they arise.
#pragma once

#include <functional>
#include <optional>

namespace oracode::metrics {

class Metrics;

// Called on the thread that renders the metrics. nullopt: the metric is not shown.
using Reading = std::function<std::optional<double>()>;

// What the daemon as a whole knows.
struct DaemonReadings {
    Reading database_bytes;
    Reading log_bytes;
    Reading disk_free_bytes;
    Reading queue_length;
    std::function<double()> failed_checkpoints;
    Reading event_streams;
    Reading last_poll_success;  // seconds since the epoch, as the next
    Reading certificate_ends;
};

// How polling stands.
struct PollReadings {
    Reading clock_offset;  // seconds
    Reading workspace_mismatch;
    Reading codes_missing;
};

// What the readings refer to outlives the last rendering.
void add_readings(Metrics& metrics, DaemonReadings readings);
void add_readings(Metrics& metrics, PollReadings readings);

}  // namespace oracode::metrics
