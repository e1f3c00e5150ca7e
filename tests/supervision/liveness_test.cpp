#include "supervision/liveness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oracode::supervision {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class WatchdogTest : public testing::Test {
protected:
    WatchdogTest() {
        liveness_.add("io-1", io_);
        liveness_.add("poller", poller_);
    }
    static void run(boost::asio::io_context& context) {
        context.restart();
        context.poll();
    }
    auto look() { return watchdog_.look(std::chrono::steady_clock::now()); }

    boost::asio::io_context io_{1};
    boost::asio::io_context poller_{1};
    Liveness liveness_;
    Watchdog watchdog_{liveness_};
};

TEST_F(WatchdogTest, IsFedWhileEveryPartGetsOn) {
    EXPECT_THAT(look(), IsEmpty()) << "nobody has been asked yet";
    for (int round = 0; round < 3; ++round) {
        run(io_);
        run(poller_);
        EXPECT_THAT(look(), IsEmpty());
    }
}

TEST_F(WatchdogTest, IsNotFedForAPartThatDoesNotAnswerAndNamesIt) {
    ASSERT_THAT(look(), IsEmpty());
    run(io_);
    EXPECT_THAT(look(), ElementsAre("poller"));
    EXPECT_THAT(look(), ElementsAre("poller"));
    run(poller_);
    EXPECT_THAT(look(), IsEmpty());
    EXPECT_THAT(look(), ElementsAre("io-1", "poller")) << "an old answer does not count";
}

TEST_F(WatchdogTest, DoesNotPileQuestionsUpBeforeAPartThatIsStuck) {
    ASSERT_THAT(look(), IsEmpty());
    for (int round = 0; round < 10; ++round) EXPECT_FALSE(look().empty());
    EXPECT_EQ(poller_.poll(), 1U);
}

}  // namespace
}  // namespace oracode::supervision
