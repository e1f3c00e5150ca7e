#include "metrics/metrics.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include <prometheus/text_serializer.h>

#include "core/version.hpp"
#include "metrics/families.hpp"

namespace oracode::metrics {
namespace {

double seconds(auto duration) {
    return std::chrono::duration<double>(duration).count();
}

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
    prometheus::Histogram* histogram;
};

}  // namespace

Metrics::Metrics() : families_(std::make_unique<Families>()) {
    prometheus::BuildGauge()
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
    if (code == 401 || code == 503) families_->refused_deliveries.fetch_add(1);
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
    if (made.source == lifecycle::Source::poll) {
        families_->recovered_by_poll.Increment();
        if (made.from) families_->noticed_by_poll.fetch_add(1);
    }
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
                                fast_buckets);
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

void Metrics::notified(std::string_view target, std::string_view result) {
    families_->notifications.Add({{"target", std::string(target)}, {"result", std::string(result)}})
        .Increment();
}

void Metrics::notification_targets(std::vector<std::string> names) {
    for (const auto& name : names)
        for (const auto* result : {"delivered", "retried", "failed"})
            families_->notifications.Add({{"target", name}, {"result", result}});
    {
        const std::lock_guard lock(families_->mutex);
        families_->targets = std::move(names);
    }
    notifications_pending({});
}

void Metrics::notifications_pending(const std::map<std::string, std::int64_t>& by_target) {
    const std::lock_guard lock(families_->mutex);
    auto& known = families_->pending_by_target;
    std::erase_if(known, [&](const auto& entry) {
        if (std::ranges::find(families_->targets, entry.first) != families_->targets.end())
            return false;
        families_->pending_notifications.Remove(entry.second);
        return true;
    });
    for (const auto& target : families_->targets) {
        auto& gauge = known[target];
        if (gauge == nullptr) gauge = &families_->pending_notifications.Add({{"target", target}});
        const auto pending = by_target.find(target);
        gauge->Set(pending == by_target.end() ? 0 : static_cast<double>(pending->second));
    }
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
    auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(families_->registry);
    const std::lock_guard lock(families_->mutex);
    families_->read_gauges.push_back({family, std::move(read)});
}

void Metrics::counter(const std::string& name, const std::string& help,
                      std::function<double()> read) {
    auto& counter =
        prometheus::BuildCounter().Name(name).Help(help).Register(families_->registry).Add({});
    const std::lock_guard lock(families_->mutex);
    families_->read_counters.push_back({counter, std::move(read)});
}

std::uint64_t Metrics::refused_deliveries() const {
    return families_->refused_deliveries.load();
}

std::uint64_t Metrics::noticed_by_poll() const {
    return families_->noticed_by_poll.load();
}

void Metrics::alerts(const std::array<std::int64_t, lifecycle::alert_kind_count>& open) {
    for (std::size_t kind = 0; kind < open.size(); ++kind)
        families_->alerts
            .Add({{"kind", std::string(name(static_cast<lifecycle::AlertKind>(kind)))}})
            .Set(static_cast<double>(open.at(kind)));
}

void Metrics::arrivals_not_in_order(const lifecycle::ArrivalCounts& counts) {
    for (std::size_t i = 0; i < counts.size(); ++i)
        families_->arrivals_not_in_order
            .Add({{"within", std::string(lifecycle::arrival_spans.at(i))}})
            .Set(static_cast<double>(counts.at(i)));
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
