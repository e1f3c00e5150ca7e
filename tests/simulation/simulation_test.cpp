// Whatever happens to the webhooks, to Seam, to the way there, to the clocks and to the daemon: the
// program keeps its promises (promises.hpp) at every moment. A failing seed is printed, and
// ORACODE_SEED=N runs that one alone. `tests/soak simulation [MINUTES]` runs as many as there is
// time for.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "simulation/promises.hpp"
#include "simulation/world.hpp"
#include "support/process.hpp"
#include "support/soak_time.hpp"

namespace oracode::test {
namespace {

using namespace std::chrono_literals;

constexpr Duration short_life = 20h;  // of the seeds that every run of the tests lives through

// In memory where there is such a file system: the simulation is about order, not about disks.
std::string database() {
    const auto name = "oracode-simulation-" + std::to_string(::getpid());
    const std::filesystem::path memory = "/dev/shm";
    return ((std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path()) /
            name)
        .string();
}

// What many lives have seen.
struct Record {
    FaultTally faults;
    Watch::Longest longest;

    void add(const World& world) {
        faults.add_world(world.tally());
        for (const auto& [promise, lasted] : world.longest()) {
            auto& longest_so_far = longest[promise];
            longest_so_far = std::max(longest_so_far, lasted);
        }
    }
    [[nodiscard]] std::string table() const {
        auto out = faults.table();
        for (const auto& [promise, lasted] : longest)
            out += fmt::format("{:<20} at most {:>5} min of {:>5} allowed\n", promise.first,
                               lasted / 1min, promise.second / 1min);
        return out;
    }
};

void live_through(std::uint64_t seed, Duration length, Record& record) {
    World world(seed, contrary(seed, length), database());
    world.run();
    record.add(world);
    EXPECT_EQ(world.broken(), "") << "ORACODE_SEED=" << seed;
}

// Every seed keeps the promises, and together they make every fault there is.
void live_through_all(std::uint64_t first, std::uint64_t last) {
    Record record;
    if (const char* seed = std::getenv("ORACODE_SEED"))
        return live_through(std::strtoull(seed, nullptr, 10), short_life, record);
    for (auto seed = first; seed < last; ++seed) live_through(seed, short_life, record);
    EXPECT_EQ(record.faults.missing(), "");
    std::cout << record.table();
}

// In parts, so that they run side by side.
TEST(Simulation, KeepsItsPromisesSeeds0To499) {
    live_through_all(0, 500);
}
TEST(Simulation, KeepsItsPromisesSeeds500To999) {
    live_through_all(500, 1'000);
}
TEST(Simulation, KeepsItsPromisesSeeds1000To1499) {
    live_through_all(1'000, 1'500);
}
TEST(Simulation, KeepsItsPromisesSeeds1500To1999) {
    live_through_all(1'500, 2'000);
}

TEST(Simulation, KeepsItsPromisesToThousandsOfCodes) {
    WorldOptions options;
    options.length = 3h;
    options.seam.codes = 2'000;
    options.dropped = 0.25;
    World world(1, options, database());
    world.run();
    EXPECT_EQ(world.broken(), "");
}

// Found by longer runs.
TEST(Simulation, KeepsItsPromisesInSeedsThatOnceBrokeOne) {
    Record record;
    for (const std::uint64_t seed :
         {5'000'023,  5'000'050,  5'000'093,  5'000'118,  7'000'637,  7'001'753,
          7'002'548,  7'005'158,  7'006'203,  7'008'354,  7'010'370,  20'000'702,
          20'001'866, 30'002'589, 30'002'644, 30'002'874, 40'000'843, 40'002'945,
          50'007'062, 50'008'349, 60'000'983, 70'010'731})
        live_through(seed, short_life, record);
}

// For how long the codes that can be asked for are near their stay, each by itself.
double hours_near_a_stay(const World& world, Timestamp end) {
    Duration sum{};
    for (const auto& [id, code] : world.seam().codes()) {
        if (code.workspace_id != "workspace1") continue;
        const auto& last = code.now();
        const auto from = std::max(code.created_at, last.starts_at - promises::policy.lead);
        sum += std::max(Duration{}, std::min(end, last.ends_at.value_or(end)) - from);
    }
    return std::chrono::duration<double>(sum) / 1h;
}

TEST(Simulation, AsksLittleWhileWebhooksArriveInTime) {
    double requests = 0;
    double allowed = 0;
    constexpr int worlds = 50;
    for (int seed = 0; seed < worlds; ++seed) {
        WorldOptions options;
        options.length = 48h;
        World world(static_cast<std::uint64_t>(seed), options, database());
        world.run();
        EXPECT_EQ(world.broken(), "") << "seed " << seed;
        const auto whole = options.length + promises::unknown_silent(options.planner.discover);
        // The hourly look at the events; three walks over two locks and the start of the daemon.
        allowed += static_cast<double>(whole / 1h) + 3 * 3 + 5;
        // `check_set`, shortened by a fifth at most, so that it is never longer.
        allowed += hours_near_a_stay(world, World::start + whole) *
                   static_cast<double>(1h / (promises::policy.check_set * 4 / 5));
        // An event may have the code looked at, in a list; half of them in vain once.
        allowed += 1.5 * static_cast<double>(world.events());
        requests += static_cast<double>(world.requests());
    }
    EXPECT_LT(requests, allowed);
    std::cout << fmt::format("{} requests a world, {} allowed\n", requests / worlds,
                             allowed / worlds);
}

// By `tests/soak simulation [MINUTES]` alone: whole weeks, from a seed that no run had before.
TEST(Soak, Simulation) {
    const auto soak = soak_time();
    if (!soak) GTEST_SKIP() << "tests/soak simulation [MINUTES] runs it";
    const auto first = soak->first_seed;
    auto seed = first;
    Record record;
    for (; !soak->is_over() && !HasFatalFailure(); ++seed) live_through(seed, short_life, record);
    // Each life is followed until what it has left behind is in order.
    const auto whole =
        short_life + promises::unknown_silent(contrary(0, short_life).planner.discover);
    std::cout << record.table()
              << fmt::format("simulation: {} lives of {} min, {} weeks, seeds {} to {}\n",
                             seed - first, whole / 1min,
                             static_cast<std::int64_t>(seed - first) * whole / (24h * 7), first,
                             seed - 1);
}

}  // namespace
}  // namespace oracode::test
