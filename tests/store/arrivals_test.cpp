#include "store/reader.hpp"
#include "tests/store/fixture.hpp"

namespace oracode::test {
namespace {

class Arrivals : public StoreTest {
protected:
    void SetUp() override { open(); }

    void add(const std::string& id, std::int64_t starts_s, const std::string& device = "device1") {
        auto event = make_event("event-" + id, id, lifecycle::LifecycleStep::set, 0);
        event.device_id = device;
        event.facts.type = std::optional<std::string>{"time_bound"};
        event.facts.starts_at = at(starts_s);
        event.facts.ends_at = at(starts_s + 86'400);
        ASSERT_TRUE(record(event));
    }
    [[nodiscard]] store::ArrivalPage page(const store::ArrivalFilter& filter) const {
        return store::Reader(path()).arrivals(filter).value();
    }
    [[nodiscard]] std::string ids(const store::ArrivalFilter& filter) const {
        std::string all;
        for (const auto& arrival : page(filter).arrivals)
            all += (all.empty() ? "" : " ") + arrival.code.access_code_id;
        return all;
    }
    static store::ArrivalFilter until(std::int64_t seconds) {
        store::ArrivalFilter filter;
        filter.starts_by = at(seconds);
        return filter;
    }
};

TEST_F(Arrivals, ComeByTheirStartUpToTheInstantAskedFor) {
    add("late", 1'000'300);
    add("here", 999'000);
    add("soon", 1'000'100);
    EXPECT_EQ(ids(until(1'000'299)), "here soon");
    EXPECT_EQ(ids(until(1'000'300)), "here soon late");
}

TEST_F(Arrivals, LeaveOutCodesThatEndedOrHaveNoStart) {
    add("here", 999'000);
    add("gone", 999'000);
    ASSERT_TRUE(record(make_event("end", "gone", lifecycle::LifecycleStep::removed, 1)));
    ASSERT_TRUE(record(make_event("event-bare", "bare", lifecycle::LifecycleStep::created, 0)));
    EXPECT_EQ(ids(until(2'000'000)), "here");
}

TEST_F(Arrivals, AreThoseOfOneLockWhereOneIsNamed) {
    add("a", 999'000, "device1");
    add("b", 999'000, "device2");
    auto filter = until(2'000'000);
    filter.device_id = "device2";
    EXPECT_EQ(ids(filter), "b");
}

TEST_F(Arrivals, AreFilteredByWhetherTheyAreReady) {
    add("works", 999'000);
    add("waits", 1'000'100);
    auto filter = until(2'000'000);
    filter.ready_at = at(1'000'000);
    filter.ready = true;
    EXPECT_EQ(ids(filter), "works");
    filter.ready = false;
    EXPECT_EQ(ids(filter), "waits");
}

TEST_F(Arrivals, PagesTellEachOnceAlsoWhereManyStartAtTheSameInstant) {
    for (int i = 0; i < 25; ++i) add("code" + std::to_string(100 + i), 999'000 + i / 10);
    auto filter = until(2'000'000);
    filter.limit = 4;
    std::string all;
    for (std::size_t pages = 0; pages < 10; ++pages) {
        const auto found = page(filter);
        for (const auto& arrival : found.arrivals) all += arrival.code.access_code_id + " ";
        if (!found.next) break;
        filter.after = found.next;
    }
    std::string expected;
    for (int i = 0; i < 25; ++i) expected += "code" + std::to_string(100 + i) + " ";
    EXPECT_EQ(all, expected);
}

}  // namespace
}  // namespace oracode::test
