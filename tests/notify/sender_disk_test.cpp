// A disk that fails while notifications are brought into the outbox.
#include <cerrno>

#include "notify/sender_fixture.hpp"
#include "support/disk/watched_disk.hpp"

namespace oracode::test {
namespace {

// Nothing is committed afterwards that would remind it.
TEST_F(SenderTest, AChangeThatCouldNotBeTakenForAFailingDiskIsNotForgotten) {
    const Receiver receiver(204);
    WatchedDisk disk(folder_.path());
    std::atomic<int> failed = 0;
    on_commit_ = [&](const store::Commit& commit) {
        if (!commit.changes.empty())
            disk.fail({.call = DiskCall::write, .lasting = true, .error = EIO});
        if (commit.failure.empty()) return;
        ++failed;
        disk.heal();
    };
    start({target("pms", receiver.url())});
    change("code1", 1, lifecycle::LifecycleStep::set);
    EXPECT_TRUE(eventually([&] { return receiver.seen().size() == 1; }));
    EXPECT_EQ(failed, 1);
    stop();
}

}  // namespace
}  // namespace oracode::test
