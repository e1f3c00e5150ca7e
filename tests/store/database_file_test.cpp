// The database's file is synced a piece at a time, and a failure is told.
#include "store/sqlite/database_file.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "store/error.hpp"
#include "tests/support/disk/watched_disk.hpp"
#include "tests/support/temporary_folder.hpp"

namespace oracode::test {
namespace {

TEST(DatabaseFileTest, SyncsAFileOfSeveralPiecesAndTellsOfAFailure) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "some.db";
    std::ofstream{path} << std::string(3'500'000, 'x');
    WatchedDisk disk(folder.path());
    store::DatabaseFile file(path.string());
    EXPECT_FALSE(file.sync());
    disk.fail({.call = DiskCall::sync, .error = EIO, .file = "some.db"});
    EXPECT_EQ(file.sync().value(), EIO);
    EXPECT_FALSE(file.sync());
}

TEST(DatabaseFileTest, AFileThatIsMissingIsNotOpened) {
    const TemporaryFolder folder;
    EXPECT_THROW(store::DatabaseFile((folder.path() / "none.db").string()), store::StoreError);
}

}  // namespace
}  // namespace oracode::test
