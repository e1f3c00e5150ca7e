#include "store/store.hpp"

#include <algorithm>
#include <future>
#include <latch>
#include <thread>

#include <gmock/gmock.h>

#include "tests/store/fixture.hpp"

namespace oracode::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* uuid = "8b0e2a4f-0f0c-4f6e-9a53-0d6f0b7c1a11";

class Storing : public StoreTest {
protected:
    void SetUp() override { open(); }
};

TEST_F(Storing, ARecordedEventIsFoundWithAllItSaid) {
    auto event = make_event("e1", uuid, lifecycle::LifecycleStep::set, 10);
    event.facts.name = "Room 12";
    event.facts.code = "123456";
    event.facts.type = "time_bound";
    event.facts.is_offline_access_code = true;
    event.facts.starts_at = at(-3600);
    event.facts.ends_at = std::optional<Timestamp>{};
    event.facts.errors = R"([{"error_code":"x"}])";
    event.facts.dormakaba_oracode_metadata = R"({"stay_id":7})";
    auto expected = lifecycle::AccessCode{};
    const auto transition = lifecycle::apply(expected, event, now_.load());
    lifecycle::reschedule(expected, now_.load(), lifecycle::PollPolicy{});

    const auto recorded = record(event).value();

    EXPECT_FALSE(recorded.duplicate);
    EXPECT_EQ(recorded.transition, transition);
    EXPECT_EQ(recorded.change_seq, 1);
    EXPECT_EQ(store_->last_change(), 1);
    EXPECT_EQ(find(uuid), expected);
}

TEST_F(Storing, FurtherEventsChangeWhatIsStoredAsApplyDoes) {
    lifecycle::AccessCode expected;
    std::int64_t second = 0;
    for (const auto step : {lifecycle::LifecycleStep::created, lifecycle::LifecycleStep::setting,
                            lifecycle::LifecycleStep::set, lifecycle::LifecycleStep::removing,
                            lifecycle::LifecycleStep::set, lifecycle::LifecycleStep::unknown,
                            lifecycle::LifecycleStep::removed, lifecycle::LifecycleStep::set}) {
        auto event = make_event("e" + std::to_string(second), "code", step, second);
        if (second % 2 == 0) event.facts.name = "name " + std::to_string(second);
        if (second % 3 == 0) event.facts.ends_at = at(second * 1000);
        event.source = second == 7 ? lifecycle::Source::poll : lifecycle::Source::webhook;
        now_ = at(1'000'000 + second++);
        (void)apply(expected, event, now_.load());
        lifecycle::reschedule(expected, now_.load(), lifecycle::PollPolicy{});
        ASSERT_FALSE(record(event).value().duplicate);
        ASSERT_EQ(find("code"), expected);
    }
}

TEST_F(Storing, FactsFromTheEdgesOfTimeComeBackAsTheyWere) {
    for (const auto* instant :
         {"0000-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"}) {
        auto event = make_event(instant, instant, lifecycle::LifecycleStep::set, 0);
        event.occurred_at = parse_rfc3339(instant).value();
        event.facts.ends_at = parse_rfc3339(instant);
        event.source = lifecycle::Source::poll;
        lifecycle::AccessCode expected;
        (void)apply(expected, event, now_.load());
        lifecycle::reschedule(expected, now_.load(), lifecycle::PollPolicy{});
        ASSERT_TRUE(record(event));
        EXPECT_EQ(find(instant), expected) << instant;
    }
}

TEST_F(Storing, SecondDeliveryOfAnEventChangesNothing) {
    const auto event = make_event("e1", "code", lifecycle::LifecycleStep::set, 10);
    ASSERT_FALSE(record(event).value().duplicate);
    const auto before = find("code");

    now_ = at(2'000'000);
    const auto again = record(event).value();

    EXPECT_TRUE(again.duplicate);
    EXPECT_EQ(again.transition, std::nullopt);
    EXPECT_EQ(again.change_seq, 0);
    EXPECT_EQ(find("code"), before);
    EXPECT_EQ(history("code").events.size(), 1U);
}

TEST_F(Storing, AnEventIdIsKnownAgainUnderAnotherCreatedAt) {
    auto event = make_event("e1", "code", lifecycle::LifecycleStep::set, 10);
    ASSERT_TRUE(record(make_event("e0", "code", lifecycle::LifecycleStep::created, 0)));
    ASSERT_TRUE(record(event));
    ASSERT_TRUE(record(make_event("e2", "code", lifecycle::LifecycleStep::setting, 5)));
    event.created_at = at(11);
    EXPECT_TRUE(record(event).value().duplicate);
    EXPECT_EQ(history("code").events.size(), 3U);
}

