#include "poller/report.hpp"

#include <cstdlib>

#include <fmt/format.h>

#include "core/overloaded.hpp"
#include "logging/log.hpp"
#include "metrics/metrics.hpp"
#include "metrics/readings.hpp"

namespace oracode::poller {
namespace {

// From here on a clock is worth a person's attention.
constexpr Duration clock_trouble = std::chrono::seconds{30};

bool is_off(const PollState& state) {
    return state.clock_offset && std::chrono::abs(*state.clock_offset) >= clock_trouble;
}

std::string words(Duration offset) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(offset).count();
    return fmt::format("{} s {}", std::abs(seconds), seconds > 0 ? "behind" : "ahead of");
}

// Whom a request was about, for the log.
std::string subject(const Request& request) {
    return std::visit(
        Overloaded{
            [](const GetWorkspace&) { return std::string{"the key's workspace"}; },
            [](const ListCodes& list) {
                return list.codes.size() == 1 ? "access code " + list.codes.front().access_code_id
                                              : fmt::format("{} access codes", list.codes.size());
            },
            [](const GetCode& get) { return "access code " + get.access_code_id; },
            [](const ListEvents&) { return std::string{"events"}; },
            [](const ListDevices&) { return std::string{"devices"}; },
            [](const ListLockCodes& list) { return "the codes of device " + list.device_id; }},
        request);
}

}  // namespace

PollReport::PollReport(metrics::Metrics& metrics) : metrics_(metrics) {
    add_gauges();
}

void PollReport::add_gauges() {
    const auto reading = [this](auto read) -> metrics::Reading {
        return [shared = shared_, read]() -> std::optional<double> {
            const std::scoped_lock lock(shared->mutex);
            return read(shared->state);
        };
    };
    metrics::add_readings(
        metrics_,
        {.clock_offset = reading([](const PollState& state) {
             return std::chrono::duration<double>(state.clock_offset.value_or(Duration{0})).count();
         }),
         .workspace_mismatch = reading(
             [](const PollState& state) { return state.foreign_workspace.empty() ? 0.0 : 1.0; }),
         .codes_missing = reading(
             [](const PollState& state) { return static_cast<double>(state.codes_missing); })});
}

void PollReport::polled(std::string_view endpoint, unsigned status, Timestamp now) {
    metrics_.polled(endpoint, status, now);
}

void PollReport::failed(const Request& request, const seam::CallError& error) {
    log::warn("poll.failed", {{"endpoint", name(request)},
                              {"subject", subject(request)},
                              {"error", seam::describe(error)}});
}

void PollReport::corrected(const lifecycle::Corrections& made) {
    metrics_.corrected(made);
}

void PollReport::cannot_read(std::string_view why) {
    reading_.failed(why);
}

void PollReport::reads() {
    reading_.over();
}

void PollReport::recovered(std::size_t events) {
    metrics_.backfilled(events);
    log::info("backfill.recovered", {{"events", events}});
}

void PollReport::breaker_changed(seam::BreakerState state) {
    switch (state) {
        case seam::BreakerState::closed:
            return log::info("seam.answers_again");
        case seam::BreakerState::bad_key:
            return log::error(
                "seam.key_refused",
                {{"remedy", "put a valid key into seam.api_key_file and send SIGHUP"}});
        case seam::BreakerState::open:
        case seam::BreakerState::half_open:
            return log::error("seam.does_not_answer", {{"state", seam::name(state)}});
    }
}

void PollReport::events_lost() {
    log::error("backfill.page_full",
               {{"meaning", "one microsecond has more events than Seam lists"}});
}

void PollReport::state_changed(const PollState& state, const PollState& before) {
    {
        const std::scoped_lock lock(shared_->mutex);
        shared_->state = state;
    }
    if (!state.foreign_workspace.empty() && before.foreign_workspace.empty())
        log::error("seam.workspace_mismatch",
                   {{"key_workspace", state.key_workspace},
                    {"codes_workspace", state.foreign_workspace},
                    {"meaning", "the codes of that workspace are tracked by webhooks alone"},
                    {"remedy", "one daemon and one API key per workspace"}});
    if (state.codes_missing > 0 && before.codes_missing == 0)
        log::error("seam.codes_missing",
                   {{"codes", state.codes_missing},
                    {"meaning", "Seam does not know most of the codes asked for: none ends"}});
    if (state.codes_missing == 0 && before.codes_missing > 0) log::info("seam.codes_found_again");
    if (is_off(state) && !clock_reported_)
        log::warn("clock.off", {{"ours", words(*state.clock_offset) + " Seam's"},
                                {"remedy", "keep this machine's clock by NTP"}});
    if (!is_off(state) && clock_reported_ && state.clock_offset) log::info("clock.right_again");
    if (state.clock_offset) clock_reported_ = is_off(state);
}

PollState PollReport::state() const {
    const std::scoped_lock lock(shared_->mutex);
    return shared_->state;
}

std::optional<std::string> trouble(const PollState& state) {
    switch (state.breaker) {
        case seam::BreakerState::open:
            return "Seam does not answer";
        case seam::BreakerState::bad_key:
            return "Seam refuses the API key";
        case seam::BreakerState::closed:
        case seam::BreakerState::half_open:
            break;
    }
    if (state.answers_unusable) return "Seam's answers cannot be used";
    if (!state.foreign_workspace.empty())
        return fmt::format(
            "the API key is of workspace {}, but there are codes of workspace {}: "
            "these are tracked by webhooks alone",
            state.key_workspace, state.foreign_workspace);
    if (state.codes_missing > 0)
        return fmt::format("Seam does not know {} codes, most of those asked for: none ends",
                           state.codes_missing);
    if (is_off(state)) return fmt::format("our clock is {} Seam's", words(*state.clock_offset));
    return std::nullopt;
}

}  // namespace oracode::poller
