#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "poller/loop_bench.hpp"
#include "poller/report.hpp"

namespace oracode::poller {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

TEST(PollLoop, AsksForTheKeysWorkspaceFirst) {
    LoopBench bench;
    bench.start();
    EXPECT_TRUE(std::holds_alternative<GetWorkspace>(bench.requests.front()));
    EXPECT_EQ(bench.loop->state().key_workspace, "w");
}

TEST(PollLoop, ACodeIsMissingWhenNeitherEndpointKnowsIt) {
    LoopBench bench;
    for (const auto* id : {"a", "b", "c"}) bench.add(id);
    bench.hidden["a"] = true;
    bench.start();
    EXPECT_EQ(bench.missing("a"), 1U);
    const auto gets = bench.asked<GetCode>();
    ASSERT_EQ(gets.size(), 2U);
    EXPECT_FALSE(gets[0].unmanaged);
    EXPECT_TRUE(gets[1].unmanaged);
}

TEST(PollLoop, A404ThatIsNotSeamsOwnSaysNothing) {
    for (const std::string body :
         {"", "<html>", "{}", R"({"error":"not found"})", R"({"message":"no Route matched"})",
          R"({"ok":false,"error":{"type":"route_not_found"}})",
          R"({"ok":false,"error":{"type":"workspace_not_found"}})"}) {
        for (const bool of_unmanaged : {false, true}) {
            LoopBench bench;
            for (const auto* id : {"a", "b", "c"}) bench.add(id);
            bench.hidden["a"] = true;
            bench.seam = [&](const Request& request) -> seam::CallResult<Shown> {
                const auto* get = std::get_if<GetCode>(&request);
                if (get != nullptr && get->unmanaged == of_unmanaged)
                    return LoopBench::error(404, body);
                return bench.usual(request);
            };
            bench.start();
            EXPECT_EQ(bench.missing("a"), 0U) << body;
            EXPECT_THAT(bench.postponed, testing::Contains("a")) << body;
        }
    }
}

TEST(PollLoop, AnUnmanagedCodeIsThere) {
    LoopBench bench;
    bench.add("a");
    bench.hidden["a"] = true;
    bench.seam = [&](const Request& request) -> seam::CallResult<Shown> {
        const auto* get = std::get_if<GetCode>(&request);
        if (get != nullptr && get->unmanaged) return LoopBench::showing({LoopBench::object("a")});
        return bench.usual(request);
    };
    bench.start();
    ASSERT_EQ(bench.recorded.size(), 1U);
    EXPECT_EQ(bench.recorded[0].event.presence, lifecycle::Presence::unmanaged);
}

TEST(PollLoop, ACodeOfAnotherWorkspaceIsNeverAskedFor) {
    LoopBench bench;
    bench.add("mine");
    bench.add("theirs", "other");
    bench.start();
    bench.run_for(2h);
    for (const auto& list : bench.asked<ListCodes>())
        for (const auto& code : list.codes) EXPECT_EQ(code.access_code_id, "mine");
    EXPECT_TRUE(bench.asked<GetCode>().empty());
    EXPECT_THAT(bench.postponed, testing::Contains("theirs"));
    const auto told = trouble(bench.loop->state());
    ASSERT_TRUE(told);
    EXPECT_THAT(*told, testing::AllOf(testing::HasSubstr("workspace w"),
                                      testing::HasSubstr("workspace other")));
    std::optional<Result<void>> refreshed;
    bench.loop->ask("theirs", lifecycle::Source::poll,
                    [&](const Result<void>& got) { refreshed = got; });
    ASSERT_TRUE(refreshed);
    EXPECT_EQ(refreshed->error().code, Errc::conflict);
}

TEST(PollLoop, WhatANewKeyDoesNotFindProvesNothingBeforeItsWorkspaceIsKnown) {
    LoopBench bench;
    for (const auto* id : {"a", "b", "c"}) bench.add(id);
    bench.start();
    bench.hidden = {{"a", true}};
    bool down = true;
    bench.seam = [&](const Request& request) -> seam::CallResult<Shown> {
        if (down && std::holds_alternative<GetWorkspace>(request)) return LoopBench::error(503, "");
        return bench.usual(request);
    };
    bench.loop->set_key(true);
    bench.run_for(16min);
    EXPECT_EQ(bench.missing("a"), 0U);
    down = false;
    bench.run_for(1h);
    EXPECT_GT(bench.missing("a"), 0U);
}

TEST(PollLoop, NoneEndsWhenMostAreMissing) {
    LoopBench bench;
    for (int i = 0; i < 20; ++i) {
        bench.add("c" + std::to_string(i));
        bench.hidden["c" + std::to_string(i)] = true;
    }
    bench.start();
    bench.run_for(5min);
    EXPECT_GE(bench.loop->state().codes_missing, 3U);
    EXPECT_TRUE(trouble(bench.loop->state()));
    bench.recorded.clear();
    bench.run_for(4h);
    EXPECT_TRUE(bench.recorded.empty()) << "no code is told missing while most are";
    bench.hidden.clear();
    bench.run_for(1h);
    EXPECT_EQ(bench.loop->state().codes_missing, 0U);
}

TEST(PollLoop, ListsFollowTheirPages) {
    LoopBench bench;
    bench.options.batch = 1000;
    for (int i = 0; i < 1000; ++i) bench.add("c" + std::to_string(1000 + i));
    bench.seam = [&](const Request& request) -> seam::CallResult<Shown> {
        const auto* list = std::get_if<ListCodes>(&request);
        if (list == nullptr) return bench.usual(request);
        const auto from = list->cursor ? std::stoul(*list->cursor) : 0;
        json::array page;
        for (auto i = from; i < std::min<std::size_t>(from + 100, list->codes.size()); ++i)
            page.push_back(LoopBench::object(list->codes[i].access_code_id));
        auto shown = LoopBench::showing(std::move(page));
        if (from + 100 < list->codes.size()) shown.next_page_cursor = std::to_string(from + 100);
        return shown;
    };
    bench.start();
    bench.run_for(1min);
    EXPECT_EQ(bench.asked<ListCodes>().size(), 10U);
    EXPECT_TRUE(bench.asked<GetCode>().empty());
    EXPECT_EQ(bench.recorded.size(), 1000U);
}

TEST(PollLoop, ARefusedListIsHalvedDownToTheIdThatSpoilsIt) {
    LoopBench bench;
    bench.options.batch = 128;
    for (int i = 0; i < 128; ++i) bench.add("c" + std::to_string(1000 + i));
    bench.seam = [&](const Request& request) -> seam::CallResult<Shown> {
        const auto* list = std::get_if<ListCodes>(&request);
        if (list != nullptr && std::ranges::any_of(list->codes, [](const store::DueCode& code) {
                return code.access_code_id == "c1077";
            }))
            return LoopBench::error(400, R"({"error":{"type":"invalid_input"}})");
        return bench.usual(request);
    };
    bench.start();
    bench.run_for(2min);
    EXPECT_EQ(bench.recorded.size(), 128U) << "127 by lists, one missing by gets";
    EXPECT_LE(bench.asked<ListCodes>().size(), 15U);
    EXPECT_EQ(bench.asked<GetCode>().size(), 2U);
}

TEST(PollLoop, GetsAreByStartAndTakeTurnsWithLists) {
    LoopBench bench;
    bench.options.batch = 10;
    bench.options.requests_per_minute = 6000;
    for (int i = 0; i < 30; ++i) {
        const auto id = "c" + std::to_string(100 + i);
        bench.add(id, "w", bench.now + std::chrono::hours{100 - i});
        bench.hidden[id] = i < 10;
    }
    bench.seam = [&](const Request& request) -> seam::CallResult<Shown> {
        if (const auto* get = std::get_if<GetCode>(&request))
            return LoopBench::showing({LoopBench::object(get->access_code_id)});
        if (const auto* list = std::get_if<ListCodes>(&request)) {
            json::array items;
            for (const auto& code : list->codes)
                if (!bench.hidden[code.access_code_id])
                    items.push_back(LoopBench::object(code.access_code_id));
            return LoopBench::showing(std::move(items));
        }
        return bench.usual(request);
    };
    bench.start();
    bench.run_for(1min);
    const auto gets = bench.asked<GetCode>();
    ASSERT_EQ(gets.size(), 10U);
    EXPECT_EQ(gets.front().access_code_id, "c109") << "its stay begins first";
    EXPECT_TRUE(std::ranges::is_sorted(gets, {}, [](const GetCode& get) { return get.starts_at; }));
    std::size_t lists = 0;
    for (std::size_t i = 0, seen = 0; i < bench.requests.size() && seen < 3; ++i) {
        if (std::holds_alternative<GetCode>(bench.requests[i])) ++seen;
        if (std::holds_alternative<ListCodes>(bench.requests[i])) ++lists;
    }
    EXPECT_EQ(lists, 3U) << "the other codes do not wait for all gets";
}

TEST(PollLoop, ARefusalOfOneCodeDoesNotStopPolling) {
    LoopBench bench;
    for (const auto* id : {"a", "b", "c"}) bench.add(id);
    bench.hidden["a"] = true;
    bench.seam = [&](const Request& request) -> seam::CallResult<Shown> {
        if (std::holds_alternative<GetCode>(request))
            return LoopBench::error(403, R"({"error":{"type":"forbidden"}})");
        return bench.usual(request);
    };
    bench.start();
    bench.run_for(3h);
    EXPECT_TRUE(bench.breakers.empty());
    EXPECT_GE(bench.asked<ListCodes>().size(), 10U);
}

TEST(PollLoop, AnswersThatCannotBeUsedDoNotOpenTheBreaker) {
    LoopBench bench;
    for (const auto* id : {"a", "b", "c"}) bench.add(id);
    bench.seam = [&](const Request&) -> seam::CallResult<Shown> {
        return LoopBench::error(200, "\x1f\x8b gzip");
    };
    bench.start();
    bench.run_for(1h);
    EXPECT_TRUE(bench.breakers.empty());
    EXPECT_THAT(trouble(bench.loop->state()), testing::Optional(testing::HasSubstr("used")));
    EXPECT_LE(bench.requests.size(), 40U) << "nor is the budget spent on them";
}

TEST(PollLoop, StampsAnswersBySeamsClock) {
    LoopBench bench;
    bench.seams_clock = -6h;
    bench.add("a");
    bench.start();
    ASSERT_FALSE(bench.recorded.empty());
    const auto off = bench.recorded.front().event.occurred_at + 6h - bench.now;
    EXPECT_LT(std::chrono::abs(off), 3s);
    const auto requested_at = bench.recorded.front().event.requested_at;
    ASSERT_TRUE(requested_at) << "and says when that was by ours";
    EXPECT_LT(std::chrono::abs(*requested_at - bench.now), 3s);
    EXPECT_THAT(trouble(bench.loop->state()), testing::Optional(testing::HasSubstr("ahead of")));
    ASSERT_TRUE(bench.backfill);
    EXPECT_LE(*bench.backfill, bench.now - 6h + 1s) << "no event of Seam's future is known";
}

TEST(PollLoop, HealsAfterTheClockStoodAhead) {
    LoopBench bench;
    bench.add("a");
    bench.start();
    bench.run_for(5min);
    bench.now += 6h;
    bench.seams_clock = -6h;
    bench.run_for(5min);
    bench.now -= 6h;
    bench.seams_clock = 0h;
    bench.codes["a"].next_poll_at = bench.now;
    bench.alarm = bench.now;
    const auto before = bench.requests.size();
    bench.run_for(70min);
    EXPECT_GT(bench.requests.size(), before);
    EXPECT_LE(bench.recorded.back().event.occurred_at, bench.now);
    for (const auto& list : bench.asked<ListEvents>())
        EXPECT_LT(list.window.from, list.window.to) << "never inverted";
    ASSERT_TRUE(bench.backfill);
    EXPECT_LE(*bench.backfill, bench.now);
    EXPECT_GT(*bench.backfill, bench.now - 70min);
    EXPECT_EQ(trouble(bench.loop->state()), std::nullopt);
}

TEST(PollLoop, DiscoversTheCodesOfEveryOracodeLock) {
    LoopBench bench;
    bench.options.discover = 24h;
    bench.add("due");
    bench.seam = [&](const Request& request) -> seam::CallResult<Shown> {
        if (const auto* devices = std::get_if<ListDevices>(&request)) {
            auto shown =
                LoopBench::showing({json::object{{"device_id", devices->cursor ? "lock2" : "lock1"},
                                                 {"can_program_offline_access_codes", true}},
                                    json::object{{"device_id", "thermostat"}}});
            if (!devices->cursor) shown.next_page_cursor = "2";
            return shown;
        }
        if (const auto* list = std::get_if<ListLockCodes>(&request)) {
            auto unflagged = LoopBench::object("u-" + list->device_id);
            unflagged.erase("is_offline_access_code");
            auto online = LoopBench::object("online-" + list->device_id);
            online["is_offline_access_code"] = false;
            auto shown = list->cursor
                             ? LoopBench::showing({LoopBench::object("p-" + list->device_id)})
                             : LoopBench::showing({std::move(unflagged), std::move(online)});
            if (!list->cursor) shown.next_page_cursor = "2";
            return shown;
        }
        if (const auto* get = std::get_if<GetCode>(&request))
            return LoopBench::showing({LoopBench::object(get->access_code_id)});
        return bench.usual(request);
    };
    bench.start();
    bench.run_for(1min);
    std::set<std::string> known;
    for (const auto& statement : bench.recorded) known.insert(statement.event.access_code_id);
    EXPECT_THAT(known,
                testing::UnorderedElementsAre("due", "u-lock1", "u-lock2", "p-lock1", "p-lock2"));
    const auto first = std::ranges::find_if(bench.requests, [](const Request& request) {
        return std::holds_alternative<ListDevices>(request);
    });
    const auto due = std::ranges::find_if(bench.requests, [](const Request& request) {
        return std::holds_alternative<ListCodes>(request);
    });
    EXPECT_LT(due - bench.requests.begin(), first - bench.requests.begin());
    EXPECT_EQ(bench.asked<ListDevices>().size(), 2U);
    bench.run_for(25h);
    EXPECT_EQ(bench.asked<ListDevices>().size(), 4U) << "and again after a day";
}

// 4,000 events within one second, and Seam leaves out both ends of what it is asked for.
TEST(PollLoop, BackfillLosesNothingInABurst) {
    LoopBench bench;
    const Instant second{bench.now - 10min};
    bench.seam = [&](const Request& request) -> seam::CallResult<Shown> {
        const auto* list = std::get_if<ListEvents>(&request);
        if (list == nullptr) return bench.usual(request);
        json::array shown;
        for (int i = 0; i < 4000 && shown.size() < 500; ++i) {
            const auto at = second + std::chrono::microseconds{i * 250};
            if (at <= list->window.from || at >= list->window.to) continue;
            shown.push_back(json::object{{"event_id", "e" + std::to_string(i)},
                                         {"event_type", "access_code.invented"},
                                         {"access_code_id", "a"}});
        }
        return LoopBench::showing(std::move(shown));
    };
    bench.start();
    bench.run_for(5min);
    std::set<std::string> ids;
    for (const auto& statement : bench.recorded) ids.insert(statement.event.event_id);
    EXPECT_EQ(ids.size(), 4000U);
}

TEST(PollLoop, StaysWithinItsBudget) {
    LoopBench bench;
    bench.options.requests_per_minute = 30;
    bench.options.batch = 1;
    for (int i = 0; i < 200; ++i) bench.add("c" + std::to_string(i));
    bench.start();
    bench.run_for(2min);
    EXPECT_LE(bench.requests.size(), 3U + 60U);
}

TEST(PollLoop, TurnsACallerAwayWhenSeamClosesTheWayMeanwhile) {
    LoopBench bench;
    bench.add("a");
    std::optional<Result<void>> got;
    bench.seam = [&](const Request& request) -> seam::CallResult<Shown> {
        if (!std::holds_alternative<ListCodes>(request)) return bench.usual(request);
        bench.loop->ask("wanted", lifecycle::Source::poll,
                        [&](const Result<void>& told) { got = told; });
        auto error = LoopBench::error(429, R"({"error":{"type":"rate_limited"}})");
        error.retry_after = 1h;
        return error;
    };
    bench.start();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->error().code, Errc::seam_rate_limited);
    bench.run_for(2h);
    EXPECT_TRUE(bench.asked<GetCode>().empty()) << "nobody waits any more";
}

}  // namespace
}  // namespace oracode::poller
