#include "daemon/gauges.hpp"

#include "api/change_feed.hpp"
#include "metrics/metrics.hpp"
#include "poller/poller.hpp"
#include "store/store.hpp"

namespace oracode::daemon {

void add_gauges(Metrics& metrics, const GaugeSources& sources) {
    metrics.gauge("oracoded_db_size_bytes", "Size of the database file.",
                  [sources] { return static_cast<double>(sources.store.sizes().database); });
    metrics.gauge("oracoded_db_wal_size_bytes", "Size of SQLite's write-ahead log.",
                  [sources] { return static_cast<double>(sources.store.sizes().log); });
    metrics.gauge("oracoded_disk_free_bytes", "Left on the database's file system.",
                  [sources] { return static_cast<double>(sources.store.sizes().disk_free); });
    metrics.gauge("oracoded_store_queue_length", "Writes that wait for the next commit.",
                  [sources] { return static_cast<double>(sources.store.queued()); });
    metrics.counter("oracoded_checkpoint_failures_total",
                    "Attempts to copy SQLite's log into the database that failed.",
                    [sources] { return static_cast<double>(sources.failed_checkpoints.load()); });
    metrics.gauge("oracoded_sse_clients", "Open event streams.",
                  [sources] { return static_cast<double>(sources.changes.streams().load()); });
    const auto seconds = [](Timestamp at) {
        return std::chrono::duration<double>(at.time_since_epoch()).count();
    };
    metrics.gauge("oracoded_poll_last_success_timestamp_seconds",
                  "When Seam last gave a usable answer; 0: not since the start.",
                  [sources, seconds]() -> std::optional<double> {
                      if (!sources.poller.asks_seam()) return std::nullopt;
                      return seconds(sources.poller.last_success().value_or(Timestamp{}));
                  });
    metrics.gauge("oracoded_tls_certificate_not_after_timestamp_seconds",
                  "When the webhook listener's certificate expires.",
                  [sources, seconds]() -> std::optional<double> {
                      if (!sources.webhook_credentials) return std::nullopt;
                      return seconds(sources.webhook_credentials->not_after());
                  });
}

}  // namespace oracode::daemon
