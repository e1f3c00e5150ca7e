#include "seam/clock_offset.hpp"

#include <gtest/gtest.h>

namespace oracode::seam {
namespace {

using namespace std::chrono_literals;

const Timestamp now = *parse_rfc3339("2026-03-05T15:00:00Z");

TEST(ClockOffset, IsTheMedianOfTheLastAnswers) {
    ClockOffset offset;
    EXPECT_EQ(offset.estimate(), std::nullopt);
    for (int i = 0; i < 4; ++i) offset.observe(now + 60s, now, now + 1s);
    offset.observe(now + 7h, now, now + 1s);
    EXPECT_EQ(offset.estimate(), 60s);
    EXPECT_EQ(offset.correction(), 60s);
}

TEST(ClockOffset, WhatResolutionAndNetworkExplainIsNotCorrected) {
    ClockOffset offset;
    offset.observe(now - 1s, now, now + 2s);
    EXPECT_EQ(offset.correction(), 0s);
    offset.forget();
    offset.observe(now + 60s, now, now + 30s);
    EXPECT_EQ(offset.estimate(), std::nullopt) << "an answer that took long tells nothing";
}

TEST(ClockOffset, TwoAnswersThatAgreeTellThatAClockWasSet) {
    ClockOffset offset;
    for (int i = 0; i < 5; ++i) offset.observe(now, now, now);
    offset.observe(now - 6h, now, now);
    EXPECT_EQ(offset.correction(), 0s);
    offset.observe(now - 6h, now, now);
    EXPECT_LT(offset.correction(), -5h);
}

}  // namespace
}  // namespace oracode::seam
