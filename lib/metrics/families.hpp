// The families of a Metrics and their metrics; part of it, and included by nothing else.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "metrics/metrics.hpp"

namespace oracode::metrics {

inline const prometheus::Histogram::BucketBoundaries fast_buckets{
    0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5};
inline const prometheus::Histogram::BucketBoundaries slow_buckets{
    0.1, 0.5, 1, 2.5, 5, 15, 60, 300, 1'800, 7'200, 36'000, 86'400};
inline const prometheus::Histogram::BucketBoundaries skew_buckets{-300, -60, -10, -1, 0,  1,
                                                                  2.5,  5,   10,  60, 300};

struct ReadGauge {
    prometheus::Family<prometheus::Gauge>& family;
    std::function<std::optional<double>()> read;
    prometheus::Gauge* gauge = nullptr;  // while there is a value

    void refresh() {
        const auto value = read();
        if (value) {
            if (gauge == nullptr) gauge = &family.Add({});
            gauge->Set(*value);
        } else if (gauge != nullptr) {
            family.Remove(std::exchange(gauge, nullptr));
        }
    }
};

struct ReadCounter {
    prometheus::Counter& counter;
    std::function<double()> read;
};

// Of each Metrics another: a thread remembers where it counts.
inline std::uint64_t next_number() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

struct Metrics::Families {
    prometheus::Registry registry;
    prometheus::Family<prometheus::Counter>& webhook_requests =
        prometheus::BuildCounter()
            .Name("oracoded_webhook_requests_total")
            .Help("Deliveries answered, by status code and reason.")
            .Register(registry);
    // The hot path counts without a look-up.
    prometheus::Counter& accepted = webhook_requests.Add({{"code", "204"}, {"reason", "accepted"}});
    prometheus::Counter& duplicates =
        prometheus::BuildCounter()
            .Name("oracoded_webhook_duplicates_total")
            .Help("Authentic deliveries of events that were already known.")
            .Register(registry)
            .Add({});
    prometheus::Family<prometheus::Counter>& secret_matches =
        prometheus::BuildCounter()
            .Name("oracoded_webhook_secret_matches_total")
            .Help(
                "Deliveries by the configured secret that signed them: after a rotation the old "
                "slot goes quiet.")
            .Register(registry);
    prometheus::Counter& first_secret = secret_matches.Add({{"slot", "0"}});
    prometheus::Histogram& lag = prometheus::BuildHistogram()
                                     .Name("oracoded_webhook_delivery_lag_seconds")
                                     .Help("Age of an event when its delivery came.")
                                     .Register(registry)
                                     .Add({}, slow_buckets);
    prometheus::Histogram& skew = prometheus::BuildHistogram()
                                      .Name("oracoded_webhook_clock_skew_seconds")
                                      .Help("Our clock less the delivery's signed time stamp.")
                                      .Register(registry)
                                      .Add({}, skew_buckets);
    prometheus::Gauge& last_webhook = prometheus::BuildGauge()
                                          .Name("oracoded_last_webhook_timestamp_seconds")
                                          .Help("When the last authentic delivery came.")
                                          .Register(registry)
                                          .Add({});
    prometheus::Histogram& commit = prometheus::BuildHistogram()
                                        .Name("oracoded_webhook_commit_duration_seconds")
                                        .Help("Time of one durable group commit.")
                                        .Register(registry)
                                        .Add({}, fast_buckets);
    prometheus::Counter& committed_rows =
        prometheus::BuildCounter()
            .Name("oracoded_committed_writes_total")
            .Help("Writes made durable; by the number of commits, their group size.")
            .Register(registry)
            .Add({});
    prometheus::Family<prometheus::Counter>& transitions =
        prometheus::BuildCounter()
            .Name("oracoded_transitions_total")
            .Help("Changes of status, by source.")
            .Register(registry);
    // By from (0: none), to and source; found once.
    static constexpr std::size_t most = 8;
    using Counters = std::array<std::atomic<prometheus::Counter*>, most>;
    std::array<std::array<Counters, most>, most> known_transitions{};
    prometheus::Family<prometheus::Histogram>& requests =
        prometheus::BuildHistogram()
            .Name("oracoded_http_request_duration_seconds")
            .Help("Time from a request's arrival to its answer.")
            .Register(registry);
    prometheus::Family<prometheus::Counter>& polls =
        prometheus::BuildCounter()
            .Name("oracoded_poll_requests_total")
            .Help("Requests to Seam, by endpoint and status code; 0: no answer came.")
            .Register(registry);
    prometheus::Family<prometheus::Counter>& orders =
        prometheus::BuildCounter()
            .Name("oracoded_orders_total")
            .Help("Orders for access codes, by how they ended.")
            .Register(registry);
    prometheus::Counter& recovered_by_poll =
        prometheus::BuildCounter()
            .Name("oracoded_recovered_by_poll_total")
            .Help("Changes of status that a poll found and no webhook reported.")
            .Register(registry)
            .Add({});
    prometheus::Family<prometheus::Counter>& corrected =
        prometheus::BuildCounter()
            .Name("oracoded_corrected_by_poll_total")
            .Help("What a look at Seam put right that no event had reported, by kind.")
            .Register(registry);
    prometheus::Counter& backfilled =
        prometheus::BuildCounter()
            .Name("oracoded_backfill_events_total")
            .Help("Events found in Seam's list that no webhook had brought.")
            .Register(registry)
            .Add({});
    prometheus::Family<prometheus::Counter>& refused =
        prometheus::BuildCounter()
            .Name("oracoded_connections_refused_total")
            .Help("Connections closed before a request was served.")
            .Register(registry);
    prometheus::Counter& commit_failures = prometheus::BuildCounter()
                                               .Name("oracoded_store_commit_failures_total")
                                               .Help("Transactions that the disk did not take.")
                                               .Register(registry)
                                               .Add({});
    prometheus::Gauge& reload_successful =
        prometheus::BuildGauge()
            .Name("oracoded_config_last_reload_successful")
            .Help("Whether the settings and files read last were taken; 0: the old ones are kept.")
            .Register(registry)
            .Add({});
    prometheus::Gauge& reload_success_at =
        prometheus::BuildGauge()
            .Name("oracoded_config_last_reload_success_timestamp_seconds")
            .Help("When the settings in force were read.")
            .Register(registry)
            .Add({});
    prometheus::Family<prometheus::Counter>& purged =
        prometheus::BuildCounter()
            .Name("oracoded_purged_total")
            .Help("What was deleted because it had been kept long enough.")
            .Register(registry);
    prometheus::Family<prometheus::Counter>& notifications =
        prometheus::BuildCounter()
            .Name("oracoded_notifications_total")
            .Help("Attempts to notify a target, by how they ended; failed: given up.")
            .Register(registry);
    prometheus::Family<prometheus::Gauge>& pending_notifications =
        prometheus::BuildGauge()
            .Name("oracoded_notifications_pending")
            .Help("Notifications that wait to be sent, or to be tried again.")
            .Register(registry);
    std::vector<std::string> targets{};  // under `mutex`, as the next
    std::map<std::string, prometheus::Gauge*> pending_by_target{};
    prometheus::Gauge& quarantined = prometheus::BuildGauge()
                                         .Name("oracoded_quarantined_events")
                                         .Help("Authentic deliveries kept that were not usable.")
                                         .Register(registry)
                                         .Add({});
    prometheus::Gauge& free_bytes = prometheus::BuildGauge()
                                        .Name("oracoded_db_free_bytes")
                                        .Help("Of the database file, free for what comes next.")
                                        .Register(registry)
                                        .Add({});
    const std::uint64_t number = next_number();
    std::atomic<std::uint64_t> refused_deliveries{0};
    std::atomic<std::uint64_t> noticed_by_poll{0};
    prometheus::Family<prometheus::Gauge>& access_codes =
        prometheus::BuildGauge()
            .Name("oracoded_access_codes")
            .Help("Codes that have not ended, by status.")
            .Register(registry);
    prometheus::Gauge& ended = prometheus::BuildGauge()
                                   .Name("oracoded_access_codes_ended")
                                   .Help("Codes that have ended and are still kept.")
                                   .Register(registry)
                                   .Add({});
    prometheus::Gauge& overdue = prometheus::BuildGauge()
                                     .Name("oracoded_access_codes_overdue")
                                     .Help("Codes whose next step should have been announced.")
                                     .Register(registry)
                                     .Add({});
    prometheus::Family<prometheus::Gauge>& alerts = prometheus::BuildGauge()
                                                        .Name("oracoded_alerts_open")
                                                        .Help("Alerts that are open, by kind.")
                                                        .Register(registry);
    prometheus::Family<prometheus::Gauge>& arrivals_not_in_order =
        prometheus::BuildGauge()
            .Name("oracoded_arrivals_not_in_order")
            .Help(
                "Codes that are not in order and whose stay begins within this time, or has begun.")
            .Register(registry);
    mutable std::mutex mutex;
    std::vector<ReadGauge> read_gauges;
    std::vector<ReadCounter> read_counters;
};

}  // namespace oracode::metrics
