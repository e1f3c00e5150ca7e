#include <set>

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
        bench.seam = [&, status = status,
                      body = body](const Request& request) -> seam::CallResult<Shown> {
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

TEST(Planner, AStrangersAnswerDoesNotPutOffTheWalkOverALock) {
    for (const unsigned status : {401U, 403U, 404U}) {
        LoopBench bench;
        bench.options.discover = 24h;
        bool stray = true;
        bench.seam = [&](const Request& request) -> seam::CallResult<Shown> {
            if (std::holds_alternative<ListDevices>(request))
                return LoopBench::showing(
                    {json::object{{"device_id", "lock"},
                                  {"can_program_offline_access_codes", true},
                                  {"device_type", "dormakaba_oracode_door"}}});
            if (std::holds_alternative<ListLockCodes>(request) && std::exchange(stray, false))
                return LoopBench::error(status, "<html>");
            return bench.usual(request);
        };
        bench.start();
        bench.run_for(5min);
        EXPECT_EQ(bench.asked<ListLockCodes>().size(), 2U) << status;
    }
}

// Where a look may end a code, another code that Seam finds has to bear witness.
TEST(Planner, AMissingCodeEndsOnlyBesideOneThatSeamFinds) {
    LoopBench bench;
    for (const auto* id : {"gone", "other"}) {
        bench.add(id);
        bench.hidden[id] = true;
    }
    bench.live = {"gone", "other"};
    bench.codes["gone"].code.missing = true;
    bench.again = 1min;
    bench.start();
    bench.run_for(2h);
    EXPECT_EQ(bench.missing("gone"), 0U) << "Seam finds none of them";
    bench.hidden.erase("other");
    bench.run_for(3min);
    EXPECT_GT(bench.missing("gone"), 0U);
}

TEST(Planner, TheOnlyCodeEndsWithoutAWitnessAndOneThatHasEndedIsNotLeftAlone) {
    LoopBench bench;
    bench.add("only");
    bench.codes["only"].code.missing = true;
    bench.hidden["only"] = true;
    bench.live = {"only"};
    bench.start();
    bench.run_for(1min);
    EXPECT_GT(bench.missing("only"), 0U);

    LoopBench after_its_end;
    after_its_end.add("ended");
    after_its_end.codes["ended"].code.ended = true;
    after_its_end.hidden["ended"] = true;
    after_its_end.start();
    after_its_end.run_for(1min);
    EXPECT_EQ(after_its_end.missing("ended"), 0U) << "a Seam without any code proves nothing";
    EXPECT_EQ(after_its_end.postponed, std::vector<std::string>{"ended"});
}

TEST(Planner, WitnessesTakeTurns) {
    LoopBench bench;
    bench.add("gone");
    bench.hidden["gone"] = true;
    bench.codes["gone"].code.missing = true;
    for (int i = 0; i < 12; ++i) {
        bench.live.push_back("c" + std::to_string(100 + i));
        bench.add(bench.live.back());
        bench.codes[bench.live.back()].next_poll_at.reset();
    }
    bench.options.batch = 1;
    bench.again = 10min;
    bench.start();
    bench.run_for(1h);
    std::set<std::string> asked;
    for (const auto& list : bench.asked<ListCodes>())
        if (list.queued)
            for (const auto& code : list.codes) asked.insert(code.access_code_id);
    EXPECT_GT(asked.size(), 6U);
}

// The whole object leaves out what an ongoing code does not have, a list perhaps what it has.
TEST(Planner, AStartThatAnOngoingCodeDoesNotHaveIsDenied) {
    for (const bool start_known : {true, false}) {
        LoopBench bench;
        bench.add("ongoing", "w", start_known ? std::optional{bench.now + 3h} : std::nullopt);
        auto ongoing = LoopBench::object("ongoing");
        ongoing["type"] = "ongoing";
        ongoing.erase("starts_at");
        ongoing.erase("ends_at");
        bench.seam = [&](const Request& request) -> seam::CallResult<Shown> {
            if (std::holds_alternative<GetCode>(request) ||
                std::holds_alternative<ListCodes>(request))
                return LoopBench::showing({ongoing});
            return bench.usual(request);
        };
        bench.start();
        bench.run_for(1min);
        EXPECT_EQ(bench.asked<GetCode>().size(), start_known ? 1U : 0U);
        ASSERT_EQ(bench.recorded.size(), start_known ? 2U : 1U);
        EXPECT_EQ(bench.recorded.front().event.partial, start_known);
        const auto& told = bench.recorded.back().event.facts.starts_at;
        EXPECT_EQ(told.has_value(), start_known);
        EXPECT_FALSE(told.value_or(std::nullopt));
    }
}

TEST(Planner, CodesOfALockThatIsManagedAgainAreListedTogether) {
    LoopBench bench;
    for (int i = 0; i < 50; ++i) {
        const auto id = "c" + std::to_string(100 + i);
        bench.add(id);
        bench.codes[id].code.managed = false;
    }
    bench.start();
    bench.run_for(1min);
    EXPECT_EQ(bench.asked<ListCodes>().size(), 1U);
    EXPECT_TRUE(bench.asked<GetCode>().empty());
    EXPECT_EQ(bench.recorded.size(), 50U);
}

TEST(Planner, EventsAreNeverKnownBeyondOurOwnPresent) {
    LoopBench bench;
    bench.seams_clock = 3h;
    bench.start();
    bench.run_for(2h);
    ASSERT_TRUE(bench.backfill);
    EXPECT_LE(*bench.backfill, bench.now);
    EXPECT_GT(*bench.backfill, bench.now - 70min);
}

TEST(Planner, AClockThatIsSetWhileSeamIsAskedIsMeasuredAgain) {
    LoopBench bench;
    bench.add("a");
    bench.seams_clock = 3h;
    bench.start();
    bench.run_for(20min);
    ASSERT_GT(bench.loop->state().clock_offset.value_or(0h), 2h);
    bench.seam = [&](const Request& request) {
        if (bench.seams_clock > 0h) bench.now += std::exchange(bench.seams_clock, 0h);
        return bench.usual(request);
    };
    bench.codes["a"].next_poll_at = bench.now;
    bench.loop->look();
    bench.run_for(0h);
    EXPECT_LT(bench.loop->state().clock_offset.value_or(0h), 1min);
}

// What Seam was asked before the caller came may be older than what the caller knows.
TEST(Planner, ACallerGetsAnAnswerThatWasAskedForAfterItCame) {
    LoopBench bench;
    bench.add("a");
    bench.hidden["a"] = true;
    int asked = 0;
    std::optional<int> told_after;
    bench.seam = [&](const Request& request) -> seam::CallResult<Shown> {
        if (!std::holds_alternative<GetCode>(request)) return bench.usual(request);
        if (++asked == 1)
            bench.loop->ask("a", lifecycle::Source::poll,
                            [&](const Result<void>&) { told_after = asked; });
        return LoopBench::showing({LoopBench::object("a")});
    };
    bench.start();
    bench.run_for(1min);
    EXPECT_EQ(told_after, 2);
}

TEST(Planner, ARefreshedCodeThatHasEndedIsNoneOfTheMissing) {
    LoopBench bench;
    bench.add("witness");
    bench.live = {"witness"};
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
