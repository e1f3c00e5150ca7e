// What a start does with the files it finds.
#include <algorithm>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite/migrate.hpp"
#include "support/paths.hpp"
#include "tests/store/fixture.hpp"

namespace oracode::test {
namespace {

namespace fs = std::filesystem;

class Opening : public StoreTest {
protected:
    // Why it does not open.
    std::optional<store::StoreError::Kind> refusal() {
        try {
            open();
        } catch (const store::StoreError& error) {
            message_ = error.what();
            return error.kind();
        }
        return std::nullopt;
    }

    static unsigned mode(const fs::path& file) {
        struct stat status {};
        EXPECT_EQ(::stat(file.c_str(), &status), 0) << file;
        return status.st_mode & 0777U;
    }

    std::string message_;
};

TEST_F(Opening, MakesADatabaseThatOnlyItsOwnerMayRead) {
    const auto before = ::umask(0);
    open();
    ASSERT_TRUE(record(make_event("e1", "code", lifecycle::LifecycleStep::set, 1)));
    ::umask(before);
    for (const auto* end : {"", "-wal", "-shm", ".lock"})
        EXPECT_EQ(mode(path() + end), 0600U) << end;
}

TEST_F(Opening, MakesTheFolderButNotAWholePath) {
    auto deeper = options();
    deeper.path = (folder_.path() / "state" / "oracoded.db").string();
    open(deeper);
    EXPECT_EQ(mode(folder_.path() / "state"), 0700U);
    deeper.path = (folder_.path() / "not" / "mounted" / "oracoded.db").string();
    EXPECT_THROW(store::Store{deeper}, store::StoreError);
}

TEST_F(Opening, ASecondDaemonOnTheSameFileIsRefused) {
    open();
    try {
        store::Store second(options());
        FAIL() << "two daemons on one database";
    } catch (const store::StoreError& error) {
        EXPECT_EQ(error.kind(), store::StoreError::Kind::locked);
        EXPECT_NE(std::string(error.what()).find(std::to_string(::getpid())), std::string::npos);
    }
    EXPECT_TRUE(record(make_event("e1", "code", lifecycle::LifecycleStep::set, 1)));
}

TEST_F(Opening, ASecondDaemonIsRefusedUnderAnotherNameOfTheFile) {
    open();
    fs::create_symlink(folder_.path(), folder_.path() / "elsewhere");
    auto renamed = options();
    renamed.path = (folder_.path() / "elsewhere" / "oracoded.db").string();
    EXPECT_THROW(store::Store{renamed}, store::StoreError);
}

TEST_F(Opening, TheLockGoesWithTheStore) {
    open();
    store_->stop();
    store::Store second(options());
}

TEST_F(Opening, ANewerDatabaseIsRefusedUntouched) {
    open();
    close();
    const auto newer = std::to_string(store::newest_schema() + 1);
    sql(path(), "PRAGMA user_version = " + newer);
    EXPECT_EQ(refusal(), store::StoreError::Kind::newer);
    EXPECT_NE(message_.find("schema version " + newer), std::string::npos) << message_;
    EXPECT_EQ(sql(path(), "PRAGMA user_version"), newer);
}

TEST_F(Opening, ADatabaseOfAnotherProgramIsRefusedUntouched) {
    sql(path(), "CREATE TABLE guests (name); PRAGMA user_version = 1");
    EXPECT_EQ(refusal(), store::StoreError::Kind::foreign);
    EXPECT_EQ(sql(path(), "SELECT group_concat(name) FROM sqlite_schema"), "guests");
    EXPECT_EQ(sql(path(), "PRAGMA journal_mode"), "delete");
}

TEST_F(Opening, AFileThatIsNoDatabaseIsRefusedUntouched) {
    const std::string text(5000, 'x');
    std::ofstream(path()) << text;
    EXPECT_EQ(refusal(), store::StoreError::Kind::corrupt);
    std::ifstream file(path());
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), text);
}

// SQLite takes any log beside a database for its own.
TEST_F(Opening, DamageBesideALogNamesTheLogAsTheReason) {
    const auto log = folder_.path() / "log";
    open();
    ASSERT_TRUE(record(make_event("e1", "code", lifecycle::LifecycleStep::set, 1)));
    fs::copy_file(path() + "-wal", log);
    close();
    std::ofstream(path()) << std::string(5000, 'x');
    EXPECT_EQ(refusal(), store::StoreError::Kind::corrupt);
    EXPECT_EQ(message_.find("-wal"), std::string::npos) << message_;
    fs::copy_file(log, path() + "-wal", fs::copy_options::overwrite_existing);
    EXPECT_EQ(refusal(), store::StoreError::Kind::corrupt);
    EXPECT_NE(message_.find("-wal lies beside it"), std::string::npos) << message_;
    EXPECT_NE(message_.find("oracodectl restore"), std::string::npos) << message_;
}

TEST_F(Opening, AFileThatMayNotBeOpenedIsRefused) {
    fs::create_directory(path());
    EXPECT_TRUE(refusal().has_value());
}

TEST_F(Opening, MigrationsRunOnce) {
    open();
    ASSERT_TRUE(record(make_event("e1", "code", lifecycle::LifecycleStep::set, 1)));
    EXPECT_EQ(sql(path(), "PRAGMA user_version"), std::to_string(store::newest_schema()));
    const auto schema = sql(path(), "SELECT group_concat(sql) FROM sqlite_schema");
    reopen();
    EXPECT_EQ(sql(path(), "SELECT group_concat(sql) FROM sqlite_schema"), schema);
    EXPECT_EQ(find("code").status, lifecycle::Status::set);
}

// 0.1.0 ended a code for one 404, the one who gave it.
TEST_F(Opening, CodesThat010EndedByA404AreAskedAfterOnce) {
    std::ifstream saved(test::data_path("store/0.1.0.sql"));
    ASSERT_TRUE(saved);
    sql(path(), std::string(std::istreambuf_iterator<char>(saved), {}));
    // One whose window is not over, one whose is, and one that an event has ended.
    const auto last = sql(path(), "SELECT max(updated_at) FROM access_codes");
    const auto ended = [&](int code_no, const char* source, const char* ends_at) {
        sql(path(),
            "UPDATE access_codes SET ended_reason = 1, ended_at = updated_at, status = 1, "
            "next_poll_at = NULL, refetch = 0, status_source = " +
                std::string(source) + ", ends_at = " + last + ends_at +
                " WHERE code_no = " + std::to_string(code_no));
    };
    ended(1, "1", " + 1000");
    ended(2, "1", " - 1000");
    ended(3, "0", " + 1000");
    open();
    EXPECT_EQ(sql(path(),
                  "SELECT group_concat(code_no) FROM access_codes WHERE ended_reason = 1 "
                  "AND next_poll_at = 0 AND refetch = 1"),
              "1");
    const auto due = store::Reader(path()).due(at(0), 1'000);
    EXPECT_TRUE(std::ranges::any_of(due, [](const auto& code) { return code.ended; }));
}

TEST_F(Opening, WritesToAWriteAheadLog) {
    open();
    EXPECT_EQ(sql(path(), "PRAGMA journal_mode"), "wal");
}

TEST_F(Opening, AReaderWantsADatabaseOfOurs) {
    EXPECT_THROW(store::Reader{path()}, store::StoreError);
    sql(path(), "CREATE TABLE guests (name)");
    EXPECT_THROW(store::Reader{path()}, store::StoreError);
}

}  // namespace
}  // namespace oracode::test
