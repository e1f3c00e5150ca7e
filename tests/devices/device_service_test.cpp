// Orders against a scripted Seam with a clock that the test moves.
#include "devices/device_service.hpp"

#include <list>

#include <gtest/gtest.h>

#include "metrics/metrics.hpp"
#include "store/store.hpp"
#include "support/fake_locks.hpp"
#include "support/process.hpp"
#include "tests/devices/statements.hpp"

namespace oracode::devices {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using test::fake_error;
using test::sample_lock;

Timestamp instant(const char* text) {
    return parse_rfc3339(text).value();
}

Order order(const char* starts_at = "2024-09-10T07:00:00-07:00",
            const char* ends_at = "2024-09-15T19:00:00-07:00", const char* rounding = "") {
    return {"lock1", "Ada", {starts_at, ends_at, rounding, false, false}};
}

class Ordering : public testing::Test {
protected:
    Ordering() {
        locks_.put(sample_lock());
        seam::ClientOptions client;
        client.endpoint = seam_.url();
        client.ca_file = seam_.ca_file();
        client.api_key = "key";
        client.timeout = 5s;
        device_service_.emplace(
            DeviceService::Dependencies{store_, metrics_, [this] { return now_.load(); }, client});
        store_.start();
        device_service_->start();
    }
    ~Ordering() override { device_service_->stop(); }

    template <class T, class Ask>
    T wait(const Ask& ask) {
        auto& home = homes_.emplace_back();
        const auto guard = boost::asio::make_work_guard(home);
        std::optional<T> answer;
        ask(home, [&](T value) {
            answer.emplace(std::move(value));
            home.stop();
        });
        home.run();
        return std::move(answer.value());
    }
    Ending create(const Order& what, const std::string& key = {}) {
        return wait<Ending>([&](boost::asio::io_context& home, std::function<void(Ending)> done) {
            const Render render = [](const Decided& decided) {
                if (const auto* code = std::get_if<Made>(&decided))
                    return store::OrderAnswer{201, "", code->code.access_code_id};
                return store::OrderAnswer{std::holds_alternative<OrderCheck>(decided) ? 422U : 502U,
                                          "", ""};
            };
            device_service_->create(what, key, home, render, std::move(done));
        });
    }
    SeamResult<OrderCheck> check(const Order& what) {
        return wait<SeamResult<OrderCheck>>(
            [&](boost::asio::io_context& home, std::function<void(SeamResult<OrderCheck>)> done) {
                device_service_->check(what, home, std::move(done));
            });
    }
    // The id of the code that was made; empty for any other ending.
    static std::string made(const Ending& ending) {
        const auto* answered = std::get_if<Answered>(&ending);
        return answered != nullptr && answered->answer.status == 201 ? answered->answer.body : "";
    }

