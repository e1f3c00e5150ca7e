#include "daemon/daemon_alerts.hpp"

#include <utility>

#include <fmt/format.h>

namespace oracode::daemon {
namespace {

using namespace std::chrono_literals;

// Shorter silences are common, and polling makes up for them.
constexpr Duration longest_silence = 5min;
constexpr Duration largest_offset = 30s;
constexpr std::uint64_t little_space = std::uint64_t{512} << 20;
constexpr std::chrono::days certificate_soon{7};
constexpr Duration rate_period = 1h;
// Of a small hotel with a few deliveries a day: what is refused six times an hour is not a
// scanner's single try, and Seam gives up on an endpoint that fails for days.
constexpr std::uint64_t refused_an_hour = 6;
constexpr std::uint64_t noticed_an_hour = 6;
// After the start polls bring what happened while nobody could deliver it.
constexpr Duration catching_up = 15min;

}  // namespace

std::vector<store::DaemonAlert> DaemonAlerts::evaluate(const DaemonFindings& findings,
                                                       Timestamp now) {
    found_.clear();
    notice_time(now);
    evaluate_seam(findings, now);
    evaluate_key(findings, now);
    evaluate_clock(findings);
    evaluate_webhooks(findings, now);
    evaluate_machine(findings, now);
    return found_;
}

void DaemonAlerts::holds(lifecycle::AlertKind kind, std::string cause) {
    found_.push_back({kind, std::move(cause)});
}

void DaemonAlerts::is_gone(lifecycle::AlertKind kind) {
    found_.push_back({kind, std::nullopt});
}

// What was remembered by a clock that stood ahead is forgotten.
void DaemonAlerts::notice_time(Timestamp now) {
    if (last_look_ && now < *last_look_) {
        last_hour_.clear();
        first_look_ = now;
        if (silent_since_) silent_since_ = now;
    }
    if (!first_look_) first_look_ = now;
    last_look_ = now;
}

void DaemonAlerts::evaluate_seam(const DaemonFindings& findings, Timestamp now) {
    const auto& poll = findings.poll;
    if (!findings.seam_unusable.empty())
        return holds(lifecycle::AlertKind::seam_unreachable,
                     "Seam cannot be asked: " + findings.seam_unusable + ".");
    if (!findings.asks_seam) return is_gone(lifecycle::AlertKind::seam_unreachable);
    const bool closed = poll.breaker == seam::BreakerState::closed;
    const bool silent = poll.breaker == seam::BreakerState::open ||
                        poll.breaker == seam::BreakerState::half_open || poll.answers_unusable;
    if (!silent) {
        silent_since_.reset();
        if (poll.last_success || !closed) is_gone(lifecycle::AlertKind::seam_unreachable);
        return;
    }
    if (!silent_since_) silent_since_ = now;
    if (now - *silent_since_ >= longest_silence)
        holds(lifecycle::AlertKind::seam_unreachable,
              fmt::format("Seam has not given a usable answer since {}.",
                          format_rfc3339(poll.last_success.value_or(*silent_since_))));
}

void DaemonAlerts::evaluate_key(const DaemonFindings& findings, Timestamp now) {
    const auto& poll = findings.poll;
    if (findings.asks_seam && poll.breaker == seam::BreakerState::bad_key)
        holds(lifecycle::AlertKind::seam_key, "Seam refuses the API key.");
    else if (!findings.asks_seam ||
             (poll.last_success && poll.breaker == seam::BreakerState::closed))
        is_gone(lifecycle::AlertKind::seam_key);
    if (poll.codes_missing > 0)
        holds(lifecycle::AlertKind::codes_missing,
              fmt::format("Seam does not find {} codes, most of those asked for: is the API key of "
                          "the right workspace?",
                          poll.codes_missing));
    else if (!findings.asks_seam || now - *first_look_ >= catching_up)
        is_gone(lifecycle::AlertKind::codes_missing);
}

void DaemonAlerts::evaluate_clock(const DaemonFindings& findings) {
    const auto& offset = findings.poll.clock_offset;
    if (offset && std::chrono::abs(*offset) >= largest_offset)
        holds(lifecycle::AlertKind::clock,
              fmt::format(
                  "Seam's clock and this machine's differ by {} s.",
                  std::chrono::round<std::chrono::seconds>(std::chrono::abs(*offset)).count()));
    else if (offset || !findings.asks_seam)
        is_gone(lifecycle::AlertKind::clock);
}

void DaemonAlerts::evaluate_webhooks(const DaemonFindings& findings, Timestamp now) {
    const bool caught_up = now - *first_look_ >= catching_up;
    // What polls bring until then says nothing of the webhooks.
    if (!caught_up)
        for (auto& sample : last_hour_) sample.noticed = findings.noticed_by_poll;
    last_hour_.push_back({now, findings.refused_deliveries, findings.noticed_by_poll});
    while (last_hour_.front().at < now - rate_period) last_hour_.pop_front();
    const auto& before = last_hour_.front();
    const auto refused = findings.refused_deliveries - before.refused;
    const auto noticed = findings.noticed_by_poll - before.noticed;
    if (refused >= refused_an_hour)
        holds(
            lifecycle::AlertKind::webhooks_failing,
            "Deliveries are refused (401 or 503): is the secret the one that Seam signs with, and "
            "can the database be written?");
    else if (noticed >= noticed_an_hour)
        holds(lifecycle::AlertKind::webhooks_failing,
              "Polls bring what no webhook did: does Seam reach this daemon, and is it subscribed "
              "to all event types?");
    else if (now - *first_look_ >= rate_period ||
             (findings.delivery_accepted && findings.refused_deliveries == 0))
        is_gone(lifecycle::AlertKind::webhooks_failing);
}

void DaemonAlerts::evaluate_machine(const DaemonFindings& findings, Timestamp now) {
    if (findings.checkpoint_failure)
        holds(lifecycle::AlertKind::disk, "SQLite's log cannot be copied into the database: " +
                                              *findings.checkpoint_failure + ".");
    else if (findings.disk_free < little_space)
        holds(
            lifecycle::AlertKind::disk,
            fmt::format("Less than {} MiB are left where the database lies.", little_space >> 20));
    else
        is_gone(lifecycle::AlertKind::disk);
    const auto& ends = findings.certificate_ends;
    if (ends && *ends <= now + certificate_soon)
        holds(lifecycle::AlertKind::certificate,
              fmt::format("A certificate {} at {}.", *ends <= now ? "expired" : "expires",
                          format_rfc3339(*ends)));
    else
        is_gone(lifecycle::AlertKind::certificate);
}

}  // namespace oracode::daemon
