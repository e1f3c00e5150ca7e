#include "metrics/metrics.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "core/version.hpp"

namespace oracode::metrics {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Histogram;

const Histogram::BucketBoundaries fast{0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                       0.025,   0.05,   0.1,   0.25,   1,     5};
const Histogram::BucketBoundaries slow{0.1, 0.5, 1,     2.5,   5,      15,
                                       60,  300, 1'800, 7'200, 36'000, 86'400};
const Histogram::BucketBoundaries skewed{-300, -60, -10, -1, 0, 1, 2.5, 5, 10, 60, 300};

double seconds(auto duration) {
    return std::chrono::duration<double>(duration).count();
}

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

// Clients write what they like; a label must have few values.
constexpr std::array<std::string_view, 7> methods{"GET",    "HEAD",    "POST", "PUT",
                                                  "DELETE", "OPTIONS", "other"};

std::size_t index_of(std::string_view method) {
    const auto found = std::find(methods.begin(), methods.end() - 1, method);
    return static_cast<std::size_t>(found - methods.begin());
}

template <class Enum>
requires(std::is_enum_v<Enum>) std::size_t index_of(Enum value) {
    return static_cast<std::size_t>(value);
}

// A thread's way to a histogram that it has used before, without a look-up by labels.
struct KnownRoute {
    std::uint64_t of;  // which Metrics
    const char* route;
    std::size_t method;
    unsigned code;
    Histogram* histogram;
};

std::uint64_t next_number() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

}  // namespace

struct Metrics::Families {
    prometheus::Registry registry;
    prometheus::Family<prometheus::Counter>& webhook_requests =
        BuildCounter()
            .Name("oracoded_webhook_requests_total")
            .Help("Deliveries answered, by status code and reason.")
            .Register(registry);
    // The hot path counts without a look-up.
    prometheus::Counter& accepted = webhook_requests.Add({{"code", "204"}, {"reason", "accepted"}});
    prometheus::Counter& duplicates =
        BuildCounter()
            .Name("oracoded_webhook_duplicates_total")
            .Help("Authentic deliveries of events that were already known.")
            .Register(registry)
            .Add({});
    prometheus::Family<prometheus::Counter>& secret_matches =
        BuildCounter()
            .Name("oracoded_webhook_secret_matches_total")
            .Help(
                "Deliveries by the configured secret that signed them: after a rotation the old "
                "slot goes quiet.")
            .Register(registry);
    prometheus::Counter& first_secret = secret_matches.Add({{"slot", "0"}});
    Histogram& lag = BuildHistogram()
                         .Name("oracoded_webhook_delivery_lag_seconds")
                         .Help("Age of an event when its delivery came.")
                         .Register(registry)
                         .Add({}, slow);
    Histogram& skew = BuildHistogram()
                          .Name("oracoded_webhook_clock_skew_seconds")
                          .Help("Our clock less the delivery's signed time stamp.")
                          .Register(registry)
                          .Add({}, skewed);
    prometheus::Gauge& last_webhook = BuildGauge()
                                          .Name("oracoded_last_webhook_timestamp_seconds")
                                          .Help("When the last authentic delivery came.")
                                          .Register(registry)
                                          .Add({});
    Histogram& commit = BuildHistogram()
                            .Name("oracoded_webhook_commit_duration_seconds")
                            .Help("Time of one durable group commit.")
                            .Register(registry)
                            .Add({}, fast);
    prometheus::Counter& committed_rows =
        BuildCounter()
            .Name("oracoded_committed_writes_total")
            .Help("Writes made durable; by the number of commits, their group size.")
            .Register(registry)
            .Add({});
    prometheus::Family<prometheus::Counter>& transitions =
        BuildCounter()
            .Name("oracoded_transitions_total")
            .Help("Changes of status, by source.")
            .Register(registry);
    // By from (0: none), to and source; found once.
    static constexpr std::size_t most = 8;
    using Counters = std::array<std::atomic<prometheus::Counter*>, most>;
    std::array<std::array<Counters, most>, most> known_transitions{};
    prometheus::Family<Histogram>& requests =
        BuildHistogram()
            .Name("oracoded_http_request_duration_seconds")
            .Help("Time from a request's arrival to its answer.")
            .Register(registry);
    prometheus::Family<prometheus::Counter>& polls =
        BuildCounter()
            .Name("oracoded_poll_requests_total")
            .Help("Requests to Seam, by endpoint and status code; 0: no answer came.")
            .Register(registry);
    prometheus::Family<prometheus::Counter>& orders =
        BuildCounter()
            .Name("oracoded_orders_total")
            .Help("Orders for access codes, by how they ended.")
            .Register(registry);
    prometheus::Counter& recovered_by_poll =
        BuildCounter()
            .Name("oracoded_recovered_by_poll_total")
            .Help("Changes of status that a poll found and no webhook reported.")
            .Register(registry)
            .Add({});
    prometheus::Family<prometheus::Counter>& corrected =
        BuildCounter()
            .Name("oracoded_corrected_by_poll_total")
            .Help("What a look at Seam put right that no event had reported, by kind.")
            .Register(registry);
    prometheus::Counter& backfilled =
        BuildCounter()
            .Name("oracoded_backfill_events_total")
            .Help("Events found in Seam's list that no webhook had brought.")
            .Register(registry)
            .Add({});
    prometheus::Family<prometheus::Counter>& refused =
        BuildCounter()
            .Name("oracoded_connections_refused_total")
            .Help("Connections closed before a request was served.")
            .Register(registry);
    prometheus::Counter& commit_failures = BuildCounter()
                                               .Name("oracoded_store_commit_failures_total")
                                               .Help("Transactions that the disk did not take.")
                                               .Register(registry)
                                               .Add({});
    prometheus::Gauge& reload_successful =
        BuildGauge()
            .Name("oracoded_config_last_reload_successful")
            .Help("Whether the settings and files read last were taken; 0: the old ones are kept.")
            .Register(registry)
            .Add({});
    prometheus::Gauge& reload_success_at =
        BuildGauge()
            .Name("oracoded_config_last_reload_success_timestamp_seconds")
            .Help("When the settings in force were read.")
            .Register(registry)
            .Add({});
    prometheus::Family<prometheus::Counter>& purged =
        BuildCounter()
            .Name("oracoded_purged_total")
            .Help("What was deleted because it had been kept long enough.")
            .Register(registry);
    prometheus::Gauge& quarantined = BuildGauge()
                                         .Name("oracoded_quarantined_events")
                                         .Help("Authentic deliveries kept that were not usable.")
                                         .Register(registry)
                                         .Add({});
    prometheus::Gauge& free_bytes = BuildGauge()
                                        .Name("oracoded_db_free_bytes")
                                        .Help("Of the database file, free for what comes next.")
                                        .Register(registry)
                                        .Add({});
    const std::uint64_t number = next_number();
    prometheus::Family<prometheus::Gauge>& access_codes =
        BuildGauge()
            .Name("oracoded_access_codes")
            .Help("Codes that have not ended, by status.")
            .Register(registry);
    prometheus::Gauge& ended = BuildGauge()
                                   .Name("oracoded_access_codes_ended")
                                   .Help("Codes that have ended and are still kept.")
                                   .Register(registry)
                                   .Add({});
    prometheus::Gauge& overdue = BuildGauge()
                                     .Name("oracoded_access_codes_overdue")
                                     .Help("Codes whose next step should have been announced.")
                                     .Register(registry)
                                     .Add({});
    mutable std::mutex mutex;
    std::vector<ReadGauge> read_gauges;
    std::vector<ReadCounter> read_counters;
};

