#include "daemon/file_watch.hpp"

#include <fstream>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/process.hpp"

namespace oracode::daemon {
namespace {

namespace fs = std::filesystem;

class FileWatchTest : public testing::Test {
protected:
    // Whether changes are told of.
    bool notified() {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
        const auto before = kernel_notifies_;
        while (kernel_notifies_ == before && std::chrono::steady_clock::now() < deadline)
            context_.run_one_for(std::chrono::milliseconds{50});
        return kernel_notifies_ > before;
    }
    // What is told by then belongs to what happened before.
    void settle() { context_.run_for(std::chrono::milliseconds{600}); }

    test::TemporaryFolder folder_;
    boost::asio::io_context context_{1};
    int kernel_notifies_ = 0;
    FileWatch watch_{context_, [this] { ++kernel_notifies_; }};
};

TEST_F(FileWatchTest, TellsOfAFileWrittenAnewReplacedRemovedAndMadeAgain) {
    const auto file = folder_.write("file", "one");
    watch_.watch({file});
    settle();
    EXPECT_TRUE(watch_.kernel_notifies());
    folder_.write("file", "two");
    EXPECT_TRUE(notified());
    folder_.write("other", "three");
    fs::rename(folder_ / "other", file);
    EXPECT_TRUE(notified());
    fs::remove(file);
    EXPECT_TRUE(notified());
    folder_.write("file", "four");
    EXPECT_TRUE(notified());
    ::chmod(file.c_str(), 0600);
    EXPECT_TRUE(notified()) << "it may be readable only now";
}

TEST_F(FileWatchTest, SaysNothingOfOtherFilesAndOfReading) {
    const auto file = folder_.write("file", "one");
    watch_.watch({file});
    settle();
    folder_.write("neighbour", "two");
    EXPECT_EQ(test::contents(file), "one");
    settle();
    EXPECT_EQ(kernel_notifies_, 0);
}

// As Kubernetes and systemd do it: file → ..data/file, and ..data → a folder per version.
TEST_F(FileWatchTest, FollowsLinksThatAreSwapped) {
    for (const auto* version : {"v1", "v2"}) {
        fs::create_directory(folder_ / version);
        folder_.write(std::string(version) + "/file", version);
    }
    fs::create_symlink("v1", folder_ / "..data");
    fs::create_symlink("..data/file", folder_ / "file");
    watch_.watch({folder_ / "file"});
    settle();
    EXPECT_TRUE(watch_.kernel_notifies());
    fs::create_symlink("v2", folder_ / "..new");
    fs::rename(folder_ / "..new", folder_ / "..data");
    EXPECT_TRUE(notified());
    folder_.write("v2/file", "changed in place");
    EXPECT_TRUE(notified()) << "the watch has to follow the link";
}

TEST_F(FileWatchTest, NoticesAFolderThatIsReplaced) {
    fs::create_directory(folder_ / "folder");
    folder_.write("folder/file", "one");
    watch_.watch({folder_ / "folder/file"});
    settle();
    fs::rename(folder_ / "folder", folder_ / "old");
    EXPECT_TRUE(notified()) << "the file is missing now";
}

TEST_F(FileWatchTest, LosesNoChangeThatComesBeforeTheNextWatch) {
    const auto file = folder_.write("file", "one");
    watch_.watch({file});
    settle();
    folder_.write("file", "two");
    watch_.watch({file, folder_ / "another"});
    EXPECT_TRUE(notified());
}

TEST_F(FileWatchTest, ComparesWhereTheKernelCannotTell) {
    watch_.watch({folder_ / "no/such/folder/file"});
    settle();
    EXPECT_FALSE(watch_.kernel_notifies());
}

}  // namespace
}  // namespace oracode::daemon
