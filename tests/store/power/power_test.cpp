// The power goes at any moment: what was answered is there, and nothing is half there.
#include <cstdlib>
#include <functional>
#include <iostream>
#include <numeric>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/store/power/lost_syncs.hpp"
#include "tests/store/power/power_cuts.hpp"
#include "tests/store/power/stories.hpp"
#include "tests/support/soak_time.hpp"

namespace oracode::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

CutTally cut_database(const Story& story, std::uint64_t first_seed, std::size_t count,
                      Kept kept = Kept::everything,
                      DiskReplay::Syncs syncs = DiskReplay::Syncs::count) {
    DatabaseCheck check(story, kept);
    return cut_power(
        story, first_seed, count,
        [&](const auto& folder, std::size_t position) { return check(folder, position); }, syncs);
}

// Starts after a cut, each cut off again; ten cuts for each of them.
CutTally cut_restarts(const Story& deliveries, std::uint64_t first_seed, std::size_t count) {
    const char* const alone = std::getenv("ORACODE_SEED");
    const auto from = alone != nullptr ? std::strtoull(alone, nullptr, 10) : first_seed;
    CutTally tally;
    for (auto seed = from - from % 10; seed < from + (alone != nullptr ? 1 : count); seed += 10)
        tally.add(cut_database(tell_restart(deliveries, seed), seed, 10));
    return tally;
}

TEST(PowerLoss, WhileTheDatabaseIsMade) {
    EXPECT_THAT(cut_database(tell_creation(), 1'000, 100).failures, IsEmpty());
}

TEST(PowerLoss, UnderDeliveriesAndCheckpoints) {
    EXPECT_THAT(cut_database(tell_deliveries(), 2'000, 180).failures, IsEmpty());
}

TEST(PowerLoss, AgainAtTheStartAfterIt) {
    EXPECT_THAT(cut_restarts(tell_deliveries(), 3'000, 50).failures, IsEmpty());
}

TEST(PowerLoss, InEveryMigration) {
    for (const auto old : {OldDatabase::closed, OldDatabase::in_its_log})
        EXPECT_THAT(cut_database(tell_migrations(old), 4'000, 50, Kept::as_released).failures,
                    IsEmpty());
}

TEST(PowerLoss, WhileCopiesAreMade) {
    EXPECT_THAT(cut_database(tell_backups(), 5'000, 50).failures, IsEmpty());
}

TEST(PowerLoss, WhileOldThingsAreRemoved) {
    EXPECT_THAT(cut_database(tell_retention(), 6'000, 60, Kept::what_retention_left).failures,
                IsEmpty());
}

TEST(PowerLoss, AfterASyncThatFailed) {
    for (const bool with_reader : {false, true}) {
        CutTally tally;
        std::size_t given_up = 0;
        for (std::int64_t nth = with_reader ? 3 : 1;; nth += 5) {
            const auto lost =
                lose_sync({nth, with_reader}, 9'000 + static_cast<std::uint64_t>(nth) * 2, 2);
            if (!lost.struck) break;
            tally.add(lost.cuts);
            if (lost.given_up) ++given_up;
        }
        EXPECT_THAT(tally.failures, IsEmpty()) << "reader: " << with_reader;
        EXPECT_GT(tally.cuts, 10U);
        EXPECT_GT(given_up, 0U) << "no sync of the database itself was lost";
    }
}

// The checks would see it: nothing is safe where syncs do nothing.
TEST(PowerLoss, IsNoticedWhereSyncsDoNothing) {
    const auto tally =
        cut_database(tell_deliveries(), 7'000, 40, Kept::everything, DiskReplay::Syncs::do_nothing);
    const auto all = std::accumulate(tally.failures.begin(), tally.failures.end(), std::string{});
    EXPECT_THAT(all, HasSubstr("lost: state"));
}

// By `tests/soak power [MINUTES]` alone. A seed that failed is run again by the test that is named,
// with ORACODE_SEED.
TEST(Soak, Power) {
    const auto time = soak_time();
    if (!time) GTEST_SKIP() << "tests/soak power [MINUTES] runs it";
    const auto creation = tell_creation();
    const auto deliveries = tell_deliveries();
    const auto backups = tell_backups();
    const auto retention = tell_retention();
    const auto closed = tell_migrations(OldDatabase::closed);
    const auto in_log = tell_migrations(OldDatabase::in_its_log);
    struct Scenario {
        const char* test;
        std::function<CutTally(std::uint64_t seed)> cut;
        CutTally tally{};
    };
    constexpr std::size_t at_once = 50;
    const auto database = [](const Story& story, Kept kept) {
        return
            [&story, kept](std::uint64_t seed) { return cut_database(story, seed, at_once, kept); };
    };
    std::vector<Scenario> scenarios{
        {"WhileTheDatabaseIsMade", database(creation, Kept::everything)},
        {"UnderDeliveriesAndCheckpoints", database(deliveries, Kept::everything)},
        {"AgainAtTheStartAfterIt",
         [&](std::uint64_t seed) { return cut_restarts(deliveries, seed, at_once); }},
        {"InEveryMigration (closed)", database(closed, Kept::as_released)},
        {"InEveryMigration (in its log)", database(in_log, Kept::as_released)},
        {"WhileCopiesAreMade", database(backups, Kept::everything)},
        {"WhileOldThingsAreRemoved", database(retention, Kept::what_retention_left)},
        {"AfterASyncThatFailed",
         [](std::uint64_t seed) {
             const auto nth = static_cast<std::int64_t>(1 + seed / at_once % 90);
             return lose_sync({nth, seed / at_once / 90 % 2 == 0}, seed, at_once).cuts;
         }},
    };
    auto seed = time->first_seed;
    bool failed = false;
    for (; !time->is_over() && !failed; seed += at_once)
        for (auto& scenario : scenarios) {
            scenario.tally.add(scenario.cut(seed));
            EXPECT_THAT(scenario.tally.failures, IsEmpty()) << scenario.test;
            failed = failed || !scenario.tally.failures.empty();
        }
    CutTally all;
    for (const auto& scenario : scenarios) {
        std::cout << fmt::format("{}: {} cuts\n", scenario.test, scenario.tally.cuts);
        all.add(scenario.tally);
    }
    for (std::size_t i = 0; i < survival_count; ++i)
        std::cout << fmt::format("{}: {}\n", name(static_cast<Survival>(i)), all.survivals.at(i));
    std::cout << fmt::format("power: {} cuts, {} wrong, seeds {} to {}\n", all.cuts,
                             all.failures.size(), time->first_seed, seed - 1);
}

}  // namespace
}  // namespace oracode::test