Metrics::Metrics() : families_(std::make_unique<Families>()) {
    BuildGauge()
        .Name("oracoded_build_info")
        .Help("Which build runs.")
        .Register(families_->registry)
        .Add({{"version", std::string(version())}})
        .Set(1);
    // From zero on, so that the first of a kind is seen as an increase.
    for (std::size_t kind = 0; kind < lifecycle::correction_count; ++kind)
        families_->corrected.Add(
            {{"kind", std::string(name(static_cast<lifecycle::Correction>(kind)))}});
}

Metrics::~Metrics() = default;

void Metrics::webhook_answered(unsigned code, std::string_view reason) {
    if (code == 204 && reason == "accepted") return families_->accepted.Increment();
    families_->webhook_requests
        .Add({{"code", std::to_string(code)}, {"reason", std::string(reason)}})
        .Increment();
}

void Metrics::webhook_duplicate() {
    families_->duplicates.Increment();
}

void Metrics::webhook_matched_secret(std::size_t slot) {
    if (slot == 0) return families_->first_secret.Increment();
    families_->secret_matches.Add({{"slot", std::to_string(slot)}}).Increment();
}

void Metrics::webhook_timing(std::optional<Duration> lag, Duration skew, Timestamp now) {
    if (lag) {
        delivery_lag_.note(*lag, now);
        families_->lag.Observe(seconds(*lag));
    }
    families_->skew.Observe(seconds(skew));
    families_->last_webhook.Set(seconds(now.time_since_epoch()));
}

std::optional<Timestamp> Metrics::last_webhook() const {
    const auto at = families_->last_webhook.Value();
    if (at == 0) return std::nullopt;
    return Timestamp{std::chrono::round<Duration>(std::chrono::duration<double>(at))};
}

void Metrics::committed(std::chrono::nanoseconds took, std::size_t rows) {
    families_->commit.Observe(seconds(took));
    families_->committed_rows.Increment(static_cast<double>(rows));
}

