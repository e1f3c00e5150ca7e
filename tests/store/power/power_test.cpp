// The power goes at any moment: what was answered is there, and nothing is half there.
#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <string>

#include <gmock/gmock.h>

#include "tests/store/power/scenarios.hpp"

namespace oracode::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::size_t count_syncs(const Story& story, const std::string& file) {
    return static_cast<std::size_t>(
        std::ranges::count_if(story.disk.records, [&](const DiskRecord& record) {
            return record.kind == DiskRecord::Kind::sync && record.name == file;
        }));
}

// A log that is emptied after each commit, or never, would have the cuts meet little.
TEST(PowerLoss, MeetsLogsOfManyCommitsAndCheckpoints) {
    const auto story = tell_deliveries(0);
    const auto of_database = count_syncs(story, database_name);
    EXPECT_GT(of_database, 5U);
    EXPECT_GT(count_syncs(story, std::string(database_name) + "-wal"), of_database);
}

// No reader cuts a checkpoint short in these stories: what is copied while the log goes on was
// copied beside the commits.
TEST(PowerLoss, MeetsLogsThatAreCopiedBesideTheCommits) {
    CutTally all;
    for (const std::uint64_t seed : {10'000, 10'500, 11'000})
        all.add(cut_database(tell_retention(variant(seed)), seed, 30, Kept::what_retention_left));
    EXPECT_THAT(all.failures, IsEmpty());
    if (std::getenv("ORACODE_SEED") != nullptr) return;
    EXPECT_GT(all.while_log_was(CopiedLog::unsynced), 5U);
    EXPECT_GT(all.while_log_was(CopiedLog::synced), 0U);
}

TEST(PowerLoss, WhileTheDatabaseIsMade) {
    EXPECT_THAT(cut_database(tell_creation(variant(1'000)), 1'000, 100).failures, IsEmpty());
}

TEST(PowerLoss, UnderDeliveriesAndCheckpoints) {
    EXPECT_THAT(cut_database(tell_deliveries(variant(2'000)), 2'000, 180).failures, IsEmpty());
}

TEST(PowerLoss, AgainAtTheStartAfterIt) {
    EXPECT_THAT(cut_restarts(tell_deliveries(variant(3'000)), 3'000, 50).failures, IsEmpty());
}

TEST(PowerLoss, InEveryMigration) {
    for (const auto old : {OldDatabase::closed, OldDatabase::in_its_log})
        EXPECT_THAT(cut_database(tell_migrations(old), 4'000, 50, Kept::as_released).failures,
                    IsEmpty());
}

TEST(PowerLoss, WhileCopiesAreMade) {
    EXPECT_THAT(cut_database(tell_backups(variant(5'000)), 5'000, 50).failures, IsEmpty());
}

TEST(PowerLoss, WhileOldThingsAreRemoved) {
    EXPECT_THAT(
        cut_database(tell_retention(variant(6'000)), 6'000, 60, Kept::what_retention_left).failures,
        IsEmpty());
}

TEST(PowerLoss, AfterASyncThatFailed) {
    const auto tallies = lose_syncs(9'000, {.lives = 24, .cuts = 2});
    for (const auto& tally : tallies) EXPECT_THAT(tally.cuts.failures, IsEmpty());
    if (std::getenv("ORACODE_SEED") != nullptr) return;
    for (const auto& tally : tallies) {
        EXPECT_GT(tally.given_up, 0U) << "no sync of the database itself was lost";
        EXPECT_GT(tally.in_background, 0U);
    }
}

TEST(PowerLoss, WhileABackupIsPutInThePlaceOfTheDatabase) {
    const auto tally = cut_restore(8'000, 100);
    EXPECT_THAT(tally.cuts.failures, IsEmpty());
    if (tally.cuts.cuts > 1) {
        EXPECT_GT(tally.cut_off, 0U);
    }
}

// The checks would see it: nothing is safe where syncs do nothing.
TEST(PowerLoss, IsNoticedWhereSyncsDoNothing) {
    const auto tally = cut_database(tell_deliveries(variant(7'000)), 7'000, 40, Kept::everything,
                                    DiskReplay::Syncs::do_nothing);
    const auto all = std::accumulate(tally.failures.begin(), tally.failures.end(), std::string{});
    EXPECT_THAT(all, HasSubstr("lost: state"));
}

}  // namespace
}  // namespace oracode::test
