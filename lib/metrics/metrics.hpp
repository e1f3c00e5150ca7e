// Every metric that the daemon counts; those that are read when they are shown are in
// readings.hpp, those of the process in process.hpp. Owned by the daemon's App; any thread may
// count.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "lifecycle/alert.hpp"
#include "lifecycle/apply.hpp"
#include "lifecycle/arrival.hpp"
#include "lifecycle/code_counts.hpp"
#include "lifecycle/correction.hpp"
#include "metrics/delivery_lag.hpp"
#include "metrics/poll_record.hpp"

namespace oracode::metrics {

class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    // One answered delivery. `reason` is one of a fixed set of words, never a text of the sender's.
    void webhook_answered(unsigned code, std::string_view reason);
    void webhook_duplicate();
    void webhook_matched_secret(std::size_t slot);
    // How old the delivery was when it came: by its payload, and how far its signed time stamp was
    // from our clock.
    void webhook_timing(std::optional<Duration> lag, Duration skew, Timestamp now);
    [[nodiscard]] std::optional<Timestamp> last_webhook() const;
    void committed(std::chrono::nanoseconds took, std::size_t rows);
    void transition(const lifecycle::Transition& made);
    // `route` is a pattern that lives as long as the process, or empty where none fitted.
    void http_answered(std::string_view route, std::string_view method, unsigned code,
                       std::chrono::nanoseconds took);
    // One request to Seam; `status` 0: no answer came.
    void polled(std::string_view endpoint, unsigned status, Timestamp now);
    // What an answer of Seam put right.
    void corrected(const lifecycle::Corrections& made);
    // Events that the webhooks had missed.
    void backfilled(std::size_t events);
    // An order for a code ended; `outcome` is one of a fixed set of words.
    void ordered(std::string_view outcome);
    void connection_refused(std::string_view reason);
    void commit_failed();
    // The settings were read again, and taken or refused.
    void reloaded(bool taken, Timestamp at);
    // What was kept long enough; `kind` is one of a fixed set of words.
    void purged(std::string_view kind, std::size_t rows);

    // Who is notified from now on: shown from zero on.
    void notification_targets(std::vector<std::string> names);
    // An attempt to notify `target` ended; `result` is one of a fixed set of words.
    void notified(std::string_view target, std::string_view result);
    // Notifications that wait, of targets that have any.
    void notifications_pending(const std::map<std::string, std::int64_t>& by_target);
    // Deliveries answered 401 or 503 since the start, and changes of the status of known codes that
    // polls brought.
    [[nodiscard]] std::uint64_t refused_deliveries() const;
    [[nodiscard]] std::uint64_t noticed_by_poll() const;

    void access_codes(const lifecycle::CodeCounts& counts);
    // How many are open, by AlertKind.
    void alerts(const std::array<std::int64_t, lifecycle::alert_kind_count>& open);
    void arrivals_not_in_order(const lifecycle::ArrivalCounts& counts);
    // Deliveries in quarantine, and bytes of the database file that are free.
    void stored(std::int64_t quarantined, std::int64_t free_bytes);

    // What `webhook_timing` and `polled` recorded lately.
    [[nodiscard]] const DeliveryLag& delivery_lag() const { return delivery_lag_; }
    [[nodiscard]] const PollRecord& poll_record() const { return poll_record_; }

    // Values that are read when asked for; `read` is called on the thread that renders `text`. No
    // value: the metric is not shown.
    void gauge(const std::string& name, const std::string& help,
               std::function<std::optional<double>()> read);
    // The same for what only ever grows.
    void counter(const std::string& name, const std::string& help, std::function<double()> read);

    // Prometheus text format 0.0.4.
    [[nodiscard]] std::string text() const;

private:
    struct Families;
    std::unique_ptr<Families> families_;
    DeliveryLag delivery_lag_;
    PollRecord poll_record_;
};

}  // namespace oracode::metrics
