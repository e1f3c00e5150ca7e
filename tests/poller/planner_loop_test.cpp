#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "poller/loop_bench.hpp"
#include "poller/planner.hpp"

namespace oracode::poller {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

TEST(Planner, FetchesACodeWhoseWindowAListLeavesOut) {
    for (const auto* left_out : {"starts_at", "ends_at", "type"}) {
        LoopBench bench;
        bench.add("slim");
        bench.add("whole");
        bench.seam = [&](const Request& request) -> seam::CallResult<Shown> {
            if (std::holds_alternative<GetCode>(request))
                return LoopBench::showing({LoopBench::object("slim")});
            if (!std::holds_alternative<ListCodes>(request)) return bench.usual(request);
            auto slim = LoopBench::object("slim");
            slim.erase(left_out);
            return LoopBench::showing({std::move(slim), LoopBench::object("whole")});
        };
        bench.start();
        bench.run_for(1min);
        const auto gets = bench.asked<GetCode>();
        ASSERT_EQ(gets.size(), 1U) << left_out;
        EXPECT_EQ(gets.front().access_code_id, "slim");
    }
}

TEST(Planner, AStrangersAnswerToTheListOfEventsIsNoAnswer) {
    for (const auto& [status, body] : std::vector<std::pair<unsigned, std::string>>{
             {404, "<html>"}, {404, "{}"}, {200, "<html>"}, {502, "<html>"}}) {
        LoopBench bench;
        bench.backfill = bench.now - 1h;
        bool stray = true;
        bench.seam = [&](const Request& request) -> seam::CallResult<Shown> {
            if (std::holds_alternative<ListEvents>(request) && std::exchange(stray, false))
                return LoopBench::error(status, body);
            return bench.usual(request);
        };
        bench.start();
        bench.run_for(2min);
        const auto lists = bench.asked<ListEvents>();
        ASSERT_EQ(lists.size(), 2U) << status << body;
        EXPECT_EQ(lists[1].window.from, lists[0].window.from) << "the same stretch";
        ASSERT_TRUE(bench.backfill);
        EXPECT_GE(*bench.backfill, bench.now - 3min);
    }
}

TEST(Planner, ARefreshedCodeThatHasEndedIsNoneOfTheMissing) {
    LoopBench bench;
    for (const auto* id : {"a", "b", "c"}) {
        bench.add(id);
        bench.codes[id].code.ended = true;
        bench.codes[id].next_poll_at.reset();
    }
    bench.start();
    for (const auto* id : {"a", "b", "c"}) {
        bench.loop->ask(id, lifecycle::Source::poll, [](const Result<void>&) {});
        bench.run_for(2min);
        EXPECT_EQ(bench.missing(id), 1U);
    }
    EXPECT_EQ(bench.loop->state().codes_missing, 0U);
}

TEST(Planner, ARefreshAsksTheEndpointThatKnowsTheCode) {
    LoopBench bench;
    bench.add("a");
    bench.codes["a"].code.managed = false;
    bench.codes["a"].next_poll_at.reset();
    bench.seam = [&](const Request& request) -> seam::CallResult<Shown> {
        if (std::holds_alternative<GetCode>(request))
            return LoopBench::showing({LoopBench::object("a")});
        return bench.usual(request);
    };
    bench.start();
    bench.loop->ask("a", lifecycle::Source::poll, [](const Result<void>&) {});
    bench.run_for(2min);
    const auto gets = bench.asked<GetCode>();
    ASSERT_EQ(gets.size(), 1U);
    EXPECT_TRUE(gets.front().unmanaged);
}

}  // namespace
}  // namespace oracode::poller
