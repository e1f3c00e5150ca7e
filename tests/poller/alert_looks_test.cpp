// When the poll loop has the store look at alerts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "poller/loop_bench.hpp"

namespace oracode::poller {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

TEST(AlertLooks, AreOneAtTheStartAndThenToTheMomentThatACodeComesNear) {
    LoopBench bench;
    const auto began = bench.now;
    bench.start();
    EXPECT_THAT(bench.alert_looks, ElementsAre(began));
    bench.start_of_a_code = began + 5h;
    bench.run_for(6h);
    ASSERT_EQ(bench.alert_looks.size(), 2U);
    EXPECT_EQ(bench.alert_looks[1], began + 4h + 30min);
}

TEST(AlertLooks, GoOnWithoutAKey) {
    LoopBench bench;
    const auto began = bench.now;
    bench.start();
    bench.loop->set_key(false);
    bench.start_of_a_code = began + 1h;
    bench.run_for(2h);
    ASSERT_EQ(bench.alert_looks.size(), 2U);
    EXPECT_EQ(bench.alert_looks[1], began + 30min);
}

TEST(AlertLooks, DoNotWaitForSeam) {
    LoopBench bench;
    const auto began = bench.now;
    bench.start_of_a_code = began + 30min + 5s;
    bench.hold_answers = true;
    bench.start();
    ASSERT_EQ(bench.requests.size(), 1U) << "a request is under way";
    bench.run_for(10s);
    ASSERT_EQ(bench.alert_looks.size(), 2U);
    EXPECT_EQ(bench.alert_looks[1], began + 5s);
    EXPECT_EQ(bench.requests.size(), 1U);
}

TEST(AlertLooks, AreRepeatedWhenTheStoreRefuses) {
    LoopBench bench;
    bench.start();
    bench.takes_looks = false;
    bench.start_of_a_code = bench.now + 1h;
    bench.run_for(30min + 10s);
    EXPECT_GE(bench.alert_looks.size(), 5U);
    EXPECT_LE(bench.alert_looks.size(), 15U);
    bench.takes_looks = true;
    bench.run_for(5s);
    const auto looks = bench.alert_looks.size();
    bench.run_for(5min);
    EXPECT_EQ(bench.alert_looks.size(), looks);
}

TEST(AlertLooks, FollowAClockThatIsSetBack) {
    LoopBench bench;
    bench.start();
    bench.run_for(1min);
    ASSERT_EQ(bench.alert_looks.size(), 1U);
    bench.now -= 3h;
    bench.loop->look();
    ASSERT_EQ(bench.alert_looks.size(), 2U);
    EXPECT_EQ(bench.alert_looks[1], bench.now);
}

}  // namespace
}  // namespace oracode::poller
