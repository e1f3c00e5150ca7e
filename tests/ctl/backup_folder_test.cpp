// backup --keep: what it writes, and above all what it never removes.
#include "ctl/backup_folder.hpp"

#include <filesystem>
#include <fstream>
#include <set>

#include <boost/json.hpp>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/copy.hpp"
#include "support/daemon.hpp"
#include "support/paths.hpp"

namespace oracode::test {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

TEST(BackupFolder, NamesAreInTheOrderOfTime) {
    EXPECT_EQ(ctl::backup_name(parse_rfc3339("2026-03-05T15:00:07.999Z").value()),
              "oracoded-20260305T150007Z.db");
}

TEST(BackupFolder, TheOldestGoAndNeverTheNewCopy) {
    const Names names{"oracoded-20260303T000000Z.db", "oracoded-20260301T000000Z.db",
                      "oracoded-20260302T000000Z.db"};
    EXPECT_EQ(ctl::superseded(names, 2, names[0]), Names{names[1]});
    EXPECT_EQ(ctl::superseded(names, 1, names[0]), (Names{names[1], names[2]}));
    EXPECT_EQ(ctl::superseded(names, 3, names[0]), Names{});
    // The clock was put back: the new copy has the oldest name.
    EXPECT_EQ(ctl::superseded(names, 1, names[1]), (Names{names[2], names[0]}));
}

TEST(BackupFolder, OtherNamesAreNeitherCountedNorRemoved) {
    const Names names{"oracoded-20260301T000000Z.db",
                      "oracoded.db",
                      "oracoded-2026.db",
                      "oracoded-20260302T000000Z.db.gz",
                      "xoracoded-20260302T000000Z.db",
                      "oracoded-2026030aT000000Z.db"};
    EXPECT_EQ(ctl::superseded(names, 1, "oracoded-20260309T000000Z.db"), Names{names[0]});
}

class BackupKeep : public testing::Test {
protected:
    void SetUp() override { daemon_.start(); }

    [[nodiscard]] Finished backup(const std::string& keep, const fs::path& folder) {
        return run({oracodectl(), "--api", "http://127.0.0.1:" + std::to_string(daemon_.api_port()),
                    "--json", "backup", "--keep", keep, folder.string()});
    }
    static void put(const fs::path& file) { std::ofstream(file) << "x"; }
    [[nodiscard]] static std::set<std::string> names_in(const fs::path& folder) {
        std::set<std::string> names;
        for (const auto& entry : fs::directory_iterator(folder))
            names.insert(entry.path().filename().string());
        return names;
    }

    Daemon daemon_;
    TemporaryFolder folder_;
};

TEST_F(BackupKeep, MakesItsFolderAndKeepsTheNewest) {
    const auto copies = folder_ / "copies";
    const auto made = backup("2", copies);
    ASSERT_EQ(made.exit_code, 0) << made.output;
    const auto answer = boost::json::parse(made.output);
    const std::string file(answer.at("file").as_string());
    EXPECT_TRUE(store::check_copy(file));
    struct stat found {};
    ASSERT_EQ(::stat(copies.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777U, 0700U) << "copies hold PINs";

    const std::set<std::string> kept{"note.txt", "oracoded.db", "oracoded-20200103T000000Z.db.old"};
    for (const auto& name : kept) put(copies / name);
    for (const auto* name : {"oracoded-20200101T000000Z.db", "oracoded-20200102T000000Z.db"})
        put(copies / name);
    fs::create_directory(copies / "oracoded-20190101T000000Z.db");
    fs::create_symlink(copies / "note.txt", copies / "oracoded-20190102T000000Z.db");
    fs::remove(file);
    ASSERT_EQ(backup("2", copies).exit_code, 0);
    auto left = names_in(copies);
    for (const auto& name : kept) EXPECT_TRUE(left.contains(name)) << name;
    EXPECT_TRUE(left.contains("oracoded-20200102T000000Z.db"));
    EXPECT_FALSE(left.contains("oracoded-20200101T000000Z.db"));
    EXPECT_TRUE(left.contains("oracoded-20190101T000000Z.db")) << "a folder is not a copy";
    EXPECT_TRUE(left.contains("oracoded-20190102T000000Z.db")) << "nor is a link";
}

TEST_F(BackupKeep, RemovesWhatAKilledRunHasLeftButNotWhatIsBeingWritten) {
    const auto left_over = folder_.write("oracoded-20200101T000000Z.db.aB3xYz", "half");
    const auto other = folder_.write("oracoded-20200101T000000Z.db.gz", "kept");
    const auto writing = folder_.write("oracoded-20200102T000000Z.db.Qw3rTy", "half");
    const int writer = ::open(writing.c_str(), O_RDWR | O_CLOEXEC);
    ASSERT_EQ(::flock(writer, LOCK_EX), 0);
    ASSERT_EQ(backup("1", folder_.path()).exit_code, 0);
    EXPECT_FALSE(fs::exists(left_over));
    EXPECT_TRUE(fs::exists(other));
    EXPECT_TRUE(fs::exists(writing));
    ::close(writer);
}

TEST_F(BackupKeep, RemovesNothingWhenNoCopyCouldBeMade) {
    const auto old = folder_.write("oracoded-20200101T000000Z.db", "old");
    const auto older = folder_.write("oracoded-20190101T000000Z.db", "older");
    daemon_.kill();
    EXPECT_EQ(backup("1", folder_.path()).exit_code, 69);
    EXPECT_TRUE(fs::exists(old) && fs::exists(older));
    EXPECT_EQ(backup("1", folder_ / "no/such/folder").exit_code, 73);
    EXPECT_EQ(backup("1", old).exit_code, 73) << "a file is not a folder";
    EXPECT_EQ(backup("0", folder_.path()).exit_code, 64);
    EXPECT_EQ(backup("1", "-").exit_code, 64);
}

}  // namespace
}  // namespace oracode::test
