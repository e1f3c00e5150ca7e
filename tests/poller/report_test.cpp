#include "poller/report.hpp"

#include <gmock/gmock.h>

namespace oracode::test {
namespace {

using poller::PollState;
using testing::HasSubstr;
using testing::Optional;
using namespace std::chrono_literals;

TEST(PollTrouble, ThereIsNoneWhereSeamAnswers) {
    EXPECT_EQ(poller::trouble(PollState{}), std::nullopt);
    PollState half;
    half.breaker = seam::BreakerState::half_open;
    EXPECT_EQ(poller::trouble(half), std::nullopt);
}

TEST(PollTrouble, EachCauseHasItsSentence) {
    PollState state;
    state.clock_offset = -45s;
    EXPECT_THAT(poller::trouble(state), Optional(HasSubstr("our clock is")));
    state.codes_missing = 12;
    EXPECT_THAT(poller::trouble(state), Optional(HasSubstr("does not know 12 codes")));
    state.key_workspace = "mine";
    state.foreign_workspace = "theirs";
    EXPECT_THAT(poller::trouble(state),
                Optional(testing::AllOf(HasSubstr("mine"), HasSubstr("theirs"))));
    state.answers_unusable = true;
    EXPECT_THAT(poller::trouble(state), Optional(HasSubstr("answers cannot be used")));
    state.breaker = seam::BreakerState::open;
    EXPECT_THAT(poller::trouble(state), Optional(HasSubstr("does not answer")));
    state.breaker = seam::BreakerState::bad_key;
    EXPECT_THAT(poller::trouble(state), Optional(HasSubstr("refuses the API key")));
}

TEST(PollTrouble, AClockIsOffFromThirtySecondsOn) {
    PollState state;
    state.clock_offset = 29s;
    EXPECT_EQ(poller::trouble(state), std::nullopt);
    state.clock_offset = 30s;
    EXPECT_NE(poller::trouble(state), std::nullopt);
}

}  // namespace
}  // namespace oracode::test
