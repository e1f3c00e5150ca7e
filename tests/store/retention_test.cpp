// What is kept how long, by a clock that the test sets.
#include <latch>

#include <gmock/gmock.h>

#include "tests/store/fixture.hpp"

namespace oracode::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::chrono::days day{1};

class Retention : public StoreTest {
protected:
    void SetUp() override { open(); }

    // Steps until there is nothing more to do; all of them together.
    store::Purged purge_all() {
        store::Purged sum;
        for (store::Purged step{.more = true}; step.more;) {
            step = purge(retention_).value();
            ++steps_;
            sum.codes += step.codes;
            sum.events += step.events;
            sum.changes += step.changes;
            sum.quarantined += step.quarantined;
            sum.pins += step.pins;
            sum.next = step.next;
        }
        return sum;
    }
    void ended_code(const std::string& id) {
        ASSERT_TRUE(record(make_event(id + "-1", id, lifecycle::LifecycleStep::created, 1)));
        ASSERT_TRUE(record(make_event(id + "-2", id, lifecycle::LifecycleStep::set, 2)));
        ASSERT_TRUE(record(make_event(id + "-3", id, lifecycle::LifecycleStep::removed, 3)));
    }
    [[nodiscard]] std::string count(const std::string& table) const {
        return sql(path(), "SELECT count(*) FROM " + table);
    }

    store::RetentionPolicy retention_{.history = 100 * day, .pins = 10 * day};
    int steps_ = 0;
};

TEST_F(Retention, AnEndedCodeGoesWithAllThatIsKeptOfItAndNoOther) {
    ended_code("old");
    ASSERT_TRUE(record(make_event("living-1", "living", lifecycle::LifecycleStep::set, 5)));
    now_ = now_.load() + 100 * day - 1ms;
    EXPECT_EQ(purge_all().codes, 0U);
    EXPECT_EQ(find("old").ended->reason, lifecycle::EndReason::removed);

    now_ = now_.load() + 1ms;
    const auto purged = purge_all();
    EXPECT_EQ(purged.codes, 1U);
    EXPECT_EQ(purged.events, 3U);
    EXPECT_EQ(purged.changes, 3U);
    EXPECT_EQ(store::Reader(path()).find("old").error().code, Errc::not_found);
    EXPECT_EQ(history("living").events.size(), 1U);
    EXPECT_EQ(count("events"), "1");
    EXPECT_EQ(count("changes"), "1");
    EXPECT_EQ(store::Reader(path()).counts(now_).value().ended, 0);
    EXPECT_EQ(store::Reader(path()).oldest_change().value(), 4)
        << "who was before it has missed something";
}

TEST_F(Retention, CountsFromTheMomentAtWhichTheEndWasHeardOf) {
    now_ = at(0) + 1'000 * day;  // the events are years old
    ended_code("late");
    EXPECT_EQ(purge_all().next, now_.load() + retention_.pins);
    EXPECT_TRUE(find("late").ended);
}

TEST_F(Retention, AnEndWithoutAMomentGetsOneWithTheNextEvent) {
    ended_code("code");
    sql(path(), "UPDATE access_codes SET ended_since = NULL");
    EXPECT_FALSE(purge_all().next);
    ASSERT_TRUE(record(make_event("late", "code", lifecycle::LifecycleStep::set, 2)));
    ASSERT_TRUE(find("code").ended);
    EXPECT_EQ(purge_all().next, now_.load() + retention_.pins);
}

TEST_F(Retention, NumbersAreGivenOutOnce) {
    ended_code("old");
    now_ = now_.load() + 100 * day;
    purge_all();
    EXPECT_EQ(count("events"), "0");
    reopen();
    ASSERT_TRUE(record(make_event("new-1", "new", lifecycle::LifecycleStep::set, 5)));
    EXPECT_EQ(sql(path(), "SELECT seq FROM events"), "4");
    EXPECT_EQ(sql(path(), "SELECT seq FROM changes"), "4");
    EXPECT_EQ(sql(path(), "SELECT code_no FROM access_codes"), "2");
}

