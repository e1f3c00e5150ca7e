// What the kernel says about this process, under the names that every Prometheus client uses.
#pragma once

#include "core/time.hpp"

namespace oracode::metrics {

class Metrics;

// Adds process_*: read from /proc/self whenever the metrics are rendered.
void add_process_metrics(Metrics& metrics, Timestamp started);

}  // namespace oracode::metrics