TEST_F(Storing, AnEventOfNoCodeIsKeptAlone) {
    auto event = make_event("e1", "", lifecycle::LifecycleStep::set, 10);
    EXPECT_FALSE(record(event, "body").value().duplicate);
    EXPECT_TRUE(record(event, "body").value().duplicate);
    EXPECT_EQ(sql(path(), "SELECT body FROM events WHERE code_no IS NULL"), "body");
    EXPECT_EQ(sql(path(), "SELECT count(*) FROM access_codes"), "0");
}

TEST_F(Storing, OurOwnObservationsAreAppliedWithoutAnEvent) {
    auto observation = make_event("", "code", lifecycle::LifecycleStep::setting, 10);
    observation.event_type.clear();
    observation.source = lifecycle::Source::poll;
    EXPECT_EQ(record(observation).value().transition->to, lifecycle::Status::setting);
    observation.occurred_at = at(20);
    EXPECT_FALSE(record(observation).value().transition);
    EXPECT_EQ(find("code").version, 2);
    EXPECT_EQ(history("code").events.size(), 0U);
    EXPECT_EQ(history("code").transitions.size(), 1U);
}

TEST_F(Storing, IdsAreToldApartLetterByLetter) {
    const std::string upper = "8B0E2A4F-0F0C-4F6E-9A53-0D6F0B7C1A11";
    // The 16 bytes as which the id above is kept, here as the text of an id.
    const std::string sixteen = "ABCDEFGHIJKLMNOP";
    const std::string as_uuid = "41424344-4546-4748-494a-4b4c4d4e4f50";
    const std::vector<std::string> ids{uuid,    upper,          sixteen,
                                       as_uuid, "access_code1", "8b0e2a4f0f0c4f6e9a530d6f0b7c1a11"};
    for (const auto& id : ids) {
        auto event = make_event(id, id, lifecycle::LifecycleStep::set, 1);
        event.device_id = event.connected_account_id = id;
        ASSERT_FALSE(record(event).value().duplicate) << id;
    }
    for (const auto& id : ids) {
        const auto code = find(id);
        EXPECT_EQ(code.access_code_id, id);
        EXPECT_EQ(code.device_id, id);
        EXPECT_EQ(code.connected_account_id, id);
        ASSERT_EQ(history(id).events.size(), 1U);
        EXPECT_EQ(history(id).events[0].event_id, id);
    }
    EXPECT_EQ(sql(path(), "SELECT count(DISTINCT typeof(event_id)) FROM events"), "2");
}

TEST_F(Storing, WhatWasRecordedOutlivesTheProcess) {
    ASSERT_TRUE(record(make_event("e1", "code", lifecycle::LifecycleStep::created, 1)));
    ASSERT_TRUE(record(make_event("e2", "code", lifecycle::LifecycleStep::set, 2)));
    const auto before = find("code");
    reopen();
    EXPECT_EQ(find("code"), before);
    EXPECT_EQ(store_->last_change(), 2);
    EXPECT_TRUE(
        record(make_event("e2", "code", lifecycle::LifecycleStep::set, 2)).value().duplicate);
    EXPECT_EQ(
        record(make_event("e3", "code", lifecycle::LifecycleStep::removing, 3)).value().change_seq,
        3);
    EXPECT_EQ(history("code").transitions.size(), 3U);
}

TEST_F(Storing, AReaderSeesTheCommitFromTheMomentOfTheAnswer) {
    store::Reader reader(path());
    auto& home = this->home();
    for (int i = 0; i < 50; ++i) {
        const auto id = "code" + std::to_string(i);
        store_->record(make_event(id, id, lifecycle::LifecycleStep::set, i), "{}", home,
                       [&reader, id](auto result) {
                           ASSERT_TRUE(result);
                           EXPECT_EQ(reader.find(id).value().status, lifecycle::Status::set);
                       });
    }
    home.run();
}