TEST_F(Retention, ACodeHeardOfAgainAfterItWasPurgedIsANewOne) {
    ended_code("old");
    now_ = now_.load() + 100 * day;
    purge_all();
    EXPECT_FALSE(
        record(make_event("old-2", "old", lifecycle::LifecycleStep::set, 2)).value().duplicate);
    EXPECT_EQ(find("old").status, lifecycle::Status::set);
    EXPECT_EQ(find("old").version, 1);
    EXPECT_EQ(history("old").events.size(), 1U);
    EXPECT_EQ(history("old").transitions.size(), 1U);
}

TEST_F(Retention, ACodeThatCameBackToLifeStays) {
    ended_code("code");
    auto shown = make_event("", "code", lifecycle::LifecycleStep::set, 50);
    shown.source = lifecycle::Source::poll;
    ASSERT_TRUE(record(shown));
    ASSERT_FALSE(find("code").ended);
    now_ = now_.load() + 1'000 * day;
    EXPECT_EQ(purge_all().codes, 0U);
    EXPECT_EQ(find("code").status, lifecycle::Status::set);
}

TEST_F(Retention, ThePinGoesSoonerAndFromEverywhere) {
    auto event = make_event("e1", "code", lifecycle::LifecycleStep::set, 1);
    event.facts.code = "123456";
    event.facts.pending_mutations = R"([{"to":{"code":"654321"}}])";
    const std::string body = R"({"event_id":"e1", "code":"123456","from":{"code": "777777"}})";
    ASSERT_TRUE(record(event, body));
    ASSERT_TRUE(record(make_event("e2", "living", lifecycle::LifecycleStep::set, 1),
                       R"({"code":"888888"})"));
    ASSERT_TRUE(record(make_event("e3", "code", lifecycle::LifecycleStep::removed, 2),
                       R"({"code":"123456"})"));
    now_ = now_.load() + 10 * day - 1ms;
    EXPECT_EQ(purge_all().pins, 0U);
    EXPECT_EQ(find("code").code.value, "123456");
    const auto before = find("code").version;

    now_ = now_.load() + 1ms;
    EXPECT_EQ(purge_all().pins, 1U);
    EXPECT_EQ(find("code").code.value, std::nullopt);
    EXPECT_GT(find("code").version, before) << "who asks by ETag has to see it";
    const auto left = history("code");
    ASSERT_EQ(left.events.size(), 2U);
    EXPECT_EQ(left.events[0].body, R"({"event_id":"e1", "code":null,"from":{"code": null}})");
    EXPECT_EQ(history("living").events.front().body, R"({"code":"888888"})");
    const auto dump = sql(path(),
                          "SELECT group_concat(quote(code) || quote(pending_mutations)) "
                          "FROM access_codes WHERE access_code_id = 'code'");
    EXPECT_THAT(dump, Not(HasSubstr("654321")));
    EXPECT_TRUE(record(event, body).value().duplicate) << "it is still known";
    EXPECT_EQ(purge_all().pins, 0U) << "and nothing came back with it";
}

TEST_F(Retention, APinThatComesAfterTheOthersWentGoesAsWell) {
    ended_code("code");
    now_ = now_.load() + 10 * day;
    EXPECT_EQ(purge_all().pins, 1U);
    auto late = make_event("late", "code", lifecycle::LifecycleStep::set, 2);
    late.facts.code = "123456";
    ASSERT_TRUE(record(late, R"({"code":"123456"})"));
    EXPECT_EQ(purge_all().pins, 1U);
    EXPECT_EQ(find("code").code.value, std::nullopt);
    for (const auto& event : history("code").events)
        EXPECT_THAT(event.body, Not(HasSubstr("123456")));
}

