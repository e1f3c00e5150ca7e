// Alerts: opened and closed in the transaction that changes their cause, or by the clock.
#include <gmock/gmock.h>

#include "tests/store/alert_fixture.hpp"

namespace oracode::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class StoredAlerts : public AlertTest {};

TEST_F(StoredAlerts, OpenByTheClockAndCloseWithTheEventThatEndsTheirCause) {
    ASSERT_TRUE(record(stay("code", lifecycle::LifecycleStep::setting)));
    EXPECT_FALSE(look());
    EXPECT_THAT(texts(), IsEmpty());
    EXPECT_EQ(store::Reader(path()).next_start(), start);

    now_ = start - 30min - 1ms;
    look();
    EXPECT_THAT(texts(), IsEmpty());
    now_ = start - 30min;
    look();
    EXPECT_THAT(texts(), ElementsAre("not_in_order code open"));
    EXPECT_EQ(store::Reader(path()).next_start(), std::nullopt) << "it is looked at once";

    ASSERT_TRUE(record(make_event("e1", "code", lifecycle::LifecycleStep::set, 1'000'100)));
    EXPECT_THAT(texts(), ElementsAre("not_in_order code closed"));
    EXPECT_EQ(alerts().at(0).closed_at, start - 30min);
}

TEST_F(StoredAlerts, OpenInTheTransactionThatBringsTheCause) {
    ASSERT_TRUE(record(stay("code", lifecycle::LifecycleStep::set)));
    now_ = start + 10min;
    look();
    EXPECT_THAT(texts(), IsEmpty()) << "it is in order";
    auto failed = make_event("e1", "code", lifecycle::LifecycleStep::setting, 1'004'200);
    failed.facts.errors = std::optional<std::string>{R"([{"error_code":"failed_to_set"}])"};
    ASSERT_TRUE(record(failed));
    EXPECT_THAT(texts(), ElementsAre("failed code open", "not_in_order code open"));
    const auto opened = alerts({.kind = lifecycle::AlertKind::failed}).at(0);
    EXPECT_EQ(opened.opened_at, start + 10min);
    EXPECT_EQ(opened.device_id, "device1");
    EXPECT_THAT(opened.detail, ::testing::StartsWith("Seam reports failed_to_set (setting since "));

    failed.event_id = "e2";
    failed.occurred_at += 1s;
    ASSERT_TRUE(record(failed));
    EXPECT_EQ(alerts().size(), 2U) << "each opens once";
}

TEST_F(StoredAlerts, OfACodeThatComesWithinItsTimeOpenWithItsFirstStatement) {
    now_ = start;
    ASSERT_TRUE(record(stay("code", lifecycle::LifecycleStep::setting)));
    EXPECT_THAT(texts(), ElementsAre("not_in_order code open"));
    look();
    EXPECT_EQ(alerts().size(), 1U);
}

TEST_F(StoredAlerts, CloseWithTheEndOfTheStay) {
    ASSERT_TRUE(record(stay("code", lifecycle::LifecycleStep::setting)));
    now_ = start;
    look();
    ASSERT_THAT(texts(), ElementsAre("not_in_order code open"));
    now_ = start + 1h;
    lifecycle::Event clock;
    clock.source = lifecycle::Source::clock;
    clock.access_code_id = "code";
    clock.occurred_at = now_.load();
    ASSERT_TRUE(record(clock));
    EXPECT_THAT(texts(), ElementsAre("not_in_order code closed"));
}

TEST_F(StoredAlerts, AreOfTrackedCodesAlone) {
    ASSERT_TRUE(record(stay("code", lifecycle::LifecycleStep::setting)));
    now_ = start;
    look();
    ASSERT_TRUE(set_tracked("code", false));
    EXPECT_THAT(texts(), ElementsAre("not_in_order code closed"));
    ASSERT_TRUE(set_tracked("code", true));
    EXPECT_THAT(texts(), ElementsAre("not_in_order code open", "not_in_order code closed"));
}

