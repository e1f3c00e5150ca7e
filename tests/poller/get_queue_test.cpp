#include "poller/get_queue.hpp"

#include <gtest/gtest.h>

namespace oracode::poller {
namespace {

using namespace std::chrono_literals;

constexpr Timestamp now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};

std::string order_of(GetQueue& queue) {
    std::string ids;
    while (const auto code = queue.next(now)) {
        ids += code->access_code_id;
        queue.remove(code->access_code_id);
    }
    return ids;
}

TEST(GetQueue, TheStayThatBeginsNearestToNowComesFirst) {
    GetQueue queue;
    queue.add({.access_code_id = "d", .starts_at = now + 5h});
    queue.add({.access_code_id = "e", .starts_at = now - 3 * 24h});
    queue.add({.access_code_id = "b", .starts_at = now});
    queue.add({.access_code_id = "c", .starts_at = now - 1h});
    queue.add({.access_code_id = "f", .starts_at = now + 4 * 24h});
    queue.add({.access_code_id = "a"});
    EXPECT_EQ(order_of(queue), "abcdef");
}

TEST(GetQueue, ACodeThatWaitsStaysAsItIs) {
    GetQueue queue;
    queue.add({.access_code_id = "a", .starts_at = now + 2h, .unmanaged = true});
    queue.add({.access_code_id = "a", .starts_at = now + 1h});
    EXPECT_EQ(queue.size(), 1U);
    EXPECT_TRUE(queue.next(now)->unmanaged);
}

TEST(GetQueue, WhatIsRemovedIsGone) {
    GetQueue queue;
    queue.add({.access_code_id = "a", .starts_at = now + 1h});
    queue.add({.access_code_id = "b", .starts_at = now + 2h});
    queue.remove("a");
    queue.remove("unknown");
    EXPECT_FALSE(queue.contains("a"));
    EXPECT_EQ(order_of(queue), "b");
}

TEST(GetQueue, BeyondItsBoundTheLastStayGivesWay) {
    GetQueue queue;
    for (std::size_t i = 0; i <= GetQueue::most_waiting; ++i)
        queue.add({.access_code_id = std::to_string(i),
                   .starts_at = now + std::chrono::minutes{static_cast<int>(i)}});
    EXPECT_EQ(queue.size(), GetQueue::most_waiting);
    EXPECT_TRUE(queue.contains("0"));
    EXPECT_FALSE(queue.contains(std::to_string(GetQueue::most_waiting)));
}

}  // namespace
}  // namespace oracode::poller