TEST_F(Storing, ProducersOnSeveralContextsAreEachAnsweredAtHome) {
    constexpr int producers = 3;
    constexpr int events = 200;
    std::vector<std::thread> threads;
    std::atomic<int> answered{0};
    std::atomic<int> duplicates{0};
    for (int p = 0; p < producers; ++p) {
        threads.emplace_back([&, p, &home = this->home()] {
            const auto self = std::this_thread::get_id();
            for (int i = 0; i < events; ++i) {
                // Every event is delivered by two of them.
                const auto id = std::to_string(i + (p % 2) * events);
                store_->record(make_event(id, "code" + std::to_string(i % 17),
                                          lifecycle::LifecycleStep::set, i),
                               "{}", home, [&, self](auto result) {
                                   ASSERT_TRUE(result);
                                   EXPECT_EQ(std::this_thread::get_id(), self);
                                   if (result->duplicate) ++duplicates;
                                   ++answered;
                               });
            }
            home.run();
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(answered, producers * events);
    EXPECT_EQ(duplicates, events);
    EXPECT_EQ(sql(path(), "SELECT count(*) FROM events"), std::to_string(2 * events));
    EXPECT_EQ(store_->queued(), 0U);
}

TEST_F(Storing, StopFinishesAllThatIsQueuedAndRefusesTheRest) {
    auto& home = this->home();
    int recorded = 0;
    for (int i = 0; i < 1000; ++i) {
        const auto id = std::to_string(i);
        store_->record(make_event(id, id, lifecycle::LifecycleStep::set, i), "{}", home,
                       [&](auto result) { recorded += result.has_value() ? 1 : 0; });
    }
    store_->stop();
    EXPECT_EQ(record(make_event("late", "late", lifecycle::LifecycleStep::set, 1)).error().code,
              Errc::store_unavailable);
    home.run();
    EXPECT_EQ(recorded, 1000);
    EXPECT_EQ(sql(path(), "SELECT count(*) FROM events"), "1000");
    EXPECT_EQ(store_->sizes().log, 0U);  // all of it is in the database file
}

TEST_F(Storing, ADeliveryIsKeptInQuarantineOnce) {
    const auto first = quarantine({"not JSON", "msg_1", "{"}).value();
    EXPECT_EQ(quarantine({"not JSON", "msg_1", "{"}).value(), first);
    EXPECT_NE(quarantine({"not JSON", "msg_1", "["}).value(), first);
    EXPECT_NE(quarantine({"not JSON", "msg_2", "{"}).value(), first);
    EXPECT_NE(quarantine({"not JSON", "msg_", "1{"}).value(), first);
    EXPECT_EQ(sql(path(), "SELECT count(*) FROM quarantine"), "4");
    EXPECT_EQ(sql(path(), "SELECT reason || message_id || body FROM quarantine WHERE id = " +
                              std::to_string(first)),
              "not JSONmsg_1{");
}

TEST_F(Storing, AProbeReachesTheDatabase) {
    now_ = at(5);
    EXPECT_EQ(probe().value(), at(5));
    EXPECT_EQ(sql(path(), "SELECT at FROM probes"),
              std::to_string(at(5).time_since_epoch().count()));
}

// The clock is asked in the transaction, so it can hold the writer there.
TEST_F(StoreTest, AFullQueueRefusesAtOnceAndKeepsNothingOfIt) {
    std::promise<void> release;
    auto released = release.get_future().share();
    std::latch entered{1};
    std::once_flag once;
    auto held = options();
    held.max_queue = 3;
    held.clock = [&, released] {
        std::call_once(once, [&] { entered.count_down(); });
        released.wait();
        return at(0);
    };
    open(held);
    auto& home = this->home();
    std::vector<std::string> answers(5);
    for (std::size_t i = 0; i < answers.size(); ++i) {
        const auto id = std::to_string(i);
        store_->record(make_event(id, id, lifecycle::LifecycleStep::set, 1), "{}", home,
                       [&answers, i](auto result) {
                           answers[i] =
                               result ? "recorded" : std::string(name(result.error().code));
                       });
    }
    entered.wait();
    EXPECT_EQ(store_->queued(), 3U);
    home.poll();
    EXPECT_THAT(answers, ::testing::ElementsAre("", "", "", "overloaded", "overloaded"));
    release.set_value();
    home.run();
    EXPECT_EQ(std::count(answers.begin(), answers.end(), "recorded"), 3);
    EXPECT_EQ(sql(path(), "SELECT count(*) FROM events"), "3");
    EXPECT_TRUE(record(make_event("later", "later", lifecycle::LifecycleStep::set, 1)));
}

TEST_F(StoreTest, CommitsAreReported) {
    std::mutex mutex;
    std::size_t size = 0;
    std::int64_t last_change = 0;
    store::StoreCallbacks watched;
    watched.committed = [&](const store::Commit& commit) {
        const std::scoped_lock lock(mutex);
        EXPECT_EQ(commit.failure, "");
        EXPECT_GT(commit.took.count(), 0);
        size += commit.size;
        last_change = commit.last_change;
    };
    open(options(), std::move(watched));
    ASSERT_TRUE(record(make_event("e1", "code", lifecycle::LifecycleStep::created, 1)));
    ASSERT_TRUE(record(make_event("e2", "code", lifecycle::LifecycleStep::set, 2)));
    close();
    EXPECT_EQ(size, 2U);
    EXPECT_EQ(last_change, 2);
}

// Six hours ahead for some seconds: codes end as expired, others are polled. Then it is right.
TEST_F(Storing, WhatAClockAheadDidIsUndoneOnceItIsRight) {
    const auto right = now_.load();
    auto booked = make_event("e1", "booked", lifecycle::LifecycleStep::set, 1);
    booked.facts.type = "time_bound";
    booked.facts.starts_at = right - 1h;
    booked.facts.ends_at = right + 3h;
    ASSERT_TRUE(record(booked));
    auto checked = make_event("e2", "checked", lifecycle::LifecycleStep::set, 1);
    ASSERT_TRUE(record(checked));

    now_ = right + 6h;
    lifecycle::Event over;
    over.source = lifecycle::Source::clock;
    over.access_code_id = "booked";
    over.occurred_at = now_.load();
    ASSERT_TRUE(record(over).value().transition);
    auto answer = make_event("", "checked", lifecycle::LifecycleStep::set, 1);
    answer.source = lifecycle::Source::poll;
    answer.occurred_at = now_.load();
    answer.facts.type = "ongoing";
    ASSERT_TRUE(record(answer));
    ASSERT_TRUE(find("booked").ended);

    for (const bool restarted : {false, true}) {
        SCOPED_TRACE(restarted);
        if (restarted) reopen();
        now_ = right + 10s;
        ASSERT_TRUE(probe());
        EXPECT_FALSE(find("booked").ended);
        EXPECT_EQ(find("booked").status, lifecycle::Status::set);
        for (const auto* id : {"booked", "checked"}) {
            const auto code = find(id);
            EXPECT_TRUE(code.refetch) << id;
            EXPECT_LE(code.next_poll_at, now_.load()) << id;
            EXPECT_LE(code.last_polled_at, now_.load()) << id;
            EXPECT_LE(code.clock_at, now_.load()) << id;
        }
        EXPECT_EQ(history("booked").transitions.back().to, lifecycle::Status::set);
        if (restarted) break;
        now_ = right + 6h;
        over.occurred_at = answer.occurred_at = now_.load();
        ASSERT_TRUE(record(over));
        ASSERT_TRUE(record(answer));
        ASSERT_TRUE(find("booked").ended);
    }
    now_ = right + 20s;
    ASSERT_TRUE(record(make_event("e3", "checked", lifecycle::LifecycleStep::removed, 1'000'015)));
    EXPECT_TRUE(find("checked").ended) << "later news is not outranked by what was of the future";
}

TEST_F(Storing, AnAnswerTellsWhatItPutRight) {
    auto shown = make_event("", "code", lifecycle::LifecycleStep::set, 1);
    shown.source = lifecycle::Source::poll;
    shown.facts.type = "time_bound";
    shown.facts.starts_at = now_.load();
    shown.facts.ends_at = now_.load() + 24h;
    const auto corrected = [&](std::initializer_list<lifecycle::Correction> expected) {
        now_ = now_.load() + 1min;
        shown.occurred_at = now_.load();
        lifecycle::Corrections all{};
        for (const auto one : expected) all.at(static_cast<std::size_t>(one)) = true;
        EXPECT_EQ(record(shown).value().corrections, all);
    };
    corrected({});
    corrected({});
    shown.facts.ends_at = now_.load() + 48h;
    corrected({lifecycle::Correction::window});
    shown.step = lifecycle::LifecycleStep::setting;
    corrected({});
    shown.step = lifecycle::LifecycleStep::set;
    shown.facts.errors = R"([{"error_code":"x"}])";
    corrected({lifecycle::Correction::status, lifecycle::Correction::errors});
    shown.presence = lifecycle::Presence::unmanaged;
    corrected({lifecycle::Correction::managed});
    const auto before = std::exchange(shown, [&] {
        auto look = shown;
        look.step.reset();
        look.facts = {};
        look.presence = lifecycle::Presence::missing;
        return look;
    }());
    corrected({lifecycle::Correction::missing});
    shown = before;
    corrected({lifecycle::Correction::found});
    now_ = now_.load() + 1min;
    ASSERT_TRUE(record(make_event("e1", "code", lifecycle::LifecycleStep::removed, 2'000'000)));
    corrected({lifecycle::Correction::revived});
}

}  // namespace
}  // namespace oracode::test