    std::list<boost::asio::io_context> homes_;  // the service may still be about to leave one
    std::atomic<Timestamp> now_{instant("2024-09-01T00:00:00Z")};
    test::TemporaryFolder folder_;
    test::FakeSeam seam_;
    test::FakeLocks locks_{seam_};
    metrics::Metrics metrics_;
    store::Store store_{store::StoreOptions{
        .path = folder_ / "oracoded.db", .policy = {}, .clock = [this] { return now_.load(); }}};
    std::optional<DeviceService> device_service_;
};

TEST_F(Ordering, SeamsTwoExamplesComeToTheInstantsItDocuments) {
    struct Row {
        Order what;
        const char* starts_at;
        const char* ends_at;
    };
    const Row rows[] = {
        {order(), "2024-09-10T14:00:00.000Z", "2024-09-16T02:00:00.000Z"},
        {order("2024-09-10T00:00:00-07:00", "2024-09-15T23:59:00-07:00", "1d"),
         "2024-09-10T07:00:00.000Z", "2024-09-16T06:59:00.000Z"},
    };
    store::Reader reader(store_.path());
    for (const auto& row : rows) {
        const auto id = made(create(row.what));
        ASSERT_NE(id, "");
        const auto code = reader.find(id).value();
        EXPECT_EQ(code.starts_at.value, instant(row.starts_at));
        EXPECT_EQ(code.ends_at.value, instant(row.ends_at));
        EXPECT_EQ(locks_.wishes().back().at("starts_at").as_string(), row.what.window.starts_at);
        EXPECT_EQ(locks_.wishes().back().at("ends_at").as_string(), row.what.window.ends_at);
    }
}

TEST_F(Ordering, AfterALostAnswerAndALookThatFindsNothingItIsMadeOnceMore) {
    seam_.once("/access_codes/create", fake_error(500, "internal", "oops"));
    const auto lost = create(order(), "key");
    ASSERT_TRUE(std::holds_alternative<Unclear>(lost));
    EXPECT_EQ(std::get<Unclear>(lost).retry_after, 2min);
    now_ = now_.load() + 2min - 1ms;
    EXPECT_TRUE(std::holds_alternative<Unclear>(create(order(), "key")));
    EXPECT_EQ(locks_.requests_to("/access_codes/create"), 1U);
    now_ = now_.load() + 1ms;
    EXPECT_EQ(made(create(order(), "key")), "made1");
    EXPECT_EQ(made(create(order(), "key")), "made1");
    EXPECT_EQ(locks_.wishes().size(), 1U);
}

TEST_F(Ordering, AfterALostAnswerNothingIsMadeWhileSeamsListIsNotToBeHad) {
    seam_.once("/access_codes/create", fake_error(500, "internal", "oops"));
    seam_.always("/access_codes/list", fake_error(500, "internal", "oops"));
    EXPECT_TRUE(std::holds_alternative<Unclear>(create(order(), "key")));
    now_ = now_.load() + 1h;
    EXPECT_TRUE(std::holds_alternative<Unclear>(create(order(), "key")));
    EXPECT_EQ(locks_.requests_to("/access_codes/create"), 1U);
}

TEST_F(Ordering, ACodeOfAnotherNameWindowOrTimeIsNotTakenForTheLostOne) {
    seam_.once("/access_codes/create", fake_error(500, "internal", "oops"));
    const json::object lost{{"access_code_id", "other"},
                            {"device_id", "lock1"},
                            {"name", "Ada"},
                            {"status", "unset"},
                            {"created_at", "2024-09-01T00:00:00.000Z"},
                            {"starts_at", "2024-09-10T14:00:00.000Z"},
                            {"ends_at", "2024-09-16T02:00:00.000Z"}};
    const std::pair<const char*, const char*> differences[] = {
        {"name", "Grace"},
        {"starts_at", "2024-09-11T14:00:00.000Z"},
        {"ends_at", "2024-09-17T02:00:00.000Z"},
        {"created_at", "2024-08-31T23:50:00.000Z"},
        {"device_id", "lock2"},
    };
    for (const auto& [member, value] : differences) {
        auto other = lost;
        other[member] = value;
        other["access_code_id"] = std::string("other ") + member;
        locks_.add_code(other);
    }
    EXPECT_TRUE(std::holds_alternative<Unclear>(create(order(), "key")));
    locks_.add_code(lost);
    EXPECT_EQ(made(create(order(), "key")), "other");
}

// Seam's list shows `listed`, a get the code as the FakeLocks know it.
test::FakeAnswer list_of(const json::object& listed, std::optional<Timestamp> date = {}) {
    const json::object body{{"ok", true}, {"access_codes", json::array{listed}}};
    test::FakeAnswer answer{.body = json::serialize(body)};
    if (date) answer.headers.emplace_back("Date", format_http_date(*date));
    return answer;
}

TEST_F(Ordering, ACodeThatTheListShowsWithoutItsWindowIsFetchedAndTakenForTheLostOne) {
    for (const std::string member : {"starts_at", "ends_at", "name", "created_at", "device_id"}) {
        seam_.once("/access_codes/create", fake_error(500, "internal", "oops"));
        EXPECT_TRUE(std::holds_alternative<Unclear>(create(order(), member)));
        auto lost = code_of_ada();
        lost["access_code_id"] = "lost " + member;
        lost["created_at"] = format_rfc3339(now_.load());
        locks_.add_code(lost);
        lost["starts_at"] = nullptr;
        lost.erase(member);
        seam_.always("/access_codes/list", list_of(lost));
        now_ = now_.load() + 1h;
        EXPECT_EQ(made(create(order(), member)), "lost " + member);
    }
    EXPECT_EQ(locks_.requests_to("/access_codes/create"), 5U);
}

TEST_F(Ordering, ACodeThatTheListShowsAMinuteOffIsTheLostOneByWhatAGetTells) {
    seam_.once("/access_codes/create", fake_error(500, "internal", "oops"));
    EXPECT_TRUE(std::holds_alternative<Unclear>(create(order(), "key")));
    auto listed = code_of_ada();
    listed["starts_at"] = "2024-09-10T14:01:00.000Z";
    locks_.add_code(code_of_ada());
    seam_.always("/access_codes/list", list_of(listed));
    now_ = now_.load() + 1h;
    EXPECT_EQ(made(create(order(), "key")), "lost");
    EXPECT_EQ(locks_.requests_to("/access_codes/get"), 1U);
    EXPECT_EQ(locks_.requests_to("/access_codes/create"), 1U);
}

TEST_F(Ordering, ACodeThatSeamMadeAMinuteOffIsTheLostOne) {
    seam_.once("/access_codes/create", fake_error(500, "internal", "oops"));
    EXPECT_TRUE(std::holds_alternative<Unclear>(create(order(), "key")));
    auto off = code_of_ada();
    off["ends_at"] = "2024-09-16T01:59:00.000Z";
    locks_.add_code(off);
    now_ = now_.load() + 1h;
    EXPECT_EQ(made(create(order(), "key")), "lost");
    EXPECT_EQ(locks_.requests_to("/access_codes/create"), 1U);
}

TEST_F(Ordering, TheLostCodeIsFoundWhereOurClockIsAheadOfSeams) {
    seam_.once("/access_codes/create", fake_error(500, "internal", "oops"));
    EXPECT_TRUE(std::holds_alternative<Unclear>(create(order(), "key")));
    auto lost = code_of_ada();
    lost["created_at"] = format_rfc3339(now_.load() - 6h);
    locks_.add_code(lost);
    // The walk over the locks, which knows Seam's clock, has seen it too.
    lifecycle::Event seen;
    seen.source = lifecycle::Source::poll;
    seen.access_code_id = "lost";
    seen.occurred_at = now_.load() - 6h + 1min;
    seen.step = lifecycle::LifecycleStep::unset;
    seen.facts.created_at = std::optional{now_.load() - 6h};
    wait<Result<store::Recorded>>(
        [&](boost::asio::io_context& home, std::function<void(Result<store::Recorded>)> done) {
            store_.record(seen, {}, home, std::move(done));
        });
    now_ = now_.load() + 1h;
    seam_.always("/access_codes/list", list_of(lost, now_.load() - 6h));
    seam_.always("/access_codes/get",
                 {.body = json::serialize(json::object{{"ok", true}, {"access_code", lost}})});
    EXPECT_EQ(made(create(order(), "key")), "lost");
    EXPECT_EQ(locks_.requests_to("/access_codes/create"), 1U);
}

TEST_F(Ordering, WhereACodeMayBeTheLostOneNoSecondIsMade) {
    seam_.once("/access_codes/create", fake_error(500, "internal", "oops"));
    EXPECT_TRUE(std::holds_alternative<Unclear>(create(order(), "key")));
    now_ = now_.load() + 1h;
    auto windowless = code_of_ada();
    windowless["starts_at"] = nullptr;
    auto overlapping = code_of_ada();
    overlapping["ends_at"] = "2024-09-12T02:00:00.000Z";
    for (const auto& code : {windowless, overlapping}) {
        seam_.always("/access_codes/list", list_of(code));
        seam_.always("/access_codes/get",
                     {.body = json::serialize(json::object{{"ok", true}, {"access_code", code}})});
        EXPECT_TRUE(std::holds_alternative<Unclear>(create(order(), "key"))) << code;
    }
    seam_.always("/access_codes/get", fake_error(404, "access_code_not_found", "gone"));
    EXPECT_TRUE(std::holds_alternative<Unclear>(create(order(), "key"))) << "the two disagree";
    seam_.always("/access_codes/get", fake_error(500, "internal", "oops"));
    EXPECT_TRUE(std::holds_alternative<Unclear>(create(order(), "key")));
    EXPECT_EQ(locks_.requests_to("/access_codes/create"), 1U);
}

TEST_F(Ordering, AfterALostAnswerAllPagesOfTheListAreLookedAt) {
    seam_.once("/access_codes/create", fake_error(500, "internal", "oops"));
    EXPECT_TRUE(std::holds_alternative<Unclear>(create(order(), "key")));
    for (int i = 0; i < 5; ++i) {
        auto other = code_of_ada("other");
        other["access_code_id"] = "other" + std::to_string(i);
        other["name"] = "Grace";
        locks_.add_code(other);
    }
    locks_.add_code(code_of_ada());
    locks_.page_size(2);
    now_ = now_.load() + 1h;
    EXPECT_EQ(made(create(order(), "key")), "lost");
    EXPECT_EQ(locks_.requests_to("/access_codes/create"), 1U);
}

TEST_F(Ordering, ARefusalLeavesTheKeyFreeForAnotherOrder) {
    const auto refused = create(order("2024-09-10T09:00:00-07:00"), "key");
    ASSERT_TRUE(std::holds_alternative<Answered>(refused));
    EXPECT_EQ(std::get<Answered>(refused).answer.status, 422U);
    seam_.once("/access_codes/create", fake_error(400, "time_slot_mismatch", "no such slot"));
    const auto by_seam = create(order(), "key");
    EXPECT_EQ(std::get<Answered>(by_seam).answer.status, 502U);
    EXPECT_EQ(made(create(order("2024-09-11T07:00:00-07:00"), "key")), "made1");
    EXPECT_TRUE(std::holds_alternative<KeyConflict>(create(order(), "key")));
}

TEST_F(Ordering, ARefusalOfARepeatDoesNotForgetTheLostAnswerBeforeIt) {
    seam_.once("/access_codes/create", fake_error(500, "internal", "oops"));
    EXPECT_TRUE(std::holds_alternative<Unclear>(create(order(), "key")));
    now_ = now_.load() + 1h;
    seam_.once("/access_codes/create", fake_error(400, "time_slot_mismatch", "no such slot"));
    EXPECT_EQ(std::get<Answered>(create(order(), "key")).answer.status, 502U);
    locks_.add_code(code_of_ada());  // the list shows it after all
    EXPECT_EQ(made(create(order(), "key")), "lost");
}

TEST_F(Ordering, TheCallersReferenceIsKeptWithTheCodeAndPartOfTheOrder) {
    auto with = order();
    with.external_id = "booking 7";
    EXPECT_NE(digest(with), digest(order()));
    const auto id = made(create(with, "key"));
    ASSERT_NE(id, "");
    EXPECT_TRUE(std::holds_alternative<KeyConflict>(create(order(), "key")));
}

TEST_F(Ordering, OrdersForOneLockTakeTurns) {
    auto& home = homes_.emplace_back();
    std::vector<std::string> ids;
    const Render render = [](const Decided& decided) {
        return store::OrderAnswer{201, "", std::get<Made>(decided).code.access_code_id};
    };
    const auto guard = boost::asio::make_work_guard(home);
    for (int i = 0; i < 8; ++i) {
        device_service_->create(order(), {}, home, render, [&](const Ending& ending) {
            ids.push_back(made(ending));
            if (ids.size() == 8) home.stop();
        });
    }
    home.run();
    std::vector<std::string> expected;
    for (int i = 1; i <= 8; ++i) expected.push_back("made" + std::to_string(i));
    EXPECT_EQ(ids, expected);
}

TEST_F(Ordering, ALocksDataIsAskedForAnewWhenItIsTooOld) {
    ASSERT_TRUE(check(order()));
    ASSERT_TRUE(check(order()));
    EXPECT_EQ(locks_.requests_to("/devices/get"), 1U);
    now_ = now_.load() + 10min;
    const auto again = check(order());
    EXPECT_EQ(locks_.requests_to("/devices/get"), 2U);
    EXPECT_EQ(again->lock.fetched_at, now_.load());
    now_ = now_.load() + 1h;
    seam_.always("/devices/get", fake_error(500, "internal", "oops"));
    const auto old = check(order());
    ASSERT_TRUE(old);
    EXPECT_EQ(old->lock.fetched_at, now_.load() - 1h) << "and its age is told";
}

TEST_F(Ordering, WithoutAKeyNothingIsMadeUntilThereIsOne) {
    device_service_->set_api_key("");
    const auto refused = create(order());
    ASSERT_TRUE(std::holds_alternative<seam::CallError>(refused));
    EXPECT_EQ(std::get<seam::CallError>(refused).code, Errc::unauthenticated);
    device_service_->set_api_key("key");
    EXPECT_EQ(made(create(order())), "made1");
}

}  // namespace
}  // namespace oracode::devices
