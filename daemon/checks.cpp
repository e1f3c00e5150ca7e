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

Finding look_at_listener(const CheckDependencies& deps, std::size_t which) {
    if (deps.draining) return {"shutting down"};
    if (!deps.listeners[which]->accepting()) return {"connections cannot be accepted"};
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

Finding look_at_seam(const CheckDependencies& deps) {
    Finding finding;
    finding.trouble = deps.poller.trouble();
    if (!deps.seam_unusable.empty())
        finding.trouble = "Seam cannot be asked: " + deps.seam_unusable;
    finding.established = deps.poller.last_success();
    finding.more["asked"] = deps.poller.asks_seam();
    return finding;
}

Finding look_at_backfill(const CheckDependencies& deps) {
    Finding finding;
    if (!deps.poller.asks_seam()) return finding;
    finding.established = deps.poller.backfilled_to();
    if (!finding.established)
        finding.trouble = "the events of the past were not fetched yet";
    else if (deps.now() - *finding.established > oldest_backfill)
        finding.trouble = "missed events are not being fetched";
    return finding;
}

Finding look_at_disk(const store::Store& store) {
    const auto free = store.sizes().disk_free;
    Finding finding;
    if (free < least_space)
        finding.trouble = fmt::format("less than {} MiB left", least_space >> 20);
    finding.more["free_bytes"] = free;
    return finding;
}

Finding look_at_checkpoint(const store::Store& store) {
    Finding finding;
    if (const auto failure = store.checkpoint_failure())
        finding.trouble = "SQLite's log cannot be copied into the database: " + *failure;
    finding.more["log_bytes"] = store.sizes().log;
    return finding;
}

Finding look_at_targets(const notify::Sender& sender) {
    Finding finding;
    boost::json::object targets;
    std::string failing;
    for (const auto& [name, state] : sender.states()) {
        const auto& health = state.health;
        const auto text = [](const std::optional<Timestamp>& at) {
            return at ? boost::json::value(format_rfc3339(*at)) : boost::json::value();
        };
        targets[name] = {
            {"server", state.server},
            {"state", notify::name(health.state)},
            {"since", text(health.since)},
            {"last_delivered_at", text(health.last_delivered)},
            {"last_error", health.last_error.empty() ? boost::json::value()
                                                     : boost::json::value(health.last_error)}};
        if (!health.last_error.empty())
            failing +=
                fmt::format("{}{}: {}", failing.empty() ? "" : "; ", name, health.last_error);
    }
    if (!failing.empty()) finding.trouble = "not every target can be notified: " + failing;
    finding.more["targets"] = std::move(targets);
    return finding;
}

Finding look_at_reload(const Reloader& reloader) {
    Finding finding;
    auto state = reloader.state();
    if (state.refused) finding.trouble = "not taken, the old is kept: " + *state.refused;
    finding.established = state.taken_at;
    return finding;
}

}  // namespace

std::vector<api::Check> readiness_checks(const CheckDependencies& deps) {
    std::vector<api::Check> checks{
        {"listener", [deps] { return look_at_listener(deps, 0); }},
        {"api", [deps] { return look_at_listener(deps, 1); }},
        {"seam", [deps] { return look_at_seam(deps); }, false},
        {"disk", [deps] { return look_at_disk(deps.store); }, false},
        {"checkpoint", [deps] { return look_at_checkpoint(deps.store); }, false},
        {"config", [deps] { return look_at_reload(deps.reloader); }, false},
        {"notify", [deps] { return look_at_targets(deps.sender); }, false},
    };
    if (deps.backfill > Duration{0})
        checks.push_back({"backfill", [deps] { return look_at_backfill(deps); }, false});
    // No sender shakes hands with an expired certificate: as good as no listener.
    if (const auto pair = deps.webhook_credentials)
        checks.push_back(
            {"certificate", [pair, now = deps.now] { return look_at_certificate(pair, now()); }});
    if (const auto pair = deps.api_credentials)
        checks.push_back({"api_certificate",
                          [pair, now = deps.now] { return look_at_certificate(pair, now()); },
                          false});
    return checks;
}

}  // namespace oracode::daemon
