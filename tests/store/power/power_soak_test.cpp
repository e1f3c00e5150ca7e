// By `tests/soak power` alone.
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/store/power/scenarios.hpp"
#include "tests/support/soak_time.hpp"

namespace oracode::test {
namespace {

constexpr std::size_t at_once = 50;

// A seed that failed is run again by PowerLoss.`test`, with ORACODE_SEED.
struct Scenario {
    const char* test;
    std::function<CutTally(std::uint64_t seed)> cut;
    CutTally tally{};
};

// Tells the stories of a variant once for all its seeds.
std::function<CutTally(std::uint64_t)> database(Story (*tell)(std::uint64_t variant), Kept kept) {
    struct Told {
        std::uint64_t variant = 0;
        Story story;
    };
    auto told = std::make_shared<std::optional<Told>>();
    return [=](std::uint64_t seed) {
        if (!*told || (*told)->variant != variant_of(seed))
            *told = Told{variant_of(seed), tell(variant_of(seed))};
        return cut_database((*told)->story, seed, at_once, kept);
    };
}

CutTally restarts(std::uint64_t seed) {
    static std::optional<std::uint64_t> variant;
    static Story story;
    if (variant != variant_of(seed)) story = tell_deliveries(*(variant = variant_of(seed)));
    return cut_restarts(story, seed, at_once);
}

CutTally lost_syncs(std::uint64_t seed) {
    auto [without, with_reader] = lose_syncs(seed, {.lives = at_once / 10, .cuts = 10});
    without.cuts.add(with_reader.cuts);
    return without.cuts;
}

std::vector<Scenario> scenarios() {
    return {
        {"WhileTheDatabaseIsMade", database(tell_creation, Kept::everything)},
        {"UnderDeliveriesAndCheckpoints", database(tell_deliveries, Kept::everything)},
        {"AgainAtTheStartAfterIt", restarts},
        {"InEveryMigration (closed)",
         database([](auto) { return tell_migrations(OldDatabase::closed); }, Kept::as_released)},
        {"InEveryMigration (in its log)",
         database([](auto) { return tell_migrations(OldDatabase::in_its_log); },
                  Kept::as_released)},
        {"WhileCopiesAreMade", database(tell_backups, Kept::everything)},
        {"WhileOldThingsAreRemoved", database(tell_retention, Kept::what_retention_left)},
        {"AfterASyncThatFailed", lost_syncs},
        {"WhileABackupIsPutInThePlaceOfTheDatabase",
         [](std::uint64_t seed) { return cut_restore(seed, at_once).cuts; }},
    };
}

CutTally sum_of(const std::vector<Scenario>& scenarios) {
    CutTally all;
    for (const auto& scenario : scenarios) all.add(scenario.tally);
    return all;
}

void print(const std::vector<Scenario>& scenarios, std::uint64_t first_seed, std::uint64_t end) {
    for (const auto& scenario : scenarios)
        std::cout << fmt::format(
            "{}: {} cuts, while the log was copied {} before and {} after a sync\n", scenario.test,
            scenario.tally.cuts, scenario.tally.while_log_was(CopiedLog::unsynced),
            scenario.tally.while_log_was(CopiedLog::synced));
    const auto all = sum_of(scenarios);
    for (std::size_t i = 0; i < survival_count; ++i)
        std::cout << fmt::format("{}: {}\n", name(static_cast<Survival>(i)), all.survivals.at(i));
    std::cout << fmt::format("power: {} cuts, {} wrong, seeds {} to {}\n", all.cuts,
                             all.failures.size(), first_seed, end - 1);
}

TEST(Soak, Power) {
    const auto time = soak_time();
    if (!time) GTEST_SKIP() << "tests/soak power [MINUTES] runs it";
    const char* const cuts = std::getenv("ORACODE_POWER_CUTS");
    const std::size_t wanted = cuts != nullptr ? std::strtoull(cuts, nullptr, 10) : 0;
    auto all = scenarios();
    auto seed = time->first_seed;
    const auto is_over = [&] {
        return HasFailure() || (wanted > 0 ? sum_of(all).cuts >= wanted : time->is_over());
    };
    for (; !is_over(); seed += at_once)
        for (auto& scenario : all) {
            scenario.tally.add(scenario.cut(seed));
            EXPECT_THAT(scenario.tally.failures, testing::IsEmpty()) << scenario.test;
        }
    print(all, time->first_seed, seed);
}

}  // namespace
}  // namespace oracode::test
