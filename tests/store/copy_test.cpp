#include "store/copy.hpp"

#include <fstream>
#include <thread>

#include "tests/store/fixture.hpp"

namespace oracode::test {
namespace {

class Copying : public StoreTest {
protected:
    void SetUp() override { open(); }

    // The copy as a file of its own.
    std::string written(const store::DatabaseCopy& copy) const {
        auto file = (folder_.path() / "written.db").string();
        std::ofstream out(file, std::ios::binary);
        for (std::uint64_t at = 0; at < copy.size();) {
            const auto bytes = copy.read(at, 10'000);
            out << bytes;
            at += bytes.size();
        }
        return file;
    }
    [[nodiscard]] std::size_t files() const {
        std::size_t count = 0;
        for ([[maybe_unused]] const auto& entry :
             std::filesystem::directory_iterator(folder_.path()))
            ++count;
        return count;
    }
};

TEST_F(Copying, HoldsWhatWasCommittedAndLeavesNothingBehind) {
    for (int i = 0; i < 50; ++i)
        ASSERT_TRUE(record(make_event("e" + std::to_string(i), "c" + std::to_string(i),
                                      lifecycle::LifecycleStep::set, i)));
    const auto before = files();
    store::DatabaseCopy copy(path());
    ASSERT_TRUE(copy.make());
    EXPECT_EQ(files(), before) << "a crash from here on must leave nothing";
    ASSERT_TRUE(record(make_event("later", "later", lifecycle::LifecycleStep::set, 1)));
    const auto file = written(copy);
    EXPECT_TRUE(store::check_copy(file));
    EXPECT_EQ(sql(file, "SELECT count(*) FROM access_codes"), "50");
    EXPECT_EQ(sql(file, "PRAGMA integrity_check"), "ok");
}

TEST_F(Copying, IsOneStateAlthoughEventsGoOn) {
    std::atomic<bool> done = false;
    std::thread deliveries([&] {
        for (int i = 0; !done; ++i)
            EXPECT_TRUE(record(make_event("e" + std::to_string(i), "c" + std::to_string(i),
                                          lifecycle::LifecycleStep::set, 1)));
    });
    for (int i = 0; i < 5; ++i) {
        store::DatabaseCopy copy(path());
        ASSERT_TRUE(copy.make());
        const auto file = written(copy);
        EXPECT_TRUE(store::check_copy(file));
        EXPECT_EQ(sql(file,
                      "SELECT (SELECT count(*) FROM access_codes) = "
                      "(SELECT count(*) FROM changes) AND (SELECT count(*) FROM changes) = "
                      "(SELECT count(*) FROM events)"),
                  "1");
    }
    done = true;
    deliveries.join();
}

TEST_F(Copying, CanBeCalledOff) {
    const auto before = files();
    store::DatabaseCopy copy(path());
    copy.cancel();
    EXPECT_EQ(copy.make().error().code, Errc::store_unavailable);
    EXPECT_EQ(files(), before);
}

TEST_F(Copying, WhatACrashHasLeftIsRemovedByTheNextStart) {
    close();
    std::ofstream(path() + ".copy-abc123") << "half a copy";
    std::ofstream(path() + ".copy-abc123-journal") << "its journal";
    std::ofstream((folder_.path() / "another.db.copy-x").string()) << "somebody else's";
    open();
    EXPECT_FALSE(std::filesystem::exists(path() + ".copy-abc123"));
    EXPECT_FALSE(std::filesystem::exists(path() + ".copy-abc123-journal"));
    EXPECT_TRUE(std::filesystem::exists(folder_.path() / "another.db.copy-x"));
}

TEST_F(Copying, WhatIsCutShortOrChangedIsNoCopy) {
    for (int i = 0; i < 50; ++i)
        ASSERT_TRUE(record(make_event("e" + std::to_string(i), "c" + std::to_string(i),
                                      lifecycle::LifecycleStep::set, i)));
    store::DatabaseCopy copy(path());
    ASSERT_TRUE(copy.make());
    const auto file = written(copy);
    std::filesystem::resize_file(file, copy.size() - 5'000);
    EXPECT_FALSE(store::check_copy(file));
    std::ofstream(file) << "no database at all";
    EXPECT_FALSE(store::check_copy(file));
}

}  // namespace
}  // namespace oracode::test
