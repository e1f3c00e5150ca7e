// Codes cannot be taken back: what Idempotency-Key promises, and what happens when an answer of
// Seam's is lost, asked of the real program.
#include <csignal>
#include <future>

#include "tests/daemon/creating.hpp"

namespace oracode::test {
namespace {

namespace json = boost::json;

class OrderKey : public Creating {
protected:
    explicit OrderKey(const std::string& sections = {}) : Creating(sections) { daemon_.start(); }

    // Once: when Seam has made the code and has not answered yet.
    void kill_while_making() {
        locks_.while_making([this, pid = daemon_.process().pid()] {
            locks_.while_making({});
            ::kill(pid, SIGKILL);
        });
    }
};

TEST_F(OrderKey, ARepeatIsGivenTheFirstAnswerAlsoAfterARestart) {
    const auto first = create(order(), "key1");
    ASSERT_EQ(first.status, 201U) << first.http.body;
    EXPECT_EQ(first.header("Idempotent-Replayed"), "");
    // Meanwhile the code goes on.
    EXPECT_EQ(daemon_.deliver(
                  event_json({"access_code.set_on_device", "made1",
                              "0b1c9d3e-0000-4000-8000-000000000001", "2036-03-02T15:00:00.000Z"})),
              204U);
    const auto repeated = create(order(), "key1");
    EXPECT_EQ(repeated.status, 201U);
    EXPECT_EQ(repeated.http.body, first.http.body);
    EXPECT_EQ(repeated.header("Location"), "/v1/access_codes/made1");
    EXPECT_EQ(repeated.header("Idempotent-Replayed"), "true");
    EXPECT_EQ(daemon_.stop(), 0);
    daemon_.start();
    EXPECT_EQ(create(order(), "key1").http.body, first.http.body);
    EXPECT_EQ(locks_.wishes().size(), 1U);
    EXPECT_EQ(create(order(), "key2").body.at("access_code_id"), "made2");
    EXPECT_EQ(create(order()).body.at("access_code_id"), "made3");
}

TEST_F(OrderKey, WrittenDifferentlyItIsTheSameOrder) {
    const auto first = create(order(), "key1");
    const auto repeated = send("POST", "/v1/access_codes",
                               R"( {"ends_at":"2036-09-15T19:00:00-07:00","name":"Ada",)"
                               R"("starts_at":"2036-09-10T07:00:00-07:00", "device_id":"lock1"})",
                               "key1");
    EXPECT_EQ(repeated.http.body, first.http.body);
}

TEST_F(OrderKey, AnotherOrderWithTheSameKeyIsRefused) {
    ASSERT_EQ(create(order(), "key1").status, 201U);
    auto other = order();
    other["name"] = "Grace";
    const auto refused = create(other, "key1");
    EXPECT_EQ(refused.status, 422U);
    EXPECT_EQ(refused.body.at("type"), "/problems/idempotency-key-reused");
    EXPECT_EQ(locks_.wishes().size(), 1U);
}

TEST_F(OrderKey, IsFreeAgainAfterARefusal) {
    const auto broken = order("2036-09-10T09:00:00-07:00");
    EXPECT_EQ(create(broken, "key1").status, 422U);
    EXPECT_EQ(create(broken, "key2").status, 422U);
    auto lock = sample_lock();
    metadata_of(lock)["predefined_time_slots"] = json::array{time_slot("New", "09:00", "19:00")};
    locks_.put(lock);
    EXPECT_EQ(create(broken, "key1").status, 201U) << "the lock takes it now";
    seam_.once("/access_codes/create", fake_error(400, "time_slot_mismatch", "no such slot"));
    auto other = broken;
    other["name"] = "Grace";
    EXPECT_EQ(create(other, "key2").status, 502U);
    EXPECT_EQ(create(broken, "key2").body.at("access_code_id"), "made2") << "another order";
}

TEST_F(OrderKey, TellsOfAnotherWindowThanWasAskedFor) {
    seam_.once("/access_codes/create",
               {.body = R"({"ok":true,"access_code":{"access_code_id":"made0","device_id":"lock1",)"
                        R"("name":"Ada","status":"unset","starts_at":"2036-09-10T14:00:00.000Z",)"
                        R"("ends_at":"2036-09-16T01:30:00.000Z","code":"4711","errors":[],)"
                        R"("warnings":[],"pending_mutations":[]}})"});
    const auto answer = create(order(), "key1");
    ASSERT_EQ(answer.status, 201U) << answer.http.body;
    ASSERT_EQ(answer.body.at("warnings").as_array().size(), 1U);
    EXPECT_EQ(answer.body.at("warnings").at(0).at("warning_code"), "other_window_than_asked");
    EXPECT_EQ(answer.body.at("warnings").at(0).at("message"),
              "Seam was asked for 2036-09-10T14:00:00.000Z to 2036-09-16T02:00:00.000Z, but shows "
              "2036-09-10T14:00:00.000Z to 2036-09-16T01:30:00.000Z of this code.");
    const auto log = daemon_.log();
    EXPECT_NE(log.find("creation.other_window"), std::string::npos) << log;
    EXPECT_EQ(log.find("4711"), std::string::npos);
    EXPECT_EQ(create(order(), "key1").http.body, answer.http.body);
    EXPECT_EQ(create(order()).body.at("warnings").as_array().size(), 0U);
}

TEST_F(OrderKey, TheLogNamesWhatIsNeededToLookItUpAtSeam) {
    auto failed = fake_error(500, "internal", "oops");
    failed.headers = {{"seam-request-id", "seam-7"}};
    seam_.once("/access_codes/create", failed);
    const auto lost = create(order(), "key1");
    EXPECT_EQ(lost.status, 503U);
    const auto log = daemon_.log();
    for (const auto* event : {"creation.failed", "creation.unclear"}) {
        const auto at = log.find(event);
        ASSERT_NE(at, std::string::npos) << log;
        const auto line = log.substr(at, log.find('\n', at) - at);
        for (const auto& part : {std::string("lock1"), std::string("2036-09-10T14:00:00.000Z"),
                                 std::string("2036-09-16T02:00:00.000Z"), std::string("seam-7"),
                                 lost.header("X-Request-Id")})
            EXPECT_NE(line.find(part), std::string::npos) << part << " in " << line;
    }
}

TEST_F(OrderKey, ARepeatWhileTheFirstRunsMakesNoSecondCode) {
    std::promise<void> asked;
    std::promise<void> go_on;
    locks_.while_making([&, go = go_on.get_future().share()] {
        asked.set_value();
        go.wait();
    });
    auto first = std::async(std::launch::async, [this] { return create(order(), "key1"); });
    asked.get_future().wait();
    const auto second = create(order(), "key1");
    EXPECT_EQ(second.status, 409U);
    EXPECT_NE(second.header("Retry-After"), "");
    auto other = order();
    other["name"] = "Grace";
    EXPECT_EQ(create(other, "key1").status, 422U);
    go_on.set_value();
    EXPECT_EQ(first.get().status, 201U);
    EXPECT_EQ(create(order(), "key1").status, 201U);
    EXPECT_EQ(locks_.wishes().size(), 1U);
}

TEST_F(OrderKey, FindsTheCodeWhoseAnswerWasCutOff) {
    ASSERT_EQ(create(order()).status, 201U) << "the same, but another order's";
    locks_.lose_next_answer();
    const auto answer = create(order());
    EXPECT_EQ(answer.status, 201U) << answer.http.body;
    EXPECT_EQ(answer.body.at("access_code_id"), "made2");
    EXPECT_EQ(locks_.wishes().size(), 2U);
}

TEST_F(OrderKey, DoesNotAskTwiceWhileItIsNotKnownWhetherSeamMadeTheCode) {
    seam_.once("/access_codes/create", fake_error(500, "internal", "oops"));
    const auto lost = create(order(), "key1");
    EXPECT_EQ(lost.status, 503U);
    EXPECT_EQ(lost.body.at("type"), "/problems/outcome-unknown");
    EXPECT_NE(lost.header("Retry-After"), "");
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(create(order(), "key1").body.at("type"), "/problems/outcome-unknown");
    EXPECT_TRUE(locks_.wishes().empty());
    EXPECT_EQ(locks_.requests_to("/access_codes/create"), 1U);
    // It turns out that it did make it.
    locks_.add_code({{"access_code_id", "made0"},
                     {"device_id", "lock1"},
                     {"name", "Ada"},
                     {"status", "unset"},
                     {"starts_at", "2036-09-10T14:00:00.000Z"},
                     {"ends_at", "2036-09-16T02:00:00.000Z"}});
    const auto found = create(order(), "key1");
    EXPECT_EQ(found.status, 201U) << found.http.body;
    EXPECT_EQ(found.body.at("access_code_id"), "made0");
    EXPECT_EQ(create(order(), "key1").http.body, found.http.body);
    EXPECT_EQ(locks_.requests_to("/access_codes/create"), 1U);
}

// No walk over the locks finds the code before the repeat does.
class OrderKeyAlone : public OrderKey {
protected:
    OrderKeyAlone() : OrderKey("[poll]\ndiscover = \"0s\"\n") {}
};

TEST_F(OrderKeyAlone, KilledBeforeSeamsAnswerCameItFindsTheCodeAgain) {
    kill_while_making();
    EXPECT_THROW(create(order(), "key1"), std::exception);
    EXPECT_EQ(daemon_.process().wait(), 128 + SIGKILL);
    daemon_.start();
    const auto repeated = create(order(), "key1");
    ASSERT_EQ(repeated.status, 201U) << repeated.http.body;
    EXPECT_EQ(repeated.body.at("access_code_id"), "made1");
    EXPECT_EQ(repeated.body.at("status_source"), "create");
    EXPECT_EQ(locks_.wishes().size(), 1U);
    EXPECT_EQ(create(order(), "key1").http.body, repeated.http.body);
}

TEST_F(OrderKey, KilledBeforeSeamsAnswerCameTheWalkOverTheLocksFindsTheCodeFirst) {
    kill_while_making();
    EXPECT_THROW(create(order(), "key1"), std::exception);
    EXPECT_EQ(daemon_.process().wait(), 128 + SIGKILL);
    daemon_.start();
    ASSERT_TRUE(eventually([&] { return get("/v1/access_codes/made1").status == 200; }));
    const auto repeated = create(order(), "key1");
    ASSERT_EQ(repeated.status, 201U) << repeated.http.body;
    EXPECT_EQ(repeated.body.at("access_code_id"), "made1");
    EXPECT_EQ(repeated.body.at("status_source"), "poll");
    EXPECT_EQ(locks_.wishes().size(), 1U);
}

TEST_F(OrderKey, KilledBeforeSeamsAnswerCameTheBackfillBringsTheCodeIn) {
    kill_while_making();
    EXPECT_THROW(create(order()), std::exception);
    EXPECT_EQ(daemon_.process().wait(), 128 + SIGKILL);
    auto event =
        event_json({"access_code.created", "made1", "0b1c9d3e-0000-4000-8000-000000000001"});
    seam_.always("/events/list", {.body = R"({"events":[)" + event + R"(],"ok":true})"});
    daemon_.start();
    EXPECT_TRUE(eventually([&] {
        const auto code = get("/v1/access_codes/made1");
        return code.status == 200 && code.body.at("name") == "Ada";
    })) << daemon_.log();
    EXPECT_EQ(locks_.wishes().size(), 1U);
}

}  // namespace
}  // namespace oracode::test
