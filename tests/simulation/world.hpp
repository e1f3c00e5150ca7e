// Days of oracoded in milliseconds: a daemon, a Seam and all that lies between them, under a
// virtual clock, with everything going wrong that the seed says. The promises are watched at every
// moment. Nothing here knows a thread or a socket.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "simulation/simulated_daemon.hpp"
#include "simulation/simulated_disk.hpp"
#include "simulation/simulated_seam.hpp"
#include "simulation/troubles.hpp"
#include "simulation/watch.hpp"

namespace oracode::test {

struct WorldOptions {
    Duration length = std::chrono::hours{24};
    SeamTemper seam;
    poller::PlannerOptions planner;
    double dropped = 0;  // of the webhooks
    double doubled = 0;
    double delayed = 0;  // by up to 28 hours, the length of Svix's retries
    double crashes = 0;  // for each write
    double strays = 0;   // answers of something between the daemon and Seam
    int troubles = 0;
    Duration clock_off{};    // of the daemon's clock, from the beginning
    double clock_drift = 0;  // seconds a second
};

// Everything at once, in a measure that the seed says.
[[nodiscard]] WorldOptions contrary(std::uint64_t seed, Duration length);

class World {
public:
    static constexpr Timestamp start{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};

    // Keeps its database at `path`.
    World(std::uint64_t seed, WorldOptions options, std::string path);

    // Lives until the end, or until a promise is broken.
    void run();

    // What was broken first, for people; empty: nothing.
    [[nodiscard]] std::string broken() const;
    // Until the end of the run.
    [[nodiscard]] const SimulatedSeam& seam() const { return seam_; }
    [[nodiscard]] std::size_t requests() const { return requests_; }
    [[nodiscard]] std::size_t events() const { return events_; }
    [[nodiscard]] const FaultTally& tally() const { return tally_; }
    [[nodiscard]] const Watch::Longest& longest() const { return watch_.longest(); }

private:
    [[nodiscard]] Surroundings surroundings();
    [[nodiscard]] Timestamp clock() const;
    void at(Timestamp when, std::function<void()> act);
    void boot();
    void down();
    void seam_moves();
    void deliver(const Webhook& webhook);
    void attempt(const Webhook& webhook, std::size_t tries);
    void begin(const Trouble& trouble);
    void end(const Trouble& trouble);
    void note(const Trouble& trouble);
    void note_clock();
    void call(const std::string& path, const std::string& body,
              std::function<void(SeamAnswer)> done);
    [[nodiscard]] SeamAnswer answer(const std::string& path, const std::string& body);
    void note_request();
    // A line for the one who looks for the cause of a broken promise: with ORACODE_TRACE set.
    void trace(std::string_view what, const std::string& text) const;
    [[nodiscard]] std::vector<const CodeAtSeam*> others_known(const std::string& id);
    [[nodiscard]] bool most_are_missing(const std::string& id);
    void look_at(const std::string& id);
    void look_at_all();
    void written(const std::string& id);
    bool chance(double probability) {
        return std::uniform_real_distribution<>(0, 1)(random_) < probability;
    }
    Duration within(Duration span);

    std::mt19937_64 random_;
    WorldOptions options_;
    const SimulatedDisk disk_;
    Timestamp now_ = start;
    Timestamp booted_at_ = start;
    FaultTally tally_;
    SimulatedSeam seam_;
    std::multimap<Timestamp, std::function<void()>> agenda_;
    std::set<std::pair<Timestamp, std::string>> to_look_at_;
    Watch watch_;
    const Trouble* trouble_ = nullptr;  // the present one
    std::vector<Trouble> troubles_;
    std::string key_workspace_ = "workspace1";
    std::unique_ptr<SimulatedDaemon> daemon_;  // none while it is down
    std::shared_ptr<bool> alive_;  // what belongs to an earlier run of the daemon is void
    std::vector<std::unique_ptr<SimulatedDaemon>> dead_;
    std::deque<Timestamp> minute_;
    std::string overspent_;
    std::size_t requests_ = 0;
    std::size_t events_ = 0;
    std::multimap<std::string, Timestamp> received_;  // sent then, not durable yet
};

}  // namespace oracode::test
