#include "daemon/checks.hpp"

#include <fmt/format.h>

#include "poller/poller.hpp"
#include "store/store.hpp"

namespace oracode::daemon {
namespace {

using api::Finding;

// Room for the write-ahead log at its longest, and to delete what was kept long enough.
constexpr std::uint64_t least_space = std::uint64_t{128} << 20;
// Looks are made hourly; a Seam that does not answer for a while is the check `seam`.
constexpr std::chrono::hours oldest_backfill{3};

Finding look_at_listener(const CheckParts& parts, std::size_t which) {
    if (parts.draining) return {"shutting down"};
    if (which >= parts.listeners.size()) return {"not open"};
    if (!parts.listeners[which]->accepting()) return {"connections cannot be accepted"};
    return {};
}

Finding look_at_certificate(const CredentialsPointer& credentials, Timestamp now) {
    const auto ends = credentials->not_after();
    Finding finding;
    if (ends <= now) finding.trouble = "the certificate has expired";
    finding.more["not_after"] = format_rfc3339(ends);
    finding.more["expires_in_s"] =
        std::chrono::duration_cast<std::chrono::seconds>(ends - now).count();
    return finding;
}

Finding look_at_seam(const CheckParts& parts) {
    Finding finding;
    finding.trouble = parts.poller.trouble();
    if (!parts.seam_unusable.empty())
        finding.trouble = "Seam cannot be asked: " + parts.seam_unusable;
    finding.established = parts.poller.last_success();
    finding.more["asked"] = parts.poller.asks_seam();
    return finding;
}

Finding look_at_backfill(const CheckParts& parts) {
    Finding finding;
    if (!parts.poller.asks_seam()) return finding;
    finding.established = parts.poller.backfilled_to();
    if (!finding.established)
        finding.trouble = "the events of the past were not fetched yet";
    else if (parts.now() - *finding.established > oldest_backfill)
        finding.trouble = "missed events are not being fetched";
    return finding;
}

Finding look_at_disk(const Store& store) {
    const auto free = store.sizes().disk_free;
    Finding finding;
    if (free < least_space)
        finding.trouble = fmt::format("less than {} MiB left", least_space >> 20);
    finding.more["free_bytes"] = free;
    return finding;
}

Finding look_at_checkpoint(const Store& store) {
    Finding finding;
    if (const auto failure = store.checkpoint_failure())
        finding.trouble = "SQLite's log cannot be copied into the database: " + *failure;
    finding.more["log_bytes"] = store.sizes().log;
    return finding;
}

Finding look_at_reload(const std::optional<Reloader>& reloader) {
    Finding finding;
    if (!reloader) return finding;
    auto state = reloader->state();
    if (state.refused) finding.trouble = "not taken, the old is kept: " + *state.refused;
    finding.established = state.taken_at;
    return finding;
}

}  // namespace

std::vector<api::Check> readiness_checks(const CheckParts& parts) {
    std::vector<api::Check> checks{
        {"listener", [parts] { return look_at_listener(parts, 0); }},
        {"api", [parts] { return look_at_listener(parts, 1); }},
        {"seam", [parts] { return look_at_seam(parts); }, false},
        {"disk", [parts] { return look_at_disk(parts.store); }, false},
        {"checkpoint", [parts] { return look_at_checkpoint(parts.store); }, false},
        {"config", [parts] { return look_at_reload(parts.reloader); }, false},
    };
    if (parts.backfill > Duration{0})
        checks.push_back({"backfill", [parts] { return look_at_backfill(parts); }, false});
    // No sender shakes hands with an expired certificate: as good as no listener.
    if (const auto pair = parts.webhook_credentials)
        checks.push_back(
            {"certificate", [pair, now = parts.now] { return look_at_certificate(pair, now()); }});
    if (const auto pair = parts.api_credentials)
        checks.push_back({"api_certificate",
                          [pair, now = parts.now] { return look_at_certificate(pair, now()); },
                          false});
    return checks;
}

}  // namespace oracode::daemon
