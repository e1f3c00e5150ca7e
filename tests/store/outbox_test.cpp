// Notifications in the store: written with what causes them, in order, kept until they are old.
#include "store/sqlite/outbox.hpp"

#include <gmock/gmock.h>

#include "store/fixture.hpp"
#include "store/sqlite/ledger.hpp"

namespace oracode::test {
namespace {

using namespace std::chrono_literals;
using enum NotificationType;
using enum DeliveryState;
using testing::ElementsAre;
using testing::IsEmpty;

class OutboxTest : public StoreTest {
protected:
    void set_targets(std::vector<store::NotificationTarget> targets) {
        EXPECT_TRUE(wait<bool>([&](auto& home, auto done) {
            store_->set_notification_targets(targets, home, std::move(done));
        }));
    }
    store::TakenChanges take() {
        return wait<store::TakenChanges>([&](auto& home, auto done) {
                   store_->take_changes_to_notify(home, std::move(done));
               })
            .value();
    }
    void settle(const store::NotificationOutcome& outcome) {
        EXPECT_TRUE(wait<bool>([&](auto& home, auto done) {
                        store_->settle_notification(outcome, home, std::move(done));
                    }).value());
    }
    [[nodiscard]] store::PendingHeads heads(std::string_view target) const {
        return store::Reader(path()).pending_notifications(target);
    }
    [[nodiscard]] std::string count(const std::string& where = "1") const {
        return sql(path(), "SELECT count(*) FROM notifications WHERE " + where);
    }
    void change(const std::string& code, int seconds, lifecycle::LifecycleStep step) {
        ASSERT_TRUE(record(make_event(code + std::to_string(seconds), code, step, seconds)));
    }
};

TEST_F(OutboxTest, ATargetGetsTheChangesFromWhenItBegan) {
    open();
    change("code1", 1, lifecycle::LifecycleStep::unset);
    set_targets({{"pms", {access_code_changed}}, {"phone", {alert_opened}}});
    EXPECT_FALSE(take().moved);
    change("code1", 2, lifecycle::LifecycleStep::set);
    EXPECT_TRUE(take().moved);
    EXPECT_FALSE(take().moved);
    const auto head = heads("pms").change;
    ASSERT_TRUE(head);
    EXPECT_EQ(head->refers_to, 2);
    EXPECT_EQ(head->type, access_code_changed);
    EXPECT_TRUE(head->message_id.starts_with("msg_")) << head->message_id;
    EXPECT_EQ(head->created_at, now_.load());
    EXPECT_FALSE(heads("phone").change);
}

TEST_F(OutboxTest, WhatWaitsIsTheSameAfterARestart) {
    open();
    set_targets({{"pms", {access_code_changed}}});
    change("code1", 1, lifecycle::LifecycleStep::unset);
    take();
    const auto before = heads("pms").change;
    ASSERT_TRUE(before);
    settle({before->id, pending, 1, now_.load() + 5s, "answered 500"});
    reopen();
    set_targets({{"pms", {access_code_changed}}});
    take();
    const auto after = heads("pms").change;
    ASSERT_TRUE(after);
    EXPECT_EQ(after->message_id, before->message_id);
    EXPECT_EQ(after->attempts, 1U);
    EXPECT_EQ(after->next_attempt_at, now_.load() + 5s);
    EXPECT_EQ(count(), "1");
}

TEST_F(OutboxTest, ChangesWhileTheDaemonWasAwayOrNotAskedAreNotLost) {
    open();
    set_targets({{"pms", {access_code_changed}}});
    change("code1", 1, lifecycle::LifecycleStep::unset);
    reopen();
    set_targets({{"pms", {access_code_changed}}});
    take();
    EXPECT_TRUE(heads("pms").change);
}

TEST_F(OutboxTest, ALaterChangeOfACodeWaitsForTheEarlierOneAlone) {
    open();
    set_targets({{"pms", {access_code_changed}}});
    change("code1", 1, lifecycle::LifecycleStep::unset);
    change("code1", 2, lifecycle::LifecycleStep::set);
    change("code2", 3, lifecycle::LifecycleStep::unset);
    take();
    const auto first = heads("pms").change.value();
    EXPECT_EQ(first.refers_to, 1);
    settle({first.id, pending, 1, now_.load() + 5s, "answered 500"});
    EXPECT_EQ(heads("pms").change.value().refers_to, 3) << "the other code's";
    settle({heads("pms").change.value().id, delivered, 1, {}, ""});
    EXPECT_EQ(heads("pms").change.value().refers_to, 1) << "and not the later one";
    settle({first.id, failed, 8, {}, "answered 500"});
    EXPECT_EQ(heads("pms").change.value().refers_to, 2);
}

TEST_F(OutboxTest, OfATargetThatTakesNothingALimitedNumberIsThere) {
    open();
    set_targets({{"pms", {access_code_changed}}, {"other", {access_code_changed}}});
    store::StatementBatch many;
    for (int i = 1; i <= 1'100; ++i) {
        const auto code = "code" + std::to_string(i);
        many.statements.push_back(
            {make_event(code, code, lifecycle::LifecycleStep::unset, i), "{}"});
    }
    ASSERT_TRUE(wait<store::BatchOutcome>(
        [&](auto& home, auto done) { store_->record_all(many, home, std::move(done)); }));
    while (take().moved) {
    }
    EXPECT_TRUE(take().left);
    const auto kept = std::stoi(count("target = 'pms'"));
    EXPECT_LE(kept, 1'000);
    EXPECT_GT(kept, 800);
    EXPECT_EQ(sql(path(), "SELECT max(change) FROM notifications"), std::to_string(kept));
    // As if all of them had been delivered.
    sql(path(), "DELETE FROM notifications WHERE target = 'pms'");
    while (take().moved) {
    }
    EXPECT_EQ(count("target = 'pms'"), std::to_string(1'100 - kept));
    EXPECT_EQ(heads("pms").change.value().refers_to, kept + 1);
    EXPECT_EQ(count("target = 'other'"), std::to_string(kept)) << "each by itself";
}

TEST_F(OutboxTest, WhatWasForATargetThatIsNotThereAnyMoreGoes) {
    open();
    set_targets({{"pms", {access_code_changed}}});
    change("code1", 1, lifecycle::LifecycleStep::unset);
    take();
    set_targets({{"pms", {alert_opened}}});
    EXPECT_EQ(count(), "0") << "it does not want to know any more";
    set_targets({{"pms", {access_code_changed}}});
    EXPECT_FALSE(take().moved) << "it begins anew";
    change("code1", 2, lifecycle::LifecycleStep::set);
    take();
    EXPECT_EQ(count(), "1");
    set_targets({});
    EXPECT_EQ(count(), "0");
    EXPECT_EQ(sql(path(), "SELECT count(*) FROM notification_targets"), "0");
}

TEST_F(OutboxTest, WhatWaitsCanBeMadeDueAtOnce) {
    open();
    set_targets({{"pms", {access_code_changed}}});
    change("code1", 1, lifecycle::LifecycleStep::unset);
    take();
    settle({heads("pms").change.value().id, pending, 5, now_.load() + 5h, "answered 410"});
    set_targets({{"pms", {access_code_changed}, true}});
    EXPECT_EQ(heads("pms").change.value().next_attempt_at, now_.load());
}

TEST_F(OutboxTest, NothingIsKeptLongerThanAWeek) {
    open();
    set_targets({{"pms", {access_code_changed}}});
    change("code1", 1, lifecycle::LifecycleStep::unset);
    take();
    const store::RetentionPolicy retention{std::chrono::days{400}, std::chrono::days{400}};
    now_ = now_.load() + std::chrono::days{7} - 1ms;
    EXPECT_EQ(purge(retention).value().notifications, 0U);
    change("code2", 2, lifecycle::LifecycleStep::unset);
    now_ = now_.load() + 1ms;
    const auto purged = purge(retention).value();
    EXPECT_EQ(purged.notifications, 1U);
    EXPECT_EQ(count(), "0");
    now_ = now_.load() + std::chrono::days{8};
    take();
    EXPECT_EQ(count(), "0") << "a change that is older is not told any more";
    EXPECT_FALSE(take().left);
}

TEST_F(OutboxTest, CountsWhatIsPendingByTarget) {
    open();
    set_targets({{"pms", {access_code_changed}}, {"phone", {access_code_changed}}});
    change("code1", 1, lifecycle::LifecycleStep::unset);
    take();
    settle({heads("phone").change.value().id, failed, 8, {}, "answered 500"});
    EXPECT_EQ(store::Reader(path()).count_pending_notifications().value(),
              (std::map<std::string, std::int64_t>{{"pms", 1}}));
}

TEST_F(OutboxTest, CommitsSayWhetherThereIsSomethingToSend) {
    std::vector<bool> notified;
    store::StoreCallbacks callbacks;
    callbacks.committed = [&](const store::Commit& commit) { notified.push_back(commit.notified); };
    open(options(), std::move(callbacks));
    set_targets({{"pms", {access_code_changed}}});
    change("code1", 1, lifecycle::LifecycleStep::unset);
    take();
    close();
    EXPECT_THAT(notified, ElementsAre(false, false, true));
}

// As the transaction that opens an alert does it.
TEST_F(OutboxTest, AnAlertIsForThoseWhoWantToKnow) {
    open();
    close();
    store::Ledger ledger(path(), {}, {});
    ledger.outbox().set_targets({{"a", {alert_opened, alert_closed}}, {"b", {alert_opened}}}, 0,
                                at(1));
    ledger.outbox().alert_changed(7, alert_opened, at(2));
    ledger.outbox().alert_changed(7, alert_closed, at(3));
    store::Reader reader(path());
    EXPECT_EQ(reader.pending_notifications("a").alert.value().type, alert_opened);
    EXPECT_EQ(reader.pending_notifications("b").alert.value().refers_to, 7);
    const auto deliveries = reader.deliveries(7).value();
    ASSERT_EQ(deliveries.size(), 3U);
    EXPECT_EQ(deliveries[0].state, pending);
    EXPECT_THAT(reader.deliveries(8).value(), IsEmpty());
    // The end is not told before the beginning.
    const auto opened = reader.pending_notifications("a").alert.value();
    ledger.outbox().settle({opened.id, pending, 1, at(10), "answered 500"});
    EXPECT_EQ(reader.pending_notifications("a").alert.value().id, opened.id);
    ledger.outbox().settle({opened.id, delivered, 2, {}, ""});
    EXPECT_EQ(reader.pending_notifications("a").alert.value().type, alert_closed);
    EXPECT_EQ(reader.deliveries(7).value()[0].state, delivered);
}

}  // namespace
}  // namespace oracode::test