TEST_F(Retention, WhatBelongsToNoCodeGoesByItsOwnAge) {
    ASSERT_TRUE(record(disconnected("d1", "account1", 1)));
    ASSERT_TRUE(record(make_event("e1", "code", lifecycle::LifecycleStep::set, 1)));
    ASSERT_TRUE(quarantine({"no event", "m1", "body"}));
    now_ = now_.load() + 60 * day;
    ASSERT_TRUE(quarantine({"no event", "m2", "body"}));
    ASSERT_TRUE(record(disconnected("d2", "account2", 2)));
    now_ = now_.load() + 40 * day;
    const auto purged = purge_all();
    EXPECT_EQ(purged.quarantined, 1U);
    EXPECT_EQ(purged.events, 1U);
    EXPECT_EQ(sql(path(), "SELECT message_id FROM quarantine"), "m2");
    EXPECT_EQ(sql(path(), "SELECT connected_account_id FROM disconnects"), "account2");
    EXPECT_EQ(purged.next, now_.load() + 60 * day);
    EXPECT_EQ(count("access_codes"), "1");
}

TEST_F(Retention, GoesInSmallStepsThroughALongHistoryWhichStaysWhole) {
    constexpr int events = 500;
    for (int i = 0; i < events; ++i)
        ASSERT_TRUE(record(
            make_event("e" + std::to_string(i), "code",
                       i % 2 ? lifecycle::LifecycleStep::set : lifecycle::LifecycleStep::setting,
                       i),
            R"({"code":"123456"})"));
    ASSERT_TRUE(record(make_event("end", "code", lifecycle::LifecycleStep::removed, events)));
    now_ = now_.load() + 100 * day;
    auto known = static_cast<std::size_t>(events) + 1;
    store::Reader reader(path());
    for (int step = 0; reader.find("code"); ++step) {
        ASSERT_LT(step, 100);
        const auto purged = purge(retention_).value();
        EXPECT_LE(purged.events + purged.changes, 64U);
        const auto left = reader.history("code");
        if (!left) break;
        EXPECT_EQ(left->events.size(), known - purged.events);
        known = left->events.size();
        if (known > 0) {
            EXPECT_EQ(left->events.front().event_id, "e0") << "the newest go first";
        }
    }
    EXPECT_EQ(count("events"), "0");
    EXPECT_EQ(count("changes"), "0");
}

TEST_F(Retention, TheFileDoesNotGrowByWhatIsDeletedAgain) {
    const auto pages = [this] { return std::stoll(sql(path(), "PRAGMA page_count")); };
    long long after_first_year = 0;
    for (int year = 0; year < 4; ++year) {
        for (int i = 0; i < 150; ++i) ended_code(std::to_string(year) + "-" + std::to_string(i));
        now_ = now_.load() + 100 * day;
        purge_all();
        EXPECT_EQ(count("access_codes"), "0");
        if (year == 0) after_first_year = pages();
    }
    EXPECT_GT(store::Reader(path()).kept().value().free_bytes, 0);
    EXPECT_LE(pages(), after_first_year + 4);
    EXPECT_EQ(sql(path(), "PRAGMA integrity_check"), "ok");
}

TEST_F(Retention, LetsDeliveriesGoFirst) {
    close();
    std::latch busy{1};
    std::latch goes_on{1};
    std::atomic<bool> first{true};
    auto held = options();
    held.clock = [&] {
        if (first.exchange(false)) {
            busy.count_down();
            goes_on.wait();
        }
        return now_.load();
    };
    open(held);
    auto& home = this->home();
    std::vector<std::string> order;
    const auto note = [&order](const std::string& what) {
        return [&order, what](const auto&) { order.push_back(what); };
    };
    store_->record(make_event("e1", "code", lifecycle::LifecycleStep::set, 1), "{}", home,
                   note("first"));
    busy.wait();
    store_->purge(retention_, home, note("purge"));
    store_->record(make_event("e2", "code", lifecycle::LifecycleStep::setting, 2), "{}", home,
                   note("second"));
    goes_on.count_down();
    home.run();
    EXPECT_EQ(order, (std::vector<std::string>{"first", "second", "purge"}));
    close();
}

}  // namespace
}  // namespace oracode::test
