#include "store/restore.hpp"

#include <fstream>

#include <gmock/gmock.h>

#include "store/copy.hpp"
#include "tests/store/fixture.hpp"

namespace oracode::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class Restore : public StoreTest {
protected:
    void SetUp() override {
        open();
        ASSERT_TRUE(record_up_to(5));
        store::DatabaseCopy copy(path());
        ASSERT_TRUE(copy.make());
        std::ofstream(backup(), std::ios::binary) << copy.read(0, copy.size());
    }
    [[nodiscard]] std::string backup() const { return (folder_.path() / "backup.db").string(); }

    bool record_up_to(int count) {
        for (; recorded_ < count; ++recorded_) {
            const auto id = std::to_string(recorded_);
            if (!record(make_event(id, "code " + id, lifecycle::LifecycleStep::set, recorded_)))
                return false;
        }
        return true;
    }
    Result<store::Restored> restore() { return store::restore_database(backup(), path(), now_); }
    std::int64_t number_of_next_change() {
        return record(make_event("next", "next", lifecycle::LifecycleStep::set, 1))
            .value()
            .change_seq;
    }

    int recorded_ = 0;
};

TEST_F(Restore, GivesNoNumberOfAChangeTwice) {
    ASSERT_TRUE(record_up_to(8));
    close();
    const auto restored = restore();
    ASSERT_TRUE(restored) << restored.error().detail;
    EXPECT_FALSE(restored->numbers_guessed);
    EXPECT_EQ(sql(restored->set_aside, "SELECT count(*) FROM events"), "8");
    open();
    EXPECT_EQ(sql(path(), "SELECT count(*) FROM events"), "5");
    EXPECT_EQ(sql(path(), "PRAGMA integrity_check"), "ok");
    EXPECT_EQ(store::Reader(path()).oldest_change().value(), 10)
        << "whoever has seen 8 learns of a gap";
    EXPECT_EQ(number_of_next_change(), 10);
    EXPECT_EQ(restored->next_change, 10);
}

TEST_F(Restore, GivesNoNumberOfAnAlertTwice) {
    const auto alert_about = [this](lifecycle::AlertKind kind) {
        EXPECT_TRUE(wait<bool>([&](auto& home, auto done) {
            store_->set_daemon_alerts({{kind, "It is so."}}, home, std::move(done));
        }));
        return store::Reader(path()).alerts({.kind = kind}).value().alerts.at(0).id;
    };
    const auto given_out = alert_about(lifecycle::AlertKind::disk);
    close();
    ASSERT_TRUE(restore());
    open();
    EXPECT_EQ(store::Reader(path()).alerts({}).value().alerts.size(), 0U);
    EXPECT_EQ(alert_about(lifecycle::AlertKind::clock), given_out + 1);
}

TEST_F(Restore, CountsWhatOnlyTheLogKnows) {
    ASSERT_TRUE(record_up_to(8));
    const auto crashed = folder_.path() / "crashed";
    fs::create_directory(crashed);
    const auto database = (crashed / "oracoded.db").string();
    fs::copy_file(path(), database);
    fs::copy_file(path() + "-wal", database + "-wal");
    const auto restored = store::restore_database(backup(), database, now_);
    ASSERT_TRUE(restored) << restored.error().detail;
    EXPECT_EQ(restored->next_change, 10);
    EXPECT_FALSE(fs::exists(database + "-wal"));
    EXPECT_EQ(sql(database, "SELECT count(*) FROM events"), "5");
}

TEST_F(Restore, SetsADamagedDatabaseAsideWithItsLog) {
    ASSERT_TRUE(record_up_to(8));
    fs::copy_file(path() + "-wal", folder_.path() / "log");
    close();
    std::ofstream(path()) << "no database at all";
    fs::copy_file(folder_.path() / "log", path() + "-wal", fs::copy_options::overwrite_existing);
    EXPECT_THROW(open(), store::StoreError);
    const auto restored = restore();
    ASSERT_TRUE(restored) << restored.error().detail;
    EXPECT_TRUE(restored->numbers_guessed);
    EXPECT_TRUE(fs::exists(restored->set_aside));
    EXPECT_FALSE(fs::exists(path() + "-wal"));
    open();
    EXPECT_GT(number_of_next_change(), 1'000'000);
}

TEST_F(Restore, OntoNothingDoesNotBeginWhereTheLostOneWentOn) {
    close();
    fs::remove(path());
    const auto restored = restore();
    ASSERT_TRUE(restored) << restored.error().detail;
    EXPECT_TRUE(restored->set_aside.empty());
    EXPECT_GT(restored->next_change, 1'000'000);
}

TEST_F(Restore, NotWhileADaemonRuns) {
    const auto restored = restore();
    ASSERT_FALSE(restored);
    EXPECT_EQ(restored.error().code, Errc::conflict);
    EXPECT_THAT(restored.error().detail, HasSubstr("another oracoded"));
    EXPECT_TRUE(record_up_to(6));
}

TEST_F(Restore, NotOfWhatIsNoSoundCopy) {
    close();
    std::ofstream(backup() + "-wal") << "a log";
    EXPECT_THAT(restore().error().detail, HasSubstr("-wal lies beside it"));
    fs::remove(backup() + "-wal");
    fs::resize_file(backup(), fs::file_size(backup()) - 5'000);
    EXPECT_EQ(restore().error().code, Errc::conflict);
    open();
    EXPECT_EQ(sql(path(), "SELECT count(*) FROM events"), "5") << "all is as it was";
}

TEST_F(Restore, ThatWasCutOffKeepsTheDaemonFromStarting) {
    close();
    std::ofstream(path() + ".restoring").close();
    fs::rename(path(), path() + ".before-x");
    try {
        open();
        FAIL() << "it started on an empty database";
    } catch (const store::StoreError& error) {
        EXPECT_THAT(error.what(), HasSubstr("oracodectl restore"));
    }
    ASSERT_TRUE(restore());
    open();
    EXPECT_EQ(find("code 4").status, lifecycle::Status::set);
}

}  // namespace
}  // namespace oracode::test
