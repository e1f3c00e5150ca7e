// Whatever happens to codes, the store's alerts are those that their state calls for: open while
// there is a cause, one row for each time that one arises.
#include <array>
#include <map>
#include <random>

#include "tests/store/alert_fixture.hpp"

namespace oracode::test {
namespace {

using namespace std::chrono_literals;

class AlertHistories : public AlertTest, public ::testing::WithParamInterface<unsigned> {
protected:
    static constexpr std::array kinds{lifecycle::AlertKind::not_in_order,
                                      lifecycle::AlertKind::failed};
    using Key = std::pair<std::string, lifecycle::AlertKind>;

    std::uint64_t roll(std::uint64_t sides) { return random_() % sides; }
    std::string some_code() { return "code" + std::to_string(roll(4)); }
    Duration some(Duration most) {
        return Duration{static_cast<std::int64_t>(roll(static_cast<std::uint64_t>(most.count())))};
    }

    void something_is_said() {
        constexpr std::array steps{
            lifecycle::LifecycleStep::created,  lifecycle::LifecycleStep::setting,
            lifecycle::LifecycleStep::set,      lifecycle::LifecycleStep::set,
            lifecycle::LifecycleStep::removing, lifecycle::LifecycleStep::removed,
            lifecycle::LifecycleStep::unknown,  lifecycle::LifecycleStep::deleted};
        auto event = make_event("event" + std::to_string(++said_), some_code(),
                                steps.at(roll(steps.size())), 0);
        event.occurred_at = event.created_at = now_.load();
        event.source = roll(2) == 0 ? lifecycle::Source::webhook : lifecycle::Source::poll;
        if (roll(2) == 0) {
            const auto begins = now_.load() - 1h + some(4h);
            event.facts.starts_at = std::optional{begins};
            event.facts.ends_at = std::optional{begins + 1h + some(3h)};
        }
        if (roll(2) == 0)
            event.facts.errors = std::optional<std::string>{
                roll(2) == 0 ? "[]" : R"([{"error_code":"failed_to_set_on_device"}])"};
        ASSERT_TRUE(record(event));
    }
    // As the poll loop does.
    void time_passes(Duration by) {
        now_ = now_.load() + by;
        for (const auto& id : store::Reader(path()).expired(now_, 100)) {
            lifecycle::Event over;
            over.source = lifecycle::Source::clock;
            over.access_code_id = id;
            over.occurred_at = now_.load();
            ASSERT_TRUE(record(over));
        }
    }
    void clock_is_set_back() {
        now_ = now_.load() - 2s - some(3h);
        if (roll(2) == 0) {
            ASSERT_TRUE(probe());
        } else {
            reopen();
        }
    }
    void something_happens() {
        switch (roll(12)) {
            case 0:
            case 1:
            case 2:
                return time_passes(some(90min));
            case 3:
                return reopen();
            case 4:
                return clock_is_set_back();
            case 5:
                static_cast<void>(set_tracked(some_code(), roll(3) > 0));
                return;
            default:
                return something_is_said();
        }
    }

    // What the codes call for now; counts how often each began to.
    std::map<Key, std::string> called_for() {
        std::map<Key, std::string> causes;
        store::Reader reader(path());
        for (const auto& code : reader.list({}).value().codes) {
            const auto alerts = lifecycle::alerts_of(code, now_, lifecycle::AlertPolicy{});
            for (const auto kind : kinds) {
                const Key key{code.access_code_id, kind};
                if (alerts.of(kind)) causes[key] = *alerts.of(kind);
                if (alerts.of(kind) && !before_.contains(key)) ++begun_[key];
            }
        }
        before_ = causes;
        return causes;
    }
    void compare(int step) {
        const auto causes = called_for();
        std::map<Key, std::string> open;
        std::map<Key, std::size_t> rows;
        for (const auto& alert : alerts()) {
            const Key key{alert.access_code_id, alert.kind};
            ++rows[key];
            if (!alert.closed_at) open[key] = alert.detail;
        }
        ASSERT_EQ(open, causes) << "seed " << GetParam() << ", step " << step;
        ASSERT_EQ(rows, begun_) << "seed " << GetParam() << ", step " << step;
    }

    std::mt19937_64 random_{GetParam()};
    int said_ = 0;
    std::map<Key, std::string> before_;
    std::map<Key, std::size_t> begun_;
};

TEST_P(AlertHistories, EndInTheAlertsThatTheCodesCallFor) {
    for (int step = 0; step < 100; ++step) {
        something_happens();
        look_at_all();
        compare(step);
        if (HasFatalFailure()) return;
    }
    EXPECT_FALSE(begun_.empty());
}

INSTANTIATE_TEST_SUITE_P(Seeds, AlertHistories, ::testing::Range(1U, 6U));

}  // namespace
}  // namespace oracode::test
