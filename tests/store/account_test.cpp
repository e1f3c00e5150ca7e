// Events that reach the codes below an account or a device.
#include <algorithm>
#include <vector>

#include "tests/store/fixture.hpp"

namespace oracode::test {
namespace {

class AccountAndDevice : public StoreTest {
protected:
    void SetUp() override { open(); }
};

TEST_F(AccountAndDevice, ALostAccountMakesItsCodesUnknown) {
    ASSERT_TRUE(record(make_event("e1", "mine", lifecycle::LifecycleStep::set, 1)));
    auto other = make_event("e2", "other", lifecycle::LifecycleStep::set, 1);
    other.connected_account_id = "account2";
    ASSERT_TRUE(record(other));

    const auto recorded = record(disconnected("lost", "account1", 10)).value();

    EXPECT_EQ(recorded.change_seq, 3);
    const auto code = find("mine");
    EXPECT_EQ(code.status, lifecycle::Status::unknown);
    EXPECT_EQ(code.status_since, at(10));
    EXPECT_TRUE(code.refetch);
    EXPECT_EQ(code.next_poll_at, now_.load());
    EXPECT_EQ(find("other").status, lifecycle::Status::set);
    const auto past = history("mine");
    ASSERT_EQ(past.transitions.size(), 2U);
    EXPECT_EQ(past.transitions[1].event_id, "lost");
    EXPECT_EQ(past.transitions[1].event_type, "connected_account.disconnected");
    ASSERT_EQ(past.events.size(), 2U);
    EXPECT_EQ(past.events[1].event_id, "lost");
}

TEST_F(AccountAndDevice, ALostAccountCountsForCodesThatAreReportedLater) {
    ASSERT_TRUE(record(disconnected("lost", "account1", 10)));
    ASSERT_TRUE(record(make_event("e1", "code", lifecycle::LifecycleStep::set, 1)));
    EXPECT_EQ(find("code").status, lifecycle::Status::unknown);
    ASSERT_TRUE(record(make_event("e2", "code", lifecycle::LifecycleStep::set, 20)));
    EXPECT_EQ(find("code").status, lifecycle::Status::set);
}

TEST_F(AccountAndDevice, ALostAccountCountsForCodesThatComeUnderItLater) {
    ASSERT_TRUE(record(disconnected("lost", "account1", 10)));
    auto event = make_event("e1", "code", lifecycle::LifecycleStep::set, 1);
    event.connected_account_id.clear();
    ASSERT_TRUE(record(event));
    EXPECT_EQ(find("code").status, lifecycle::Status::set);
    ASSERT_TRUE(record(make_event("e2", "code", lifecycle::LifecycleStep::created, 2)));
    EXPECT_EQ(find("code").status, lifecycle::Status::unknown);
}

// What is of no code is known again by its id and its instant together: Seam never sends one under
// two, and to merge it twice changes nothing.
TEST_F(AccountAndDevice, AnEventUnderTwoInstantsIsKeptTwiceAndChangesNothingTheSecondTime) {
    ASSERT_TRUE(record(make_event("e1", "code", lifecycle::LifecycleStep::set, 1)));
    auto event = disconnected("lost", "account1", 10);
    EXPECT_FALSE(record(event).value().duplicate);
    EXPECT_TRUE(record(event).value().duplicate);
    const auto before = find("code");
    event.created_at = at(11);
    const auto again = record(event).value();
    EXPECT_FALSE(again.duplicate);
    EXPECT_EQ(again.change_seq, 0);
    EXPECT_EQ(sql(path(), "SELECT count(*) FROM events WHERE event_id = 'lost'"), "2");
    EXPECT_EQ(find("code").status, before.status);
    EXPECT_EQ(find("code").status_since, before.status_since);
    EXPECT_EQ(history("code").transitions.size(), 2U);
}

TEST_F(AccountAndDevice, EndedCodesAreLeftAlone) {
    ASSERT_TRUE(record(make_event("e1", "code", lifecycle::LifecycleStep::removed, 1)));
    const auto before = find("code");
    ASSERT_TRUE(record(disconnected("lost", "account1", 10)));
    EXPECT_EQ(find("code"), before);
}

TEST_F(AccountAndDevice, CodesThatEndedBeforeTheirWindowIsOverAreAskedAfter) {
    const auto removed = [&](const char* id, std::int64_t ends_in) {
        auto event = make_event(std::string("e ") + id, id, lifecycle::LifecycleStep::removed, 1);
        event.facts.ends_at = now_.load() + std::chrono::seconds{ends_in};
        ASSERT_TRUE(record(event));
    };
    removed("open", 3600);
    removed("over", -1);
    auto converted = disconnected("back", "account1", 10);
    converted.event_type = "device.unmanaged.converted_to_managed";
    converted.reach = lifecycle::Reach::device;
    converted.device_id = "device1";
    converted.step.reset();
    ASSERT_TRUE(record(converted));
    EXPECT_EQ(find("open").next_poll_at, now_.load());
    EXPECT_EQ(find("over").next_poll_at, std::nullopt);

    removed("open too", 3600);
    ASSERT_TRUE(record(disconnected("lost", "account1", 20)));
    EXPECT_EQ(find("open too").next_poll_at, now_.load());
    EXPECT_TRUE(find("open too").ended);
    EXPECT_EQ(find("over").next_poll_at, std::nullopt);
}

TEST_F(AccountAndDevice, ACodeThatSeamBringsBackLearnsWhatItMissed) {
    ASSERT_TRUE(record(make_event("e1", "code", lifecycle::LifecycleStep::removed, 1)));
    ASSERT_TRUE(record(disconnected("lost", "account1", 10)));
    auto shown = make_event("", "code", lifecycle::LifecycleStep::set, 5);
    shown.source = lifecycle::Source::poll;
    ASSERT_TRUE(record(shown));
    EXPECT_EQ(find("code").status, lifecycle::Status::unknown);
}

TEST_F(AccountAndDevice, ALostDeviceMakesItsLiveCodesDue) {
    ASSERT_TRUE(record(make_event("e1", "live", lifecycle::LifecycleStep::set, 1)));
    ASSERT_TRUE(record(make_event("e2", "ended", lifecycle::LifecycleStep::removed, 1)));
    auto elsewhere = make_event("e3", "elsewhere", lifecycle::LifecycleStep::set, 1);
    elsewhere.device_id = "device2";
    ASSERT_TRUE(record(elsewhere));

    lifecycle::Event lost;
    lost.event_id = "lost";
    lost.event_type = "device.disconnected";
    lost.device_id = "device1";
    lost.connected_account_id = "account1";
    lost.occurred_at = lost.created_at = at(10);
    lost.reach = lifecycle::Reach::device;
    lost.refetch = true;
    ASSERT_FALSE(record(lost).value().duplicate);

    EXPECT_TRUE(find("live").refetch);
    EXPECT_EQ(find("live").next_poll_at, now_.load());
    EXPECT_EQ(find("live").status, lifecycle::Status::set);
    EXPECT_FALSE(find("ended").refetch);
    EXPECT_FALSE(find("elsewhere").refetch);
    EXPECT_TRUE(record(lost).value().duplicate);
}

TEST_F(AccountAndDevice, TheOrderOfArrivalLeavesNoTrace) {
    // Every order of a life with two losses of its account; each under an account of its own.
    std::vector<int> order{0, 1, 2, 3, 4};
    std::optional<lifecycle::AccessCode> first;
    int round = 0;
    do {
        const auto suffix = std::to_string(round++);
        const auto account = "account " + suffix;
        for (const int step : order) {
            const auto id = std::to_string(step) + "." + suffix;
            auto event =
                step == 0   ? make_event(id, "code " + suffix, lifecycle::LifecycleStep::created, 1)
                : step == 1 ? disconnected(id, account, 2)
                : step == 2 ? make_event(id, "code " + suffix, lifecycle::LifecycleStep::set, 3)
                : step == 3
                    ? make_event(id, "code " + suffix, lifecycle::LifecycleStep::removing, 3)
                    : disconnected(id, account, 4);
            event.connected_account_id = account;
            ASSERT_FALSE(record(event).value().duplicate);
        }
        auto code = find("code " + suffix);
        code.access_code_id.clear();
        code.connected_account_id.clear();
        code.version = 0;
        code.next_poll_at.reset();
        if (!first) first = code;
        ASSERT_EQ(code, *first) << "order " << order[0] << order[1] << order[2] << order[3]
                                << order[4];
    } while (std::next_permutation(order.begin(), order.end()));
    EXPECT_EQ(round, 120);
    EXPECT_EQ(first->status, lifecycle::Status::unknown);
    EXPECT_EQ(first->status_since, at(4));
}

}  // namespace
}  // namespace oracode::test
