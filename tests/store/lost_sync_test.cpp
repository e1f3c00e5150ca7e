// A sync of the database file that fails: the kernel reports it once, and the pages are gone.
#include "support/disk_faults.hpp"
#include "support/process.hpp"
#include "tests/store/fixture.hpp"

namespace oracode::test {
namespace {

namespace fs = std::filesystem;
using test::eventually;

// Another connection's look at the database as it is when this is made.
class Snapshot {
public:
    explicit Snapshot(const std::string& path) {
        sqlite3_open(path.c_str(), &database_);
        EXPECT_EQ(run("BEGIN; SELECT count(*) FROM events"), SQLITE_OK);
    }
    ~Snapshot() { sqlite3_close(database_); }
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

    // Keeps the connection, and with it the index of the log.
    void end() { EXPECT_EQ(run("COMMIT"), SQLITE_OK); }

private:
    int run(const char* sql) { return sqlite3_exec(database_, sql, nullptr, nullptr, nullptr); }

    sqlite3* database_ = nullptr;
};

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
    // What a power cut would leave, opened by a new start.
    void expect_whole_after_power_cut(const WatchedFile& file) const {
        const auto cut = folder_.path() / "cut.db";
        file.save_disk(cut);
        if (fs::exists(path() + "-wal")) fs::copy_file(path() + "-wal", cut.string() + "-wal");
        EXPECT_EQ(sql(cut.string(), "PRAGMA integrity_check"), "ok");
        EXPECT_EQ(sql(cut.string(), "SELECT count(*) FROM events"), std::to_string(recorded_));
    }

    int recorded_ = 0;
};

// The checkpoint that a reader cuts short has written pages without a sync and counts them as
// copied; the one that follows syncs in vain.
TEST_F(LostSync, OfTheDatabaseLosesNothingThatWasAnswered) {
    open();
    close();
    WatchedFile file(path());
    open();
    ASSERT_TRUE(record_up_to(130));
    Snapshot reader(path());
    ASSERT_TRUE(record_up_to(131));
    ASSERT_TRUE(eventually([&] { return file.has_unsynced(); })) << "no checkpoint was cut short";

    reader.end();
    file.fail_next_sync();
    ASSERT_TRUE(record_up_to(132));
    ASSERT_TRUE(eventually([&] { return file.sync_has_failed(); }));
    for (int i = 0; i < 3; ++i) static_cast<void>(probe());
    record_up_to(133);
    expect_whole_after_power_cut(file);
}

TEST_F(LostSync, IsToldAndEndsWritingUntilTheDatabaseIsOpenedAgain) {
    open();
    close();
    WatchedFile file(path());
    open();
    ASSERT_TRUE(record_up_to(110));
    file.fail_next_sync();
    ASSERT_TRUE(record_up_to(111));
    ASSERT_TRUE(eventually([&] { return given_up_.load(); }));
    EXPECT_EQ(probe().error().code, Errc::store_unavailable);
    EXPECT_FALSE(record_up_to(112));
    EXPECT_TRUE(store_->checkpoint_failure());
    EXPECT_EQ(find("code 110").status, lifecycle::Status::set) << "reading goes on";
    reopen();
    EXPECT_TRUE(record_up_to(112));
    close();
    expect_whole_after_power_cut(file);
}

TEST_F(LostSync, AtTheEndLeavesTheLogForTheNextStart) {
    open();
    close();
    WatchedFile file(path());
    open();
    ASSERT_TRUE(record_up_to(3));
    file.fail_next_sync();
    close();
    EXPECT_TRUE(file.sync_has_failed());
    expect_whole_after_power_cut(file);
}

}  // namespace
}  // namespace oracode::test
