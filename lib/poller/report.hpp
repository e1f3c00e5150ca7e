// What operators learn of polling: log lines, metrics, and how it stands now. Owned by the Poller;
// written on its thread, read on any.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "logging/outage.hpp"
#include "poller/ports.hpp"

namespace oracode::metrics {
class Metrics;
}

namespace oracode::poller {

class PollReport final : public PollObserver {
public:
    // Adds its gauges to `metrics`, which outlives this.
    explicit PollReport(metrics::Metrics& metrics);

    void polled(std::string_view endpoint, unsigned status, Timestamp now) override;
    void failed(const Request& request, const seam::CallError& error) override;
    void corrected(const lifecycle::Corrections& made) override;
    void recovered(std::size_t events) override;
    void cannot_read(std::string_view why) override;
    void reads() override;
    void breaker_changed(seam::BreakerState state) override;
    void events_lost() override;
    void state_changed(const PollState& state, const PollState& before) override;

    // Any thread.
    [[nodiscard]] PollState state() const;
    [[nodiscard]] bool reading_fails() const { return reading_.why().has_value(); }

private:
    // The gauges keep it alive.
    struct Shared {
        mutable std::mutex mutex;
        PollState state;
    };

    void add_gauges();

    metrics::Metrics& metrics_;
    std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
    log::Outage reading_{"poller.cannot_read", "poller.reads_again"};
    bool clock_reported_ = false;
};

// What keeps polling from showing the truth, for people; nullopt: all is well.
[[nodiscard]] std::optional<std::string> trouble(const PollState& state);

}  // namespace oracode::poller
