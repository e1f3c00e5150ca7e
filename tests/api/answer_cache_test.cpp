// What is kept of an answer, against a real store: it must never outlive what it was made of.
#include "api/answer_cache.hpp"

#include <thread>

#include "tests/store/fixture.hpp"

namespace oracode::api {
namespace {

using lifecycle::LifecycleStep;
using test::at;
using test::make_event;

class AnswerCacheTest : public test::StoreTest {
protected:
    AnswerCacheTest() { open(); }

    // Reads `id` and keeps an answer that was made of it.
    void keep(AnswerCache& cache, const std::string& id) {
        const auto found = store::Reader(path()).find(id, store_->revisions()).value();
        ASSERT_TRUE(found.mark);
        cache.put(id, {.mark = *found.mark,
                       .from = at(100),
                       .until = at(200),
                       .polling = true,
                       .etag = "\"1\"",
                       .body = std::to_string(found.code.version)});
    }
    static bool has(AnswerCache& cache, const std::string& id) {
        return cache.find(id, at(100), true) != nullptr;
    }
    Result<bool> set_tracked(const std::string& id, bool tracked) {
        return wait<bool>([&](auto& home, auto done) {
            store_->set_tracked(id, tracked, home, std::move(done));
        });
    }
    Result<bool> look_at_alerts() {
        return wait<bool>(
            [&](auto& home, auto done) { store_->look_at_alerts(home, std::move(done)); });
    }
};

TEST_F(AnswerCacheTest, AnEventOfTheCodeEndsAnAnswerAndThoseOfOthersDoNot) {
    AnswerCache cache(store_->revisions());
    ASSERT_TRUE(record(make_event("1", "code1", LifecycleStep::set, 1)));
    ASSERT_TRUE(record(make_event("2", "code2", LifecycleStep::set, 1)));
    keep(cache, "code1");
    keep(cache, "code2");
    EXPECT_TRUE(has(cache, "code1"));
    ASSERT_TRUE(record(make_event("3", "code1", LifecycleStep::removing, 2)));
    EXPECT_FALSE(has(cache, "code1"));
    EXPECT_TRUE(has(cache, "code2"));
    keep(cache, "code1");
    EXPECT_TRUE(has(cache, "code1"));
}

TEST_F(AnswerCacheTest, WhatElseChangesTheRowEndsItToo) {
    AnswerCache cache(store_->revisions());
    auto planned = make_event("1", "code1", LifecycleStep::setting, 1);
    planned.facts.starts_at = std::optional{now_.load() + std::chrono::minutes{1}};
    planned.facts.ends_at = std::optional{now_.load() + std::chrono::hours{1}};
    ASSERT_TRUE(record(planned));
    keep(cache, "code1");
    ASSERT_EQ(set_tracked("code1", false).value(), true);
    EXPECT_FALSE(has(cache, "code1")) << "tracked";

    keep(cache, "code1");
    ASSERT_TRUE(record(test::disconnected("2", "account1", 3)));
    EXPECT_FALSE(has(cache, "code1")) << "an event of its account";

    ASSERT_TRUE(record(make_event("3", "code1", LifecycleStep::removed, 4)));
    keep(cache, "code1");
    now_ = now_.load() + std::chrono::hours{24 * 365};
    store::RetentionPolicy short_memory{};
    for (int i = 0; i < 100 && store::Reader(path()).find("code1"); ++i)
        ASSERT_TRUE(purge(short_memory));
    EXPECT_FALSE(has(cache, "code1")) << "purged";
}

TEST_F(AnswerCacheTest, AnAnswerHoldsForAsLongAsTimeChangesNothing) {
    AnswerCache cache(store_->revisions());
    ASSERT_TRUE(record(make_event("1", "code1", LifecycleStep::set, 1)));
    keep(cache, "code1");
    using std::chrono::milliseconds;
    EXPECT_TRUE(cache.find("code1", at(200) - milliseconds{1}, true));
    EXPECT_FALSE(cache.find("code1", at(200), true));
    EXPECT_FALSE(cache.find("code1", at(100) - milliseconds{1}, true)) << "the clock was set back";
    EXPECT_FALSE(cache.find("code1", at(100), false)) << "Seam is not polled any more";
    EXPECT_FALSE(cache.find("code", at(100), true));
}

TEST_F(AnswerCacheTest, OnlyWhatWasAskedForLastIsKept) {
    constexpr std::size_t most = std::size_t{256} << 10;
    AnswerCache cache(store_->revisions(), most);
    ASSERT_TRUE(record(make_event("1", "often", LifecycleStep::set, 1)));
    keep(cache, "often");
    const auto mark = store::Reader(path()).find("often", store_->revisions()).value().mark.value();
    for (int i = 0; i < 5'000; ++i) {
        cache.put("code" + std::to_string(i), {.mark = mark,
                                               .from = at(100),
                                               .until = at(200),
                                               .polling = true,
                                               .etag = "\"1\"",
                                               .body = std::string(700, 'x')});
        ASSERT_LE(cache.bytes(), most);
        ASSERT_TRUE(has(cache, "often"));
    }
    EXPECT_GT(cache.bytes(), most / 2);
    EXPECT_FALSE(has(cache, "code0"));
    EXPECT_TRUE(has(cache, "code4999"));
}

// Two who read and keep, one who writes: whoever begins to look after a write was answered finds at
// least that.
TEST_F(AnswerCacheTest, NobodyReadsLessThanWhatWasAcknowledged) {
    AnswerCache cache(store_->revisions());
    ASSERT_TRUE(record(make_event("0", "code1", LifecycleStep::setting, 0)));
    const auto first = find("code1").version;
    std::atomic<std::int64_t> acknowledged{first};
    std::atomic<bool> over{false};
    std::atomic<int> kept{0};
    std::atomic<int> stale{0};
    const auto look = [&] {
        store::Reader reader(path());
        while (!over) {
            const auto least = acknowledged.load();
            if (const auto known = cache.find("code1", at(100), true)) {
                ++kept;
                if (std::stoll(known->body) < least) ++stale;
                continue;
            }
            const auto found = reader.find("code1", store_->revisions()).value();
            if (found.code.version < least) ++stale;
            if (!found.mark) continue;
            cache.put("code1", {.mark = *found.mark,
                                .from = at(100),
                                .until = at(200),
                                .polling = true,
                                .etag = "",
                                .body = std::to_string(found.code.version)});
        }
    };
    std::thread one(look);
    std::thread other(look);
    for (int i = 1; i <= 300; ++i) {
        ASSERT_TRUE(
            record(make_event(std::to_string(i), "code1",
                              i % 2 == 0 ? LifecycleStep::setting : LifecycleStep::set, i)));
        acknowledged = first + i;
    }
    over = true;
    one.join();
    other.join();
    EXPECT_EQ(stale, 0);
    EXPECT_GT(kept, 0);
    EXPECT_EQ(find("code1").version, first + 300);
}

TEST(CodeRevisions, OfACommitThatFailedNothingIsKeptUntilTheDatabaseIsOpenedAgain) {
    store::CodeRevisions revisions;
    const std::array<std::int64_t, 1> codes{7};
    const auto began = revisions.now();
    const auto mark = revisions.mark(7, began).value();
    EXPECT_TRUE(revisions.holds(mark));
    revisions.changing(codes);
    EXPECT_FALSE(revisions.holds(mark));
    EXPECT_FALSE(revisions.mark(7, revisions.now()));
    revisions.all_changed();
    EXPECT_FALSE(revisions.holds(mark));
    EXPECT_FALSE(revisions.mark(7, began)) << "read before that";
    EXPECT_TRUE(revisions.mark(7, revisions.now()));
}

}  // namespace
}  // namespace oracode::api
