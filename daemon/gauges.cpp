#include "daemon/gauges.hpp"

#include "api/change_feed.hpp"
#include "metrics/readings.hpp"
#include "poller/poller.hpp"
#include "store/store.hpp"

namespace oracode::daemon {

void add_gauges(metrics::Metrics& metrics, const GaugeSources& sources) {
    const auto seconds = [](Timestamp at) {
        return std::chrono::duration<double>(at.time_since_epoch()).count();
    };
    const auto count = [](auto value) { return static_cast<double>(value); };
    metrics::DaemonReadings readings;
    readings.database_bytes = [sources, count] { return count(sources.store.sizes().database); };
    readings.log_bytes = [sources, count] { return count(sources.store.sizes().log); };
    readings.disk_free_bytes = [sources, count] { return count(sources.store.sizes().disk_free); };
    readings.queue_length = [sources, count] { return count(sources.store.queued()); };
    readings.failed_checkpoints = [sources, count] {
        return count(sources.failed_checkpoints.load());
    };
    readings.event_streams = [sources, count] { return count(sources.changes.streams().load()); };
    readings.last_poll_success = [sources, seconds]() -> std::optional<double> {
        if (!sources.poller.asks_seam()) return std::nullopt;
        return seconds(sources.poller.last_success().value_or(Timestamp{}));
    };
    readings.certificate_ends = [sources, seconds]() -> std::optional<double> {
        if (!sources.webhook_credentials) return std::nullopt;
        return seconds(sources.webhook_credentials->not_after());
    };
    metrics::add_readings(metrics, std::move(readings));
}

}  // namespace oracode::daemon