void Metrics::transition(const lifecycle::Transition& made) {
    if (made.source == lifecycle::Source::poll) families_->recovered_by_poll.Increment();
    auto& known = families_->known_transitions.at(made.from ? 1 + index_of(*made.from) : 0)
                      .at(index_of(made.to))
                      .at(index_of(made.source));
    auto* counter = known.load(std::memory_order_acquire);
    if (counter == nullptr) {
        counter = &families_->transitions.Add(
            {{"from", made.from ? std::string(name(*made.from)) : "none"},
             {"to", std::string(name(made.to))},
             {"source", std::string(name(made.source))}});
        known.store(counter, std::memory_order_release);
    }
    counter->Increment();
}

void Metrics::corrected(const lifecycle::Corrections& made) {
    for (std::size_t kind = 0; kind < made.size(); ++kind) {
        if (made.at(kind))
            families_->corrected
                .Add({{"kind", std::string(name(static_cast<lifecycle::Correction>(kind)))}})
                .Increment();
    }
}

void Metrics::http_answered(std::string_view route, std::string_view method, unsigned code,
                            std::chrono::nanoseconds took) {
    thread_local std::vector<KnownRoute> known_routes;
    const auto which = index_of(method);
    for (const auto& known : known_routes) {
        if (known.route == route.data() && known.method == which && known.code == code &&
            known.of == families_->number)
            return known.histogram->Observe(seconds(took));
    }
    auto& histogram =
        families_->requests.Add({{"route", route.empty() ? "other" : std::string(route)},
                                 {"method", std::string(methods.at(which))},
                                 {"code", std::to_string(code)}},
                                fast);
    known_routes.push_back({families_->number, route.data(), which, code, &histogram});
    histogram.Observe(seconds(took));
}

void Metrics::polled(std::string_view endpoint, unsigned status, Timestamp now) {
    poll_record_.note(status == 200 || status == 404, now);
    families_->polls.Add({{"endpoint", std::string(endpoint)}, {"code", std::to_string(status)}})
        .Increment();
}

void Metrics::ordered(std::string_view outcome) {
    families_->orders.Add({{"outcome", std::string(outcome)}}).Increment();
}

void Metrics::backfilled(std::size_t events) {
    families_->backfilled.Increment(static_cast<double>(events));
}

void Metrics::connection_refused(std::string_view reason) {
    families_->refused.Add({{"reason", std::string(reason)}}).Increment();
}

void Metrics::stored(std::int64_t quarantined, std::int64_t free_bytes) {
    families_->quarantined.Set(static_cast<double>(quarantined));
    families_->free_bytes.Set(static_cast<double>(free_bytes));
}

void Metrics::access_codes(const lifecycle::CodeCounts& counts) {
    for (const auto status :
         {lifecycle::Status::unknown, lifecycle::Status::unset, lifecycle::Status::setting,
          lifecycle::Status::set, lifecycle::Status::removing})
        families_->access_codes.Add({{"status", std::string(name(status))}})
            .Set(static_cast<double>(counts.of(status)));
    families_->ended.Set(static_cast<double>(counts.ended));
    families_->overdue.Set(static_cast<double>(counts.overdue));
}

void Metrics::gauge(const std::string& name, const std::string& help,
                    std::function<std::optional<double>()> read) {
    auto& family = BuildGauge().Name(name).Help(help).Register(families_->registry);
    const std::lock_guard lock(families_->mutex);
    families_->read_gauges.push_back({family, std::move(read)});
}

void Metrics::counter(const std::string& name, const std::string& help,
                      std::function<double()> read) {
    auto& counter = BuildCounter().Name(name).Help(help).Register(families_->registry).Add({});
    const std::lock_guard lock(families_->mutex);
    families_->read_counters.push_back({counter, std::move(read)});
}

void Metrics::commit_failed() {
    families_->commit_failures.Increment();
}

void Metrics::reloaded(bool taken, Timestamp at) {
    families_->reload_successful.Set(taken ? 1 : 0);
    if (taken) families_->reload_success_at.Set(seconds(at.time_since_epoch()));
}

void Metrics::purged(std::string_view kind, std::size_t rows) {
    families_->purged.Add({{"kind", std::string(kind)}}).Increment(static_cast<double>(rows));
}

std::string Metrics::text() const {
    {
        const std::lock_guard lock(families_->mutex);
        for (auto& entry : families_->read_gauges) entry.refresh();
        for (auto& entry : families_->read_counters)
            entry.counter.Increment(std::max(0.0, entry.read() - entry.counter.Value()));
    }
    return prometheus::TextSerializer().Serialize(families_->registry.Collect());
}

}  // namespace oracode::metrics
