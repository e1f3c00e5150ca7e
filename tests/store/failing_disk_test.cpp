// A disk that is full, and work that cannot be stored.
#include <cerrno>
#include <csignal>
#include <fstream>

#include <sys/mount.h>
#include <sys/resource.h>

#include "support/disk/watched_disk.hpp"
#include "tests/store/fixture.hpp"

namespace oracode::test {
namespace {

namespace fs = std::filesystem;

// No file of this process can grow beyond `bytes` while it lives.
class FileSizeLimit {
public:
    explicit FileSizeLimit(rlim_t bytes) {
        before_signal_ = std::signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~FileSizeLimit() {
        setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, before_signal_);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;

private:
    rlimit before_{};
    void (*before_signal_)(int) = nullptr;
};

class FailingDisk : public StoreTest {
protected:
    static lifecycle::Event event(int number) {
        const auto id = std::to_string(number);
        return make_event(id, "code " + id, lifecycle::LifecycleStep::set, number);
    }

    // Records until it fails for good (after the first failure the log is emptied, which may give
    // some space back), then frees the disk and records again.
    template <class Free>
    void fill_and_free(const Free& free_disk) {
        const std::string body(10'000, 'x');
        int number = 0;
        for (int refused = 0; refused < 3;) {
            ASSERT_LT(number, 10'000);
            const auto recorded = record(event(number), body);
            if (recorded) {
                ++number;
                refused = 0;
                continue;
            }
            ++refused;
            EXPECT_EQ(recorded.error().code, Errc::store_unavailable);
            EXPECT_FALSE(recorded.error().detail.empty());
        }
        EXPECT_EQ(quarantine({"r", "m", body + body}).error().code, Errc::store_unavailable);
        store::Reader reader(path());
        EXPECT_EQ(reader.find("code 0").value().status, lifecycle::Status::set);
        EXPECT_EQ(reader.find("code " + std::to_string(number)).error().code, Errc::not_found);

        free_disk();

        EXPECT_TRUE(probe());
        EXPECT_FALSE(record(event(number), body).value().duplicate);
        EXPECT_TRUE(record(event(0)).value().duplicate);
        EXPECT_EQ(history("code " + std::to_string(number)).events.size(), 1U);
        reopen();
        EXPECT_EQ(sql(path(), "SELECT count(*) FROM events"), std::to_string(number + 1));
        EXPECT_EQ(sql(path(), "PRAGMA integrity_check"), "ok");
    }
};

TEST_F(FailingDisk, AFileThatMayNotGrowRefusesUntilItMay) {
    open();
    std::optional<FileSizeLimit> limit(400'000);
    fill_and_free([&] { limit.reset(); });
}

TEST_F(FailingDisk, AFullDiskRefusesUntilThereIsSpace) {
    const auto disk = folder_.path() / "disk";
    fs::create_directory(disk);
    if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=2m") != 0)
        GTEST_SKIP() << "only root may mount a small disk";
    {
        // The database by its link: everything below speaks of path().
        std::ofstream(disk / "ballast") << std::string(600'000, 'x');
        fs::create_symlink(disk / "oracoded.db", path());
        std::ofstream(disk / "oracoded.db").close();
        open();
        fill_and_free([&] { fs::remove(disk / "ballast"); });
        close();
    }
    ::umount(disk.c_str());
}

// After a failed sync no one knows what reached the disk: what was not promised may be there, what
// was promised must be.
TEST_F(FailingDisk, ASyncThatFailsPromisesNothingAndLosesNothing) {
    open();
    WatchedDisk disk(folder_.path());
    ASSERT_TRUE(record(event(0)));
    for (int number = 1; number < 20; ++number) {
        SCOPED_TRACE(number);
        disk.fail({.call = DiskCall::sync, .error = EIO});
        const auto refused = record(event(number));
        ASSERT_FALSE(refused) << "a sync failed, and yet it was promised";
        EXPECT_EQ(refused.error().code, Errc::store_unavailable);
        // The sender delivers again.
        ASSERT_TRUE(record(event(number))) << "the disk works again";
        EXPECT_EQ(find("code " + std::to_string(number)).status, lifecycle::Status::set);
        EXPECT_EQ(history("code " + std::to_string(number)).events.size(), 1U);
    }
    reopen();
    for (int number = 0; number < 20; ++number)
        EXPECT_EQ(find("code " + std::to_string(number)).status, lifecycle::Status::set);
    EXPECT_EQ(sql(path(), "SELECT count(*) FROM events"), "20");
    EXPECT_EQ(sql(path(), "PRAGMA integrity_check"), "ok");
}

TEST_F(FailingDisk, AProbeSaysWhetherTheDiskTakesWrites) {
    open();
    ASSERT_TRUE(record(event(0)));
    store::Reader reader(path());
    std::optional<FileSizeLimit> limit(1);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(probe().error().code, Errc::store_unavailable);
    EXPECT_EQ(reader.find("code 0").value().status, lifecycle::Status::set);
    limit.reset();
    EXPECT_TRUE(probe());
    EXPECT_TRUE(record(event(0)).value().duplicate);
    EXPECT_FALSE(record(event(1)).value().duplicate);
}

TEST_F(FailingDisk, WorkThatCannotBeStoredDoesNotTakeItsNeighboursDown) {
    open();
    close();
    sql(path(),
        "CREATE TRIGGER poison BEFORE INSERT ON events WHEN new.event_type = 'poison' "
        "BEGIN SELECT raise(ABORT, 'poison'); END");
    open();
    auto& home = this->home();
    std::vector<std::string> answers(60);
    for (int i = 0; i < 60; ++i) {
        auto next = event(i);
        if (i == 30) next.event_type = "poison";
        store_->record(next, "{}", home, [&answers, i](auto result) {
            answers[static_cast<std::size_t>(i)] =
                result ? "recorded" : std::string(name(result.error().code));
        });
    }
    home.run();
    for (int i = 0; i < 60; ++i) {
        const auto& answer = answers[static_cast<std::size_t>(i)];
        EXPECT_EQ(answer, i == 30 ? "store_unavailable" : "recorded") << i;
    }
    EXPECT_EQ(sql(path(), "SELECT count(*) FROM events"), "59");
    EXPECT_EQ(sql(path(), "SELECT count(*) FROM access_codes"), "59");
    EXPECT_EQ(history("code 59").events.size(), 1U);
}

TEST_F(FailingDisk, TransactionsOfAnySizeReachTheDiskWhole) {
    open();
    // Their pages come to less, the same and more than what the log is gathered in.
    for (const std::size_t size :
         {100U, 4'000U, 60'000U, 131'072U, 400'000U, 1'048'576U, 5'000'000U}) {
        auto& home = this->home();
        for (std::size_t i = 0; i < 4; ++i) {
            const auto id = std::to_string(size) + "." + std::to_string(i);
            store_->record(make_event(id, id, lifecycle::LifecycleStep::set, 1),
                           std::string(size, 'x'), home, [](auto result) { EXPECT_TRUE(result); });
        }
        home.run();
        EXPECT_EQ(history(std::to_string(size) + ".3").events[0].body, std::string(size, 'x'));
    }
    reopen();
    EXPECT_EQ(sql(path(), "PRAGMA integrity_check"), "ok");
    EXPECT_EQ(sql(path(), "SELECT count(*) FROM events"), "28");
}

}  // namespace
}  // namespace oracode::test
