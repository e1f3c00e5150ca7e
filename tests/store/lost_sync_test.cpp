// A sync of the database file that fails: the kernel reports it once, and the pages are gone.
#include <cerrno>

#include "support/disk/disk_replay.hpp"
#include "support/disk/watched_disk.hpp"
#include "support/process.hpp"
#include "tests/store/fixture.hpp"
#include "tests/store/snapshot.hpp"

namespace oracode::test {
namespace {

using test::eventually;

class LostSync : public StoreTest {
protected:
    // Records events, about ten pages each, until `count` are answered. False when one is refused.
    bool record_up_to(int count) {
        for (; recorded_ < count; ++recorded_) {
            const auto id = std::to_string(recorded_);
            if (!record(make_event(id, "code " + id, lifecycle::LifecycleStep::set, recorded_),
                        std::string(40'000, 'x')))
                return false;
        }
        return true;
    }
    static void fail_next_sync(WatchedDisk& disk) {
        disk.fail({.call = DiskCall::sync, .error = EIO, .file = "oracoded.db"});
    }
    // What a power cut would leave, opened by a new start.
    void expect_whole_after_power_cut(const WatchedDisk& disk) const {
        const auto recording = disk.recording();
        DiskReplay replay(recording);
        replay.advance_to(recording.records.size());
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            const TemporaryFolder cut;
            replay.save(cut.path(), seed);
            const auto left = (cut.path() / "oracoded.db").string();
            EXPECT_EQ(sql(left, "PRAGMA integrity_check"), "ok") << seed;
            EXPECT_EQ(sql(left, "SELECT count(*) FROM events"), std::to_string(recorded_)) << seed;
        }
    }

    int recorded_ = 0;
};

// The checkpoint that a reader cuts short has written pages without a sync and counts them as
// copied; the one that follows syncs in vain.
TEST_F(LostSync, OfTheDatabaseLosesNothingThatWasAnswered) {
    open();
    close();
    WatchedDisk disk(folder_.path(), WatchedDisk::Recording::on);
    open();
    // While the log is short, no idle moment empties it.
    ASSERT_TRUE(record_up_to(20));
    Snapshot reader(path());
    ASSERT_TRUE(record_up_to(131));
    ASSERT_TRUE(eventually([&] { return disk.has_unsynced("oracoded.db"); }))
        << "no checkpoint was cut short";

    fail_next_sync(disk);
    reader.end();
    record_up_to(132);  // refused where an idle moment came first, and with it the sync
    ASSERT_TRUE(eventually([&] { return disk.struck() > 0; }));
    for (int i = 0; i < 3; ++i) static_cast<void>(probe());
    record_up_to(133);
    expect_whole_after_power_cut(disk);
}

TEST_F(LostSync, IsReportedAndEndsWritingUntilTheDatabaseIsOpenedAgain) {
    open();
    close();
    WatchedDisk disk(folder_.path(), WatchedDisk::Recording::on);
    open();
    ASSERT_TRUE(record_up_to(110));
    fail_next_sync(disk);
    // Enough once more, should an idle moment have emptied the log meanwhile.
    record_up_to(220);
    ASSERT_TRUE(eventually([&] { return given_up_.load(); }));
    EXPECT_EQ(probe().error().code, Errc::store_unavailable);
    EXPECT_FALSE(record_up_to(recorded_ + 1));
    EXPECT_TRUE(store_->checkpoint_failure());
    EXPECT_EQ(find("code 109").status, lifecycle::Status::set) << "reading goes on";
    reopen();
    EXPECT_TRUE(record_up_to(recorded_ + 1));
    close();
    expect_whole_after_power_cut(disk);
}

// SQLite's own sync, which comes after it, would succeed.
TEST_F(LostSync, BesideTheCommitsIsNotForgotten) {
    open();
    close();
    WatchedDisk disk(folder_.path(), WatchedDisk::Recording::on);
    auto short_log = options();
    short_log.log = {.checkpoint_at = 2 << 20, .longest = 64 << 20};
    open(std::move(short_log));
    fail_next_sync(disk);
    while (recorded_ < 100 && record_up_to(recorded_ + 1)) {
    }
    EXPECT_LT(recorded_, 50) << "the log is not that long yet, so SQLite itself did not sync";
    ASSERT_EQ(disk.struck(), 1);
    EXPECT_TRUE(given_up_.load());
    EXPECT_FALSE(record_up_to(recorded_ + 1));
    expect_whole_after_power_cut(disk);
}

TEST_F(LostSync, AtTheEndLeavesTheLogForTheNextStart) {
    open();
    close();
    WatchedDisk disk(folder_.path(), WatchedDisk::Recording::on);
    open();
    ASSERT_TRUE(record_up_to(3));
    fail_next_sync(disk);
    close();
    EXPECT_TRUE(disk.struck() > 0);
    expect_whole_after_power_cut(disk);
}

}  // namespace
}  // namespace oracode::test
