// The log is copied into the database bit by bit, and synced beside the commits.
#include "store/sqlite/incremental_checkpoint.hpp"

#include <cerrno>
#include <fstream>
#include <optional>

#include <gmock/gmock.h>

#include "store/sqlite/sqlite.hpp"
#include "tests/support/disk/watched_disk.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temporary_folder.hpp"

namespace oracode::test {
namespace {

using store::Database;
using store::IncrementalCheckpoint;

class IncrementalCheckpointTest : public testing::Test {
protected:
    IncrementalCheckpointTest() {
        const std::ofstream made_empty{path_};
        database_.emplace(path_, Database::Access::read_write);
        database_->execute(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
            "CREATE TABLE filler (bytes BLOB)");
        database_->checkpoint(true);
    }

    void commit() { database_->execute("INSERT INTO filler VALUES (randomblob(20000))"); }
    // Copies what is allowed; how many pages of the log are left.
    std::int64_t left_after_copy() {
        database_->checkpoint(false);
        return database_->pages_to_copy();
    }

    const TemporaryFolder folder_;
    const std::string path_ = (folder_.path() / "some.db").string();
    std::optional<Database> database_;
};

TEST_F(IncrementalCheckpointTest, CopiesWhatTheLogHeldWhenItMovedOn) {
    commit();
    IncrementalCheckpoint checkpoint(path_);
    const auto held = database_->wal_pages();
    commit();
    const auto after_two = database_->wal_pages();
    EXPECT_EQ(left_after_copy(), after_two - held);
    commit();
    EXPECT_EQ(left_after_copy(), database_->wal_pages() - held) << "it has not moved on";
    checkpoint.move_on();
    EXPECT_EQ(left_after_copy(), 0);
}

TEST_F(IncrementalCheckpointTest, TheLogIsNotBegunAgainBeforeItHasEnded) {
    commit();
    {
        const IncrementalCheckpoint checkpoint(path_);
        EXPECT_TRUE(database_->checkpoint(false));
        commit();
        const auto held = database_->wal_pages();
        commit();
        EXPECT_GT(database_->wal_pages(), held);
    }
    EXPECT_TRUE(database_->checkpoint(false));
    commit();
    EXPECT_LT(database_->wal_pages(), 20);
}

TEST_F(IncrementalCheckpointTest, ACopyDoesNotSyncTheDatabaseButSyncDoes) {
    commit();
    WatchedDisk disk(folder_.path());
    IncrementalCheckpoint checkpoint(path_);
    commit();
    disk.fail({.call = DiskCall::sync, .lasting = true, .error = EIO, .file = "some.db"});
    EXPECT_NO_THROW(database_->checkpoint(false));
    EXPECT_EQ(disk.struck(), 0);
    checkpoint.sync();
    EXPECT_THAT(checkpoint.finish().value_or("no failure"), testing::HasSubstr("sync"));
    EXPECT_EQ(disk.struck(), 1);
}

TEST_F(IncrementalCheckpointTest, SyncsInTheBackgroundAndSaysWhenThatIsOver) {
    commit();
    IncrementalCheckpoint checkpoint(path_);
    EXPECT_FALSE(checkpoint.syncing());
    for (int i = 0; i < 3; ++i) {
        checkpoint.sync();
        EXPECT_TRUE(eventually([&] { return !checkpoint.syncing(); }));
    }
    EXPECT_EQ(checkpoint.finish(), std::nullopt);
}

}  // namespace
}  // namespace oracode::test