TEST_F(StoredAlerts, AreNotOpenedAgainByARestart) {
    ASSERT_TRUE(record(stay("code", lifecycle::LifecycleStep::setting)));
    now_ = start;
    look();
    reopen();
    look();
    EXPECT_THAT(texts(), ElementsAre("not_in_order code open"));
    EXPECT_EQ(alerts().at(0).opened_at, start);
}

TEST_F(StoredAlerts, FollowAShorterTimeFromTheNextStartOn) {
    ASSERT_TRUE(record(stay("code", lifecycle::LifecycleStep::setting)));
    now_ = start - 30min;
    look();
    ASSERT_THAT(texts(), ElementsAre("not_in_order code open"));
    close();
    auto other = options();
    other.alerts.before = 10min;
    open(other);
    look();
    EXPECT_THAT(texts(), ElementsAre("not_in_order code closed"));
    EXPECT_EQ(store::Reader(path()).next_start(), start) << "it is to come near again";
    now_ = start - 10min;
    look();
    EXPECT_THAT(texts(), ElementsAre("not_in_order code open", "not_in_order code closed"));
}

TEST_F(StoredAlerts, OfAClockThatStoodAheadCloseWhenItIsRightAndOpenAgainInTime) {
    ASSERT_TRUE(record(stay("code", lifecycle::LifecycleStep::setting)));
    now_ = start - 20min;
    look();
    ASSERT_THAT(texts(), ElementsAre("not_in_order code open"));
    now_ = first + 5min;
    ASSERT_TRUE(probe());
    look();
    EXPECT_THAT(texts(), ElementsAre("not_in_order code closed"));
    now_ = start - 30min;
    look();
    EXPECT_THAT(texts(), ElementsAre("not_in_order code open", "not_in_order code closed"));
}

TEST_F(StoredAlerts, OfAClockThatStoodAheadCloseAfterARestartToo) {
    ASSERT_TRUE(record(stay("code", lifecycle::LifecycleStep::setting)));
    now_ = start - 20min;
    look();
    close();
    now_ = first + 5min;
    open();
    look();
    EXPECT_THAT(texts(), ElementsAre("not_in_order code closed"));
    now_ = start - 30min;
    look();
    EXPECT_THAT(texts(), ElementsAre("not_in_order code open", "not_in_order code closed"));
}

TEST_F(StoredAlerts, StayOpenWhenTheClockIsPutBackALittle) {
    ASSERT_TRUE(record(stay("code", lifecycle::LifecycleStep::setting)));
    now_ = start - 30min;
    look();
    now_ = start - 30min - 500ms;
    ASSERT_TRUE(record(make_event("e1", "code", lifecycle::LifecycleStep::setting, 1'000'100)));
    EXPECT_THAT(texts(), ElementsAre("not_in_order code open"));
}

TEST_F(StoredAlerts, OfManyCodesAreOpenedAFewAtATime) {
    store::StatementBatch codes;
    for (int i = 0; i < 600; ++i)
        codes.statements.push_back(
            {stay("code" + std::to_string(i), lifecycle::LifecycleStep::setting), "{}"});
    ASSERT_TRUE(record_all(std::move(codes)).complete);
    now_ = start;
    EXPECT_TRUE(look());
    EXPECT_TRUE(look());
    EXPECT_FALSE(look());
    EXPECT_EQ(store::Reader(path()).open_alerts().value().at(0), 600);
    const auto page = store::Reader(path()).alerts({.open = true, .limit = 500}).value();
    EXPECT_EQ(page.alerts.size(), 500U);
    const auto rest =
        store::Reader(path()).alerts({.open = true, .limit = 500, .before = *page.next});
    EXPECT_EQ(rest.value().alerts.size(), 100U);
    EXPECT_EQ(rest.value().next, std::nullopt);
    // The first looks after a start go over the open ones, a few at a time as well.
    reopen();
    EXPECT_TRUE(look());
    EXPECT_TRUE(look());
    EXPECT_FALSE(look());
    EXPECT_EQ(alerts().size(), 600U);
}

