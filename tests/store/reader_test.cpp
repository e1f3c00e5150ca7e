#include "store/reader.hpp"

#include <gmock/gmock.h>

#include "tests/store/fixture.hpp"

namespace oracode::test {
namespace {

using ::testing::ElementsAre;

class Reading : public StoreTest {
protected:
    void SetUp() override { open(); }

    std::vector<std::string> ids(const store::Filter& filter) {
        std::vector<std::string> ids;
        for (const auto& code : store::Reader(path()).list(filter).value().codes)
            ids.push_back(code.access_code_id);
        return ids;
    }

    // One code in each status and one that has ended, on two devices.
    void record_one_of_each() {
        const std::vector<std::pair<const char*, lifecycle::LifecycleStep>> codes{
            {"unset", lifecycle::LifecycleStep::created},
            {"set", lifecycle::LifecycleStep::set},
            {"setting", lifecycle::LifecycleStep::setting},
            {"removing", lifecycle::LifecycleStep::removing},
            {"unknown", lifecycle::LifecycleStep::unknown},
            {"ended", lifecycle::LifecycleStep::removed}};
        for (const auto& [id, step] : codes) {
            auto event = make_event(id, id, step, 1);
            event.device_id = std::string_view(id).size() > 5 ? "long" : "short";
            ASSERT_TRUE(record(event));
        }
    }
};

TEST_F(Reading, WhatIsNotStoredIsNotFound) {
    store::Reader reader(path());
    EXPECT_EQ(reader.find("code").error().code, Errc::not_found);
    EXPECT_EQ(reader.find("").error().code, Errc::not_found);
    EXPECT_EQ(reader.history("code").error().code, Errc::not_found);
    EXPECT_TRUE(reader.list({}).value().codes.empty());
    EXPECT_EQ(reader.list({}).value().next, std::nullopt);
}

// A disk that fails would end the process by a signal, and the file's size would count as memory.
TEST_F(Reading, MapsNothingOfTheDatabaseIntoMemory) {
    record_one_of_each();
    store::Reader reader(path());
    ASSERT_TRUE(reader.find("set"));
    const auto mapped = test::contents("/proc/self/maps");
    EXPECT_NE(mapped.find(path() + "-shm\n"), std::string::npos) << "the index of the log is";
    EXPECT_EQ(mapped.find(path() + "\n"), std::string::npos);
    EXPECT_EQ(mapped.find(path() + "-wal\n"), std::string::npos);
}

TEST_F(Reading, ListsByStatusAndDevice) {
    record_one_of_each();
    store::Filter filter;
    EXPECT_THAT(ids(filter),
                ElementsAre("unset", "set", "setting", "removing", "unknown", "ended"));
    filter.statuses = {lifecycle::Status::unset};
    EXPECT_THAT(ids(filter), ElementsAre("unset", "ended"));
    filter.statuses = {lifecycle::Status::set};
    EXPECT_THAT(ids(filter), ElementsAre("set"));
    filter.statuses = {lifecycle::Status::unknown, lifecycle::Status::setting};
    EXPECT_THAT(ids(filter), ElementsAre("setting", "unknown"));
    filter.statuses = {lifecycle::Status::removing, lifecycle::Status::set};
    EXPECT_THAT(ids(filter), ElementsAre("set", "removing"));
    filter.statuses = {lifecycle::Status::removing, lifecycle::Status::unset};
    EXPECT_THAT(ids(filter), ElementsAre("unset", "removing", "ended"));
    filter.device_id = "long";
    EXPECT_THAT(ids(filter), ElementsAre("removing"));
    filter.statuses.clear();
    EXPECT_THAT(ids(filter), ElementsAre("setting", "removing", "unknown"));
    filter.device_id = "none";
    EXPECT_THAT(ids(filter), ElementsAre());
}

// What the counts and the list say has to be what the codes themselves say.
TEST_F(Reading, CountsAndListsWhatIsOverdueAsEachCodeShowsIt) {
    const auto check = [&](const char* when) {
        SCOPED_TRACE(when);
        lifecycle::CodeCounts expected;
        std::vector<std::string> late;
        std::vector<std::string> in_time;
        store::Reader reader(path());
        for (const auto& code : reader.list({}).value().codes) {
            (code.ended ? expected.ended
                        : expected.live.at(static_cast<std::size_t>(code.status)))++;
            (lifecycle::overdue(code, now_.load(), {}) ? late : in_time)
                .push_back(code.access_code_id);
        }
        expected.overdue = static_cast<std::int64_t>(late.size());
        EXPECT_EQ(reader.counts(now_.load()).value(), expected);
        store::Filter filter;
        filter.overdue_at = now_.load();
        filter.overdue = true;
        EXPECT_EQ(ids(filter), late);
        filter.overdue = false;
        EXPECT_EQ(ids(filter), in_time);
        return late.size();
    };
    EXPECT_EQ(check("empty"), 0U);
    now_ = at(0);
    record_one_of_each();
    check("before anything is awaited");
    now_ = at(3600);
    EXPECT_EQ(check("when what is not set is late"), 4U);
    now_ = at(3602);
    ASSERT_TRUE(record(make_event("a", "setting", lifecycle::LifecycleStep::set, 3601)));
    ASSERT_TRUE(record(make_event("b", "set", lifecycle::LifecycleStep::unset, 3601)));
    ASSERT_TRUE(record(make_event("c", "unset", lifecycle::LifecycleStep::removed, 3601)));
    ASSERT_TRUE(record(disconnected("d", "account1", 3602)));
    EXPECT_EQ(check("after news of all but one, which was unknown before"), 1U);
    now_ = at(7200);
    EXPECT_EQ(check("later"), 4U);
    reopen();
    EXPECT_EQ(check("after a restart"), 4U);

    store::Filter page;
    page.overdue = true;
    page.overdue_at = now_.load();
    page.limit = 3;
    const auto first = store::Reader(path()).list(page).value();
    ASSERT_TRUE(first.next);
    page.after = *first.next;
    EXPECT_EQ(ids(page).size(), 1U);
    page.after = 0;
    page.limit = 100;
    page.device_id = "long";
    EXPECT_THAT(ids(page), ElementsAre("setting", "removing", "unknown"));
}

TEST_F(Reading, ListsFollowACodeToAnotherDeviceAndStatus) {
    record_one_of_each();
    auto event = make_event("moved", "unset", lifecycle::LifecycleStep::set, 2);
    event.device_id = "zzz";
    ASSERT_TRUE(record(event));
    store::Filter filter;
    filter.device_id = "short";
    EXPECT_THAT(ids(filter), ElementsAre("set", "ended"));
    filter.device_id = "zzz";
    EXPECT_THAT(ids(filter), ElementsAre("unset"));
    store::Filter set;
    set.statuses = {lifecycle::Status::set};
    EXPECT_THAT(ids(set), ElementsAre("unset", "set"));
}

TEST_F(Reading, PagesHoldEveryCodeOnceWhileCodesChange) {
    for (int i = 0; i < 10; ++i)
        ASSERT_TRUE(record(
            make_event(std::to_string(i), std::to_string(i), lifecycle::LifecycleStep::set, i)));
    store::Reader reader(path());
    store::Filter filter;
    filter.limit = 4;
    std::string seen;
    for (int page = 0; page < 3; ++page) {
        const auto codes = reader.list(filter).value();
        for (const auto& code : codes.codes) seen += code.access_code_id;
        ASSERT_EQ(codes.next.has_value(), page < 2);
        filter.after = codes.next.value_or(0);
        ASSERT_TRUE(record(make_event("c" + std::to_string(page), "0",
                                      lifecycle::LifecycleStep::removing, 100 + page)));
    }
    EXPECT_EQ(seen, "0123456789");
    filter.limit = 10;
    filter.after = 0;
    EXPECT_EQ(reader.list(filter).value().next, std::nullopt);
}

TEST_F(Reading, HistoryIsCompleteAndInOrder) {
    // Arrived last first, among others' events.
    for (int i = 9; i >= 0; --i) {
        auto event = make_event(
            "e" + std::to_string(i), "code",
            i % 2 == 0 ? lifecycle::LifecycleStep::set : lifecycle::LifecycleStep::setting, i / 2);
        event.event_type = "type " + std::to_string(i);
        event.source = lifecycle::Source::backfill;
        now_ = at(1000 - i);
        ASSERT_TRUE(record(event, "body " + std::to_string(i)));
        ASSERT_TRUE(
            record(make_event("o" + std::to_string(i), "other", lifecycle::LifecycleStep::set, i)));
    }
    const auto past = history("code");
    ASSERT_EQ(past.events.size(), 10U);
    for (int i = 0; i < 10; ++i) {
        const auto number = std::to_string(i);
        const store::StoredEvent expected{"e" + number,    "type " + number,
                                          at(i / 2),       at(i / 2),
                                          at(1000 - i),    lifecycle::Source::backfill,
                                          "body " + number};
        EXPECT_EQ(past.events[static_cast<std::size_t>(i)], expected);
    }
    ASSERT_FALSE(past.transitions.empty());
    EXPECT_EQ(past.transitions[0].from, std::nullopt);
    EXPECT_EQ(past.transitions[0].event_id, "e9");
    EXPECT_EQ(past.transitions[0].event_type, "type 9");
    EXPECT_EQ(past.transitions[0].recorded_at, at(991));
    for (std::size_t i = 1; i < past.transitions.size(); ++i)
        EXPECT_EQ(past.transitions[i].from, past.transitions[i - 1].to);
}

TEST_F(Reading, ReadsDoNotHoldBackTheLog) {
    store::Reader reader(path());
    ASSERT_TRUE(record(make_event("e1", "code", lifecycle::LifecycleStep::set, 1)));
    ASSERT_TRUE(reader.find("code"));
    ASSERT_TRUE(reader.history("code"));
    store::Filter filter;
    filter.limit = 0;  // leaves a row unread
    ASSERT_TRUE(reader.list(filter));
    store_->stop();
    EXPECT_EQ(store_->sizes().log, 0U);
}

// Of 20 codes that wait, each made known in one event and due since.
TEST_F(Reading, TheMostUrgentOfTheDueCodesComeFirst) {
    for (int i = 0; i < 20; ++i) {
        auto event = make_event("e" + std::to_string(i), "code" + std::to_string(i),
                                lifecycle::LifecycleStep::set, i);
        event.refetch = true;
        event.facts.type = "time_bound";
        event.facts.starts_at = now_.load() + std::chrono::hours{(i * 7) % 20 + 1};
        event.facts.ends_at = now_.load() + std::chrono::hours{48};
        ASSERT_TRUE(record(event));
    }
    ASSERT_TRUE(record(make_event("e20", "unknown start", lifecycle::LifecycleStep::created, 0)));
    std::vector<std::string> first;
    for (const auto& code : store::Reader(path()).due(now_.load(), 4))
        first.push_back(code.access_code_id);
    EXPECT_THAT(first, ElementsAre("unknown start", "code0", "code3", "code6"));
}

TEST_F(Reading, TheCallersReferenceFindsItsCodes) {
    ASSERT_TRUE(record(make_event("e1", "mine", lifecycle::LifecycleStep::set, 1)));
    ASSERT_TRUE(record(make_event("e2", "other", lifecycle::LifecycleStep::set, 1)));
    lifecycle::Event reference;
    reference.source = lifecycle::Source::track;
    reference.access_code_id = "mine";
    reference.occurred_at = now_.load();
    reference.external_id = "booking 7";
    ASSERT_TRUE(record(reference));
    EXPECT_EQ(find("mine").external_id, "booking 7");
    store::Filter filter;
    filter.external_id = "booking 7";
    EXPECT_THAT(ids(filter), ElementsAre("mine"));
    reference.external_id = "";
    ASSERT_TRUE(record(reference));
    EXPECT_EQ(find("mine").external_id, std::nullopt);
    EXPECT_THAT(ids(filter), ElementsAre());
}

}  // namespace
}  // namespace oracode::test
