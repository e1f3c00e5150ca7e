// Every combination of filters against the plain reading of it.
#include <algorithm>
#include <random>

#include "store/reader.hpp"
#include "tests/store/fixture.hpp"

namespace oracode::test {
namespace {

class Listing : public StoreTest {
protected:
    void SetUp() override { open(); }

    int any(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
    bool maybe() { return any(3) == 0; }

    // A statement about one of 60 codes: new, or news of a known one.
    lifecycle::Event statement() {
        constexpr std::array step{
            lifecycle::LifecycleStep::created,  lifecycle::LifecycleStep::unknown,
            lifecycle::LifecycleStep::unset,    lifecycle::LifecycleStep::setting,
            lifecycle::LifecycleStep::set,      lifecycle::LifecycleStep::set,
            lifecycle::LifecycleStep::removing, lifecycle::LifecycleStep::removed};
        const auto id = "code" + std::to_string(any(60));
        auto event = make_event("e" + std::to_string(++events_), id,
                                step.at(static_cast<std::size_t>(any(step.size()))), any(2'000));
        event.device_id = "device" + std::to_string(std::hash<std::string>{}(id) % 4);
        if (any(9) == 0) event.external_id = "booking" + std::to_string(any(3));
        if (any(4) != 0) event.facts.starts_at = at(any(40) * 100L);
        if (any(4) != 0) event.facts.ends_at = at(4'000 + any(40) * 100L);
        if (maybe()) event.facts.errors = R"([{"error_code":"x"}])";
        if (maybe()) event.facts.errors = "[]";
        return event;
    }
    void record_some(int count) {
        for (int i = 0; i < count; ++i) {
            now_ = now_.load() + std::chrono::milliseconds{any(20)};
            ASSERT_TRUE(record(statement()));
        }
    }

    store::Filter filter() {
        store::Filter filter;
        constexpr std::array all{lifecycle::Status::unknown, lifecycle::Status::unset,
                                 lifecycle::Status::setting, lifecycle::Status::set,
                                 lifecycle::Status::removing};
        if (maybe())
            std::ranges::sample(all, std::back_inserter(filter.statuses), 1 + any(4), random_);
        if (maybe()) filter.device_id = "device" + std::to_string(any(5));
        if (any(6) == 0) filter.external_id = "booking" + std::to_string(any(3));
        if (maybe()) filter.overdue = any(2) == 0;
        if (maybe()) filter.ready = any(2) == 0;
        if (maybe()) filter.ended = any(2) == 0;
        if (maybe()) filter.starts_before = at(any(41) * 100L);
        if (maybe()) filter.starts_after = at(any(41) * 100L);
        if (maybe()) filter.updated_since = at(1'000'000) + std::chrono::milliseconds{any(3'000)};
        filter.ready_at = at(any(8'000));
        filter.overdue_at = at(1'000'000 + any(200) - 100);
        return filter;
    }

    static bool passes(const lifecycle::AccessCode& code, const store::Filter& filter) {
        const auto& starts_at = code.starts_at.value;
        const bool overdue = code.status != lifecycle::Status::set && !code.ended &&
                             code.expected_by && *code.expected_by <= filter.overdue_at;
        return (filter.statuses.empty() ||
                std::ranges::find(filter.statuses, code.status) != filter.statuses.end()) &&
               (!filter.device_id || code.device_id == *filter.device_id) &&
               (!filter.external_id || code.external_id == filter.external_id) &&
               (!filter.overdue || *filter.overdue == overdue) &&
               (!filter.ready || *filter.ready == lifecycle::ready(code, filter.ready_at)) &&
               (!filter.ended || *filter.ended == code.ended.has_value()) &&
               (!filter.starts_before || (starts_at && *starts_at < *filter.starts_before)) &&
               (!filter.starts_after || (starts_at && *starts_at > *filter.starts_after)) &&
               (!filter.updated_since || code.updated_at >= *filter.updated_since);
    }

    static std::vector<std::string> ids(const std::vector<lifecycle::AccessCode>& codes) {
        std::vector<std::string> ids;
        ids.reserve(codes.size());
        for (const auto& code : codes) ids.push_back(code.access_code_id);
        return ids;
    }

    std::minstd_rand random_{20260305};
    int events_ = 0;
};

TEST_F(Listing, EveryCombinationOfFiltersGivesWhatPassesThemAll) {
    record_some(400);
    store::Reader reader(path());
    store::Filter everything;
    everything.limit = 1'000;
    const auto all = reader.list(everything).value().codes;
    ASSERT_GT(all.size(), 50U);
    std::size_t found = 0;
    for (int i = 0; i < 1'500; ++i) {
        auto asked = filter();
        std::vector<lifecycle::AccessCode> expected;
        std::ranges::copy_if(all, std::back_inserter(expected),
                             [&](const auto& code) { return passes(code, asked); });
        std::vector<lifecycle::AccessCode> given;
        asked.limit = 1 + static_cast<std::size_t>(any(20));
        for (;;) {
            const auto page = reader.list(asked).value();
            ASSERT_LE(page.codes.size(), asked.limit);
            given.insert(given.end(), page.codes.begin(), page.codes.end());
            if (!page.next) break;
            ASSERT_EQ(page.codes.size(), asked.limit) << "a page in the middle is full";
            asked.after = *page.next;
        }
        found += expected.size();
        ASSERT_EQ(ids(given), ids(expected)) << "filter " << i;
    }
    EXPECT_GT(found, 3'000U) << "the filters left nothing to compare";
}

TEST_F(Listing, NoCodeIsLostOrListedTwiceWhileCodesChange) {
    record_some(200);
    store::Reader reader(path());
    for (int round = 0; round < 20; ++round) {
        store::Filter asked;
        asked.limit = 7;
        if (round % 2 == 0) asked.starts_after = at(-1);
        std::vector<std::string> seen;
        for (;;) {
            const auto page = reader.list(asked).value();
            for (const auto& code : page.codes) seen.push_back(code.access_code_id);
            if (!page.next) break;
            asked.after = *page.next;
            record_some(3);
        }
        auto sorted = seen;
        std::ranges::sort(sorted);
        EXPECT_EQ(std::ranges::adjacent_find(sorted), sorted.end()) << "told twice";
        EXPECT_GT(seen.size(), 30U);
    }
}

TEST_F(Listing, SearchGoesWithoutCaseAccentsAndOrder) {
    const auto named = [&](const char* id, const char* name) {
        auto event = make_event(std::string(id) + "-e", id, lifecycle::LifecycleStep::set, 1);
        event.facts.name = name;
        ASSERT_TRUE(record(event));
    };
    named("a", "Martínez, José");
    named("b", "Søren Weiß");
    named("c", "Łukasz Martinsson");
    const auto found = [&](const char* search) {
        store::Filter filter;
        filter.search = search;
        filter.limit = 10;
        std::string ids;
        const auto page = store::Reader(path()).list(filter);
        for (const auto& code : page.value().codes) ids += code.access_code_id;
        return ids;
    };
    EXPECT_EQ(found("Martinez"), "a");
    EXPECT_EQ(found("JOSE martínez"), "a") << "words in any order";
    EXPECT_EQ(found("SØREN"), "b");
    EXPECT_EQ(found("weiss soren"), "b");
    EXPECT_EQ(found("lukasz"), "c");
    EXPECT_EQ(found("martin"), "ac");
    EXPECT_EQ(found("martin soren"), "") << "all of them";
    EXPECT_EQ(found("c"), "c") << "an id, as it is";
}

}  // namespace
}  // namespace oracode::test
