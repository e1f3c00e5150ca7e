// Which codes are due: found by an index that follows `next_poll_at` late, but never misses one.
#include <algorithm>
#include <random>

#include "tests/store/fixture.hpp"

namespace oracode::test {
namespace {

class Due : public StoreTest {
protected:
    void SetUp() override { open(); }

    static constexpr int codes = 40;

    // Something happens to one of the codes, or to the lock or account of all.
    void something() {
        const auto seconds = now_.load() - start_of_time;
        const auto second = std::chrono::floor<std::chrono::seconds>(seconds).count();
        const auto id = "code " + std::to_string(random_() % codes);
        auto event = make_event("event " + std::to_string(++events_), id,
                                lifecycle::LifecycleStep{}, second);
        switch (random_() % 12) {
            case 0:
                return postpone(id);
            case 1:
                event.access_code_id.clear();
                event.reach = lifecycle::Reach::device;
                event.refetch = true;
                event.step.reset();
                break;
            case 2:
                event = disconnected(event.event_id, "account1", second);
                break;
            case 3:
                return track(id, random_() % 2 == 0);
            case 4:
                event.step = lifecycle::LifecycleStep::deleted;
                break;
            case 5:
                event.refetch = true;
                break;
            default:
                constexpr std::array steps{
                    lifecycle::LifecycleStep::created, lifecycle::LifecycleStep::setting,
                    lifecycle::LifecycleStep::set, lifecycle::LifecycleStep::removing,
                    lifecycle::LifecycleStep::unset};
                event.step = steps.at(random_() % steps.size());
                event.facts.type = "time_bound";
                event.facts.starts_at = now_.load() - std::chrono::hours{random_() % 48};
                event.facts.ends_at = now_.load() + std::chrono::hours{random_() % 48};
        }
        ASSERT_TRUE(record(event)) << "seed " << seed_;
    }

    void track(const std::string& id, bool tracked) {
        ASSERT_TRUE(wait<bool>([&](auto& home, auto done) {
            store_->set_tracked(id, tracked, home, std::move(done));
        }));
    }
    void postpone(const std::string& id) {
        store::StatementBatch batch;
        batch.unanswered = {id};
        batch.requested_at = now_.load();
        ASSERT_TRUE(wait<store::BatchOutcome>([&](auto& home, auto done) {
            store_->record_all(std::move(batch), home, std::move(done));
        }));
    }

    [[nodiscard]] std::string now_in_sql() const {
        return std::to_string(now_.load().time_since_epoch().count());
    }
    // Entries of the index whose moment has come, of codes that are not due.
    [[nodiscard]] int passed() const {
        return std::stoi(
            sql(path(), "SELECT count(*) FROM access_codes WHERE due_from <= " + now_in_sql() +
                            " AND (next_poll_at IS NULL OR "
                            "next_poll_at > " +
                            now_in_sql() + ")"));
    }

    void expect_what_a_search_finds(store::Reader& reader) {
        std::vector<std::string> found;
        for (const auto& code : reader.due(now_.load(), 1'000))
            found.push_back(code.access_code_id);
        std::ranges::sort(found);
        std::string list;
        for (const auto& id : found) list += (list.empty() ? "" : ",") + id;
        const auto searched =
            sql(path(),
                "SELECT coalesce(group_concat(id), '') FROM (SELECT CAST(access_code_id AS "
                "TEXT) AS id FROM access_codes WHERE next_poll_at <= " +
                    now_in_sql() + " ORDER BY id)");
        ASSERT_EQ(list, searched) << "seed " << seed_;

        const auto next = reader.next_due(now_.load());
        const auto earliest = sql(path(), "SELECT min(next_poll_at) FROM access_codes");
        ASSERT_EQ(next.has_value() || earliest == "NULL", true) << "seed " << seed_;
        if (!next || earliest == "NULL") return;
        ASSERT_LE(next->time_since_epoch().count(), std::stoll(earliest)) << "seed " << seed_;
        // Else it would be asked for again at once, and again.
        ASSERT_EQ(*next <= now_.load(), !found.empty()) << "seed " << seed_;
    }

    unsigned seed_ = std::random_device{}();
    std::mt19937 random_{seed_};
    int events_ = 0;
};

TEST_F(Due, CodesAreFoundWhateverHappensToThem) {
    store::Reader reader(path());
    for (int i = 0; i < 600; ++i) {
        something();
        now_ = now_.load() +
               std::chrono::seconds{random_() % 4 == 0 ? random_() % 20'000 : random_() % 60};
        if (random_() % 50 == 0) now_ = now_.load() - std::chrono::hours{random_() % 10};
        expect_what_a_search_finds(reader);
        if (HasFatalFailure()) return;
    }
}

TEST_F(Due, AnEventThatPutsAPollOffLeavesTheIndexAsItIs) {
    ASSERT_TRUE(record(make_event("e1", "code", lifecycle::LifecycleStep::created, 1'000'000)));
    postpone("code");
    const auto before = sql(path(), "SELECT due_from FROM access_codes");
    now_ = now_.load() + std::chrono::seconds{1};
    auto set = make_event("e2", "code", lifecycle::LifecycleStep::set, 1'000'001);
    set.facts.type = "time_bound";
    set.facts.starts_at = now_.load() + std::chrono::hours{480};
    set.facts.ends_at = now_.load() + std::chrono::hours{500};
    ASSERT_TRUE(record(set));
    EXPECT_EQ(sql(path(), "SELECT due_from FROM access_codes"), before);
    EXPECT_EQ(sql(path(), "SELECT next_poll_at > due_from FROM access_codes"), "1");
}

TEST_F(Due, CommitsFollowUpWhatHasPassed) {
    for (int i = 0; i < 100; ++i) {
        const auto id = std::to_string(i);
        ASSERT_TRUE(record(
            make_event("a" + id, "code " + id, lifecycle::LifecycleStep::created, 1'000'000)));
        postpone("code " + id);
        auto set = make_event("b" + id, "code " + id, lifecycle::LifecycleStep::set, 1'000'001);
        set.facts.type = "time_bound";
        set.facts.starts_at = now_.load() + std::chrono::hours{480};
        set.facts.ends_at = now_.load() + std::chrono::hours{500};
        ASSERT_TRUE(record(set));
    }
    now_ = now_.load() + std::chrono::hours{1};
    ASSERT_EQ(passed(), 100);
    for (int commits = 0; passed() > 0; ++commits) {
        ASSERT_LT(commits, 10);
        ASSERT_TRUE(probe());
    }
}

}  // namespace
}  // namespace oracode::test
