// SQLite's log does not grow without end, the one who reads, and never takes the space that copying
// it needs.
#include <fstream>
#include <thread>

#include <sys/mount.h>

#include "store/sqlite/sqlite.hpp"
#include "tests/store/fixture.hpp"

namespace oracode::test {
namespace {

namespace fs = std::filesystem;

// A connection that reads in one snapshot after the other.
class LongReader {
public:
    explicit LongReader(const std::string& path) {
        sqlite3_open_v2(path.c_str(), &database_, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
                        nullptr);
    }
    ~LongReader() { sqlite3_close(database_); }
    LongReader(const LongReader&) = delete;
    LongReader& operator=(const LongReader&) = delete;

    void begin() { run("BEGIN; SELECT count(*) FROM events"); }
    void end() { run("COMMIT"); }

private:
    void run(const char* sql) {
        EXPECT_EQ(sqlite3_exec(database_, sql, nullptr, nullptr, nullptr), SQLITE_OK);
    }

    sqlite3* database_ = nullptr;
};

class WriteAheadLog : public StoreTest {
protected:
    Result<store::Recorded> record_one(int number) {
        const auto id = std::to_string(number);
        return record(make_event(id, "code " + id, lifecycle::LifecycleStep::set, number),
                      std::string(20'000, 'x'));
    }
};

TEST_F(WriteAheadLog, IsEmptiedAlthoughLongReadsLeaveNoGap) {
    auto limited = options();
    limited.log = {400 << 10, 800 << 10};
    open(std::move(limited));
    std::atomic<bool> done = false;
    // The next begins before the last one ends.
    std::thread readers([&] {
        LongReader one(path());
        LongReader two(path());
        auto* now = &one;
        auto* next = &two;
        now->begin();
        while (!done) {
            std::this_thread::sleep_for(std::chrono::milliseconds{2});
            if (store_->log_is_being_emptied()) {
                now->end();
                store_->wait_while_log_is_emptied();
                now->begin();
            }
            next->begin();
            now->end();
            std::swap(now, next);
        }
        now->end();
    });
    std::uint64_t longest = 0;
    for (int i = 0; i < 300; ++i) {
        EXPECT_TRUE(record_one(i));
        longest = std::max(longest, store_->sizes().log);
    }
    done = true;
    readers.join();
    EXPECT_LT(longest, 1'600U << 10) << "it would have come to 300 times 24 KiB or so";
}

TEST_F(WriteAheadLog, NeverFillsTheDiskForGood) {
    const auto disk = folder_.path() / "disk";
    fs::create_directory(disk);
    if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=4m") != 0)
        GTEST_SKIP() << "only root may mount a small disk";
    {
        fs::create_symlink(disk / "oracoded.db", path());
        std::ofstream(disk / "oracoded.db").close();
        open();
        ASSERT_TRUE(record_one(0));
        LongReader reader((disk / "oracoded.db").string());
        reader.begin();
        int number = 1;
        while (record_one(number)) ASSERT_LT(++number, 1'000);
        EXPECT_GT(number, 20) << "a good part of the disk can be used";
        reader.end();
        EXPECT_TRUE(probe()) << "the log can be copied once nobody needs it";
        EXPECT_TRUE(record_one(number));
        close();
        EXPECT_EQ(sql((disk / "oracoded.db").string(), "PRAGMA integrity_check"), "ok");
    }
    ::umount(disk.c_str());
}

TEST_F(WriteAheadLog, WhatIsLeftToCopyCountsFromWhereItWasBegunAgain) {
    open();
    close();
    store::Database database(path(), store::Database::Access::read_write);
    database.execute(
        "CREATE TABLE filler (bytes BLOB); INSERT INTO filler VALUES (randomblob(200000))");
    LongReader reader(path());
    reader.begin();
    EXPECT_FALSE(database.checkpoint(true)) << "all is copied, but who reads keeps the log";
    EXPECT_EQ(database.pages_to_copy(), 0);
    reader.end();
    database.execute("INSERT INTO filler VALUES (1)");
    EXPECT_GT(database.pages_to_copy(), 0);
    EXPECT_EQ(database.pages_to_copy(), database.wal_pages());
}

}  // namespace
}  // namespace oracode::test