TEST_F(StoredAlerts, AreReportedWithTheirTransactionAndNeverWithAnother) {
    close();
    std::vector<std::string> reported;
    store::StoreCallbacks callbacks;
    callbacks.committed = [&](const store::Commit& commit) {
        for (const auto& change : commit.alerts)
            reported.push_back(change.alert.access_code_id + (change.opened ? " +" : " -"));
    };
    open(options(), std::move(callbacks));
    now_ = start;
    sql(path(),
        "CREATE TRIGGER poison AFTER INSERT ON access_codes WHEN new.access_code_id = 'b' "
        "BEGIN SELECT raise(FAIL, 'poisoned'); END");
    store::StatementBatch batch;
    for (const auto* id : {"a", "b", "c"})
        batch.statements.push_back({stay(id, lifecycle::LifecycleStep::setting), "{}"});
    EXPECT_FALSE(record_all(std::move(batch)).complete);
    EXPECT_FALSE(record(stay("b", lifecycle::LifecycleStep::setting)));
    ASSERT_TRUE(record(make_event("e1", "a", lifecycle::LifecycleStep::set, 1'000'100)));
    close();
    EXPECT_THAT(reported, ElementsAre("a +", "c +", "a -"));
    EXPECT_THAT(texts(), ElementsAre("not_in_order c open", "not_in_order a closed"));
}

TEST_F(StoredAlerts, OfOneCodeAreFound) {
    now_ = start;
    ASSERT_TRUE(record(stay("a", lifecycle::LifecycleStep::setting)));
    ASSERT_TRUE(record(stay("b", lifecycle::LifecycleStep::setting)));
    ASSERT_EQ(alerts({.access_code_id = "a"}).size(), 1U);
    EXPECT_EQ(alerts({.access_code_id = "a"}).at(0).access_code_id, "a");
    EXPECT_EQ(alerts({.open = false, .access_code_id = "a"}).size(), 0U);
    EXPECT_EQ(alerts({.access_code_id = "nobody's"}).size(), 0U);
}

TEST_F(StoredAlerts, AboutTheDaemonOpenAndCloseOnce) {
    set_daemon({{lifecycle::AlertKind::disk, "1 GiB left."}});
    set_daemon(
        {{lifecycle::AlertKind::disk, "0 GiB left."}, {lifecycle::AlertKind::clock, "60 s off."}});
    EXPECT_THAT(texts(), ElementsAre("clock  open", "disk  open"));
    EXPECT_EQ(alerts({.kind = lifecycle::AlertKind::disk}).at(0).detail, "0 GiB left.");
    set_daemon({{lifecycle::AlertKind::disk, std::nullopt}});
    EXPECT_THAT(texts(), ElementsAre("clock  open", "disk  closed")) << "nothing was said of it";
    set_daemon(
        {{lifecycle::AlertKind::disk, "1 GiB left."}, {lifecycle::AlertKind::clock, std::nullopt}});
    EXPECT_THAT(texts(), ElementsAre("disk  open", "clock  closed", "disk  closed"));
}

TEST_F(StoredAlerts, GoWithTheirCodeAndAfterTheHistory) {
    ASSERT_TRUE(record(stay("code", lifecycle::LifecycleStep::setting)));
    now_ = start;
    look();
    set_daemon(
        {{lifecycle::AlertKind::disk, "1 GiB left."}, {lifecycle::AlertKind::clock, "60 s off."}});
    set_daemon({{lifecycle::AlertKind::disk, std::nullopt}});
    ASSERT_TRUE(record(make_event("e1", "code", lifecycle::LifecycleStep::deleted, 1'003'000)));
    EXPECT_EQ(alerts().size(), 3U);
    now_ = start + 24h * 400;
    for (bool more = true; more;) more = purge({.history = 24h * 30, .pins = 24h}).value().more;
    EXPECT_THAT(texts(), ElementsAre("clock  open")) << "what is open is kept";
}

}  // namespace
}  // namespace oracode::test
