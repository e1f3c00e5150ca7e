// All that one answer of Seam brings, taken in one transaction.
#include "tests/store/fixture.hpp"

namespace oracode::test {
namespace {

class Batches : public StoreTest {
protected:
    static store::EventWithPayload statement(const std::string& name, lifecycle::LifecycleStep step,
                                             int seconds) {
        return {make_event("event " + name, "code " + name, step, seconds), "{}"};
    }
    store::BatchOutcome record_all(store::StatementBatch batch) {
        return wait<store::BatchOutcome>([&](auto& home, auto done) {
                   store_->record_all(std::move(batch), home, std::move(done));
               })
            .value();
    }
    [[nodiscard]] std::optional<Timestamp> backfilled_to() const {
        return store::Reader(path()).backfilled_to();
    }
};

TEST_F(Batches, AreOneTransactionWithTheMarkOfTheBackfill) {
    std::atomic<int> commits{0};
    store::StoreCallbacks counting;
    counting.committed = [&](const store::Commit&) { ++commits; };
    open(options(), std::move(counting));
    store::StatementBatch batch;
    batch.statements.push_back(statement("a", lifecycle::LifecycleStep::created, 1));
    batch.statements.push_back(statement("b", lifecycle::LifecycleStep::set, 2));
    batch.statements.push_back(statement("a", lifecycle::LifecycleStep::created, 1));
    batch.backfilled_to = at(100);
    const auto outcome = record_all(std::move(batch));
    EXPECT_EQ(commits, 1);
    EXPECT_TRUE(outcome.complete);
    ASSERT_EQ(outcome.recorded.size(), 3U);
    EXPECT_FALSE(outcome.recorded[0]->duplicate);
    EXPECT_EQ(outcome.recorded[1]->transition->to, lifecycle::Status::set);
    EXPECT_TRUE(outcome.recorded[2]->duplicate);
    EXPECT_EQ(find("code b").status, lifecycle::Status::set);
    EXPECT_EQ(backfilled_to(), at(100));
}

TEST_F(Batches, PostponeWhatSeamWasAskedForInVain) {
    open();
    ASSERT_TRUE(record(make_event("e1", "code a", lifecycle::LifecycleStep::setting, 1)));
    store::StatementBatch batch;
    batch.unanswered = {"code a", "nobody's"};
    batch.requested_at = at(50);
    EXPECT_TRUE(record_all(std::move(batch)).complete);
    const auto code = find("code a");
    EXPECT_EQ(code.last_polled_at, at(50));
    EXPECT_EQ(code.polls_without_news, 1);
}

TEST_F(Batches, LoseOnlyTheStatementThatCannotBeStored) {
    open();
    const auto poisoned = statement("b", lifecycle::LifecycleStep::set, 2);
    sql(path(),
        "CREATE TRIGGER poison AFTER INSERT ON access_codes WHEN new.access_code_id = 'code b' "
        "BEGIN SELECT raise(FAIL, 'poisoned'); END");
    store::StatementBatch batch;
    batch.statements = {statement("a", lifecycle::LifecycleStep::set, 1), poisoned,
                        statement("c", lifecycle::LifecycleStep::setting, 3)};
    batch.backfilled_to = at(100);
    const auto outcome = record_all(std::move(batch));
    EXPECT_FALSE(outcome.complete);
    ASSERT_EQ(outcome.recorded.size(), 3U);
    EXPECT_TRUE(outcome.recorded[0]);
    ASSERT_FALSE(outcome.recorded[1]);
    EXPECT_EQ(outcome.recorded[1].error().code, Errc::store_unavailable);
    EXPECT_NE(outcome.recorded[1].error().detail.find("poisoned"), std::string::npos);
    EXPECT_TRUE(outcome.recorded[2]);
    EXPECT_EQ(find("code a").status, lifecycle::Status::set);
    EXPECT_EQ(find("code c").status, lifecycle::Status::setting);
    EXPECT_EQ(store::Reader(path()).find("code b").error().code, Errc::not_found);
    EXPECT_EQ(backfilled_to(), std::nullopt) << "one of the events is missing";
    // The numbers given out to the poisoned one are free again, and the counts are right.
    EXPECT_EQ(sql(path(), "SELECT max(seq) FROM events"), "2");
    const auto counts = store::Reader(path()).counts(at(0)).value();
    EXPECT_EQ(counts.of(lifecycle::Status::set), 1);
    EXPECT_EQ(counts.of(lifecycle::Status::setting), 1);
    sql(path(), "DROP TRIGGER poison");
    EXPECT_TRUE(record(poisoned.event));
    EXPECT_EQ(find("code b").status, lifecycle::Status::set);
}

TEST_F(Batches, ThatWereAskedForBeforeTheStartAreRecordedAfterIt) {
    store_.emplace(options());
    auto& asking = home();
    std::optional<bool> complete;
    store::StatementBatch batch;
    batch.statements.push_back(statement("a", lifecycle::LifecycleStep::set, 1));
    store_->record_all(std::move(batch), asking,
                       [&](const auto& outcome) { complete = outcome.value().complete; });
    asking.poll();
    EXPECT_EQ(complete, std::nullopt);
    store_->start();
    asking.run();
    EXPECT_EQ(complete, true);
    EXPECT_EQ(find("code a").status, lifecycle::Status::set);
}

TEST_F(Batches, OfAStoreThatNeverStartedAreRefused) {
    store_.emplace(options());
    auto& asking = home();
    std::optional<Errc> refused;
    store_->probe(asking, [&](const auto& written) { refused = written.error().code; });
    store_->stop();
    asking.run();
    EXPECT_EQ(refused, Errc::store_unavailable);
    EXPECT_EQ(store_->queued(), 0U);
    EXPECT_EQ(store_->sizes().log, 0U) << "no log is left behind";
}

}  // namespace
}  // namespace oracode::test
