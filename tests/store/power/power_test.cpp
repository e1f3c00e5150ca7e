// The power goes at any moment: what was answered is there, and nothing is half there.
#include <cstdlib>
#include <iostream>
#include <numeric>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/store/power/power_cuts.hpp"
#include "tests/store/power/stories.hpp"

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

TEST(PowerLoss, WhileTheDatabaseIsMade) {
    EXPECT_THAT(cut_database(tell_creation(), 1'000, 120).failures, IsEmpty());
}

TEST(PowerLoss, UnderDeliveriesAndCheckpoints) {
    EXPECT_THAT(cut_database(tell_deliveries(), 2'000, 200).failures, IsEmpty());
}

TEST(PowerLoss, AgainAtTheStartAfterIt) {
    const auto deliveries = tell_deliveries();
    for (std::uint64_t seed = 3'000; seed < 3'060; seed += 10)
        EXPECT_THAT(cut_database(tell_restart(deliveries, seed), seed, 10).failures, IsEmpty());
}

TEST(PowerLoss, InEveryMigration) {
    for (const auto old : {OldDatabase::closed, OldDatabase::in_its_log})
        EXPECT_THAT(cut_database(tell_migrations(old), 4'000, 60, Kept::as_released).failures,
                    IsEmpty());
}

TEST(PowerLoss, WhileCopiesAreMade) {
    EXPECT_THAT(cut_database(tell_backups(), 5'000, 60).failures, IsEmpty());
}

TEST(PowerLoss, WhileOldThingsAreRemoved) {
    EXPECT_THAT(cut_database(tell_retention(), 6'000, 60, Kept::what_retention_left).failures,
                IsEmpty());
}

// The checks would see it: nothing is safe where syncs do nothing.
TEST(PowerLoss, IsNoticedWhereSyncsDoNothing) {
    const auto tally =
        cut_database(tell_deliveries(), 7'000, 60, Kept::everything, DiskReplay::Syncs::do_nothing);
    const auto all = std::accumulate(tally.failures.begin(), tally.failures.end(), std::string{});
    EXPECT_THAT(all, HasSubstr("lost: state"));
}

}  // namespace
}  // namespace oracode::test
