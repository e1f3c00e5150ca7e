#include "poller/get_queue.hpp"

#include <gtest/gtest.h>

namespace oracode::poller {
namespace {

using namespace std::chrono_literals;

const Timestamp now = *parse_rfc3339("2026-03-05T15:00:00Z");

GetCode starting(std::string id, std::optional<Timestamp> starts_at) {
    return {.access_code_id = std::move(id), .starts_at = starts_at};
}

std::string take(GetQueue& queue) {
    const auto next = queue.next();
    if (!next) return {};
    queue.remove(next->access_code_id);
    return next->access_code_id;
}

TEST(GetQueue, TheStayThatBeginsFirstIsNextAndAnUnknownStartGoesBeforeAll) {
    GetQueue queue;
    EXPECT_TRUE(queue.empty());
    EXPECT_FALSE(queue.next());
    queue.add(starting("tomorrow", now + 24h));
    queue.add(starting("soon", now + 1h));
    queue.add(starting("unknown", {}));
    queue.add(starting("now", now));
    EXPECT_EQ(queue.size(), 4U);
    for (const auto* id : {"unknown", "now", "soon", "tomorrow", ""}) EXPECT_EQ(take(queue), id);
}

TEST(GetQueue, ACodeThatWaitsAlreadyStaysAsItIs) {
    GetQueue queue;
    queue.add(starting("a", now + 1h));
    queue.add(starting("b", now + 2h));
    queue.add(starting("b", now));
    EXPECT_EQ(queue.size(), 2U);
    EXPECT_EQ(take(queue), "a");
    EXPECT_EQ(queue.next()->starts_at, now + 2h);
}

TEST(GetQueue, WhatIsRemovedIsGone) {
    GetQueue queue;
    queue.add(starting("a", now));
    queue.add(starting("b", now));
    queue.remove("a");
    queue.remove("strange");
    EXPECT_FALSE(queue.contains("a"));
    EXPECT_TRUE(queue.contains("b"));
    queue.clear();
    EXPECT_TRUE(queue.empty());
    EXPECT_FALSE(queue.contains("b"));
}

TEST(GetQueue, WhenFullTheLeastUrgentGivesWay) {
    GetQueue queue;
    for (std::size_t i = 0; i < GetQueue::most_waiting; ++i)
        queue.add(starting(std::to_string(i), now + 1s * i));
    queue.add(starting("early", now - 1h));
    queue.add(starting("late", now + 365 * 24h));
    EXPECT_EQ(queue.size(), GetQueue::most_waiting);
    EXPECT_EQ(take(queue), "early");
    EXPECT_FALSE(queue.contains("late"));
    EXPECT_FALSE(queue.contains(std::to_string(GetQueue::most_waiting - 1)));
    EXPECT_TRUE(queue.contains(std::to_string(GetQueue::most_waiting - 2)));
}

}  // namespace
}  // namespace oracode::poller
