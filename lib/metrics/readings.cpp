#include "metrics/readings.hpp"

#include <utility>

#include "metrics/metrics.hpp"

namespace oracode::metrics {

void add_readings(Metrics& metrics, DaemonReadings readings) {
    metrics.gauge("oracoded_db_size_bytes", "Size of the database file.",
                  std::move(readings.database_bytes));
    metrics.gauge("oracoded_db_wal_size_bytes", "Size of SQLite's write-ahead log.",
                  std::move(readings.log_bytes));
    metrics.gauge("oracoded_disk_free_bytes", "Left on the database's file system.",
                  std::move(readings.disk_free_bytes));
    metrics.gauge("oracoded_store_queue_length", "Writes that wait for the next commit.",
                  std::move(readings.queue_length));
    metrics.counter("oracoded_checkpoint_failures_total",
                    "Attempts to copy SQLite's log into the database that failed.",
                    std::move(readings.failed_checkpoints));
    metrics.gauge("oracoded_sse_clients", "Open event streams.", std::move(readings.event_streams));
    metrics.gauge("oracoded_poll_last_success_timestamp_seconds",
                  "When Seam last gave a usable answer; 0: not since the start.",
                  std::move(readings.last_poll_success));
    metrics.gauge("oracoded_tls_certificate_not_after_timestamp_seconds",
                  "When the webhook listener's certificate expires.",
                  std::move(readings.certificate_ends));
}

void add_readings(Metrics& metrics, PollReadings readings) {
    metrics.gauge("oracoded_seam_clock_offset_seconds",
                  "Seam's clock minus ours; 0 until enough answers have shown it.",
                  std::move(readings.clock_offset));
    metrics.gauge("oracoded_workspace_mismatch",
                  "1 while there are codes of another workspace than the API key's.",
                  std::move(readings.workspace_mismatch));
    metrics.gauge(
        "oracoded_codes_missing_suspected",
        "Codes that Seam does not know while these are most of those asked for: none of them ends.",
        std::move(readings.codes_missing));
}

}  // namespace oracode::metrics
