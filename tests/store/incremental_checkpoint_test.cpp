// The log is copied into the database, and that synced, beside the commits.
#include "store/sqlite/incremental_checkpoint.hpp"

#include <cerrno>
#include <fstream>
#include <optional>

#include <gmock/gmock.h>

#include "store/sqlite/database_file.hpp"
#include "store/sqlite/sqlite.hpp"
#include "tests/support/disk/watched_disk.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temporary_folder.hpp"

namespace oracode::test {
namespace {

using store::Database;
using store::DatabaseFile;
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
        file_.emplace(path_);
    }

    void commit() { database_->execute("INSERT INTO filler VALUES (randomblob(20000))"); }

    static void copy_and_wait(IncrementalCheckpoint& checkpoint, bool and_sync = false) {
        checkpoint.copy(and_sync);
        ASSERT_TRUE(eventually([&] { return !checkpoint.busy(); }));
    }

    const TemporaryFolder folder_;
    const std::string path_ = (folder_.path() / "some.db").string();
    std::optional<Database> database_;
    std::optional<DatabaseFile> file_;
};

TEST_F(IncrementalCheckpointTest, CopiesWhatTheLogHoldsAndNoMore) {
    commit();
    IncrementalCheckpoint checkpoint(path_, *file_);
    EXPECT_EQ(checkpoint.copied(), 0);
    copy_and_wait(checkpoint);
    const auto held = database_->wal_pages();
    EXPECT_EQ(checkpoint.copied(), held);
    commit();
    commit();
    EXPECT_EQ(checkpoint.copied(), held);
    copy_and_wait(checkpoint);
    EXPECT_EQ(checkpoint.copied(), database_->wal_pages());
    EXPECT_FALSE(checkpoint.finish().has_value());
}

TEST_F(IncrementalCheckpointTest, CopiesWhileTheWriterIsInATransaction) {
    commit();
    const auto held = database_->wal_pages();
    IncrementalCheckpoint checkpoint(path_, *file_);
    database_->execute("BEGIN IMMEDIATE");
    commit();
    copy_and_wait(checkpoint);
    EXPECT_EQ(checkpoint.copied(), held);
    database_->execute("COMMIT");
}

// SQLite before 3.51.3 may lose commits where the log is begun again while it is being copied.
TEST_F(IncrementalCheckpointTest, TheLogIsNotBegunAgainBeforeItHasEnded) {
    commit();
    {
        IncrementalCheckpoint checkpoint(path_, *file_);
        auto held = database_->wal_pages();
        for (int i = 0; i < 5; ++i) {
            copy_and_wait(checkpoint, i % 2 == 0);
            // Also where all of it is in the database by now.
            EXPECT_TRUE(i == 0 || database_->checkpoint(false));
            commit();
            EXPECT_GT(database_->wal_pages(), held);
            held = database_->wal_pages();
        }
    }
    EXPECT_TRUE(database_->checkpoint(false));
    commit();
    EXPECT_LT(database_->wal_pages(), 20);
}

// Where a reader keeps some of the log from being copied, SQLite itself does not sync.
TEST_F(IncrementalCheckpointTest, SyncsTheDatabaseWhereThatIsAskedFor) {
    commit();
    Database reader(path_, Database::Access::read_only);
    reader.execute("BEGIN");
    ASSERT_EQ(reader.integer("SELECT count(*) FROM filler"), 1);
    commit();
    WatchedDisk disk(folder_.path());
    disk.fail({.call = DiskCall::sync, .lasting = true, .error = EIO, .file = "some.db"});
    IncrementalCheckpoint checkpoint(path_, *file_);
    copy_and_wait(checkpoint);
    EXPECT_GT(checkpoint.copied(), 0);
    EXPECT_FALSE(checkpoint.failed());
    EXPECT_EQ(disk.struck(), 0);
    copy_and_wait(checkpoint, true);
    EXPECT_EQ(disk.struck(), 1);
    const auto failure = checkpoint.finish();
    ASSERT_TRUE(failure.has_value());
    EXPECT_TRUE(failure->of_sync);
    EXPECT_THAT(failure->what, testing::HasSubstr("sync"));
}

// The writer may ask for another copy at the moment at which one fails.
TEST_F(IncrementalCheckpointTest, AFailedSyncIsNotForgottenForALaterFailure) {
    commit();
    WatchedDisk disk(folder_.path());
    IncrementalCheckpoint checkpoint(path_, *file_);
    disk.fail({.call = DiskCall::sync, .error = EIO, .file = "some.db"});
    copy_and_wait(checkpoint, true);
    ASSERT_TRUE(checkpoint.failed());
    disk.fail({.call = DiskCall::write, .lasting = true, .error = ENOSPC, .file = "some.db"});
    commit();
    copy_and_wait(checkpoint, true);
    EXPECT_EQ(disk.struck(), 0);
    const auto failure = checkpoint.finish();
    ASSERT_TRUE(failure.has_value());
    EXPECT_TRUE(failure->of_sync);
}

TEST_F(IncrementalCheckpointTest, AFailedCopyIsToldAndIsNotOneOfASync) {
    commit();
    WatchedDisk disk(folder_.path());
    IncrementalCheckpoint checkpoint(path_, *file_);
    disk.fail({.call = DiskCall::write, .lasting = true, .error = ENOSPC, .file = "some.db"});
    copy_and_wait(checkpoint);
    EXPECT_TRUE(checkpoint.failed());
    EXPECT_EQ(checkpoint.copied(), 0);
    const auto failure = checkpoint.finish();
    ASSERT_TRUE(failure.has_value());
    EXPECT_FALSE(failure->of_sync);
}

}  // namespace
}  // namespace oracode::test
