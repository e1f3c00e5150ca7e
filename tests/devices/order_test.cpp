#include "devices/order.hpp"

#include <functional>
#include <set>

#include <gtest/gtest.h>

namespace oracode::devices {
namespace {

using namespace std::chrono_literals;

Order order() {
    return {"lock1", "Ada", {"2024-09-10T07:00:00-07:00", "2024-09-15T19:00:00-07:00", "1d"}};
}

// Digests are stored with Idempotency-Keys: another form would refuse every repeat after an
// upgrade.
TEST(OrderDigest, StaysWhatItWasInEarlierReleases) {
    EXPECT_EQ(digest(order()), "82029acbdf68362d1a6826a7637db96e54086fc13ae9e292a0e766bbcde489ce");
    auto with = order();
    with.external_id = "booking 7";
    EXPECT_EQ(digest(with), "a24e86a81b870fb29f8620166d211300536d905f7040e65e619a02dd21435737");
}

TEST(OrderDigest, DiffersInEverythingThatIsWantedAndNotInTheRequestsId) {
    using Change = std::function<void(Order&)>;
    const Change changes[] = {
        [](Order& wish) { wish.device_id = "lock2"; },
        [](Order& wish) { wish.name = "Grace"; },
        [](Order& wish) { wish.name.reset(); },
        [](Order& wish) { wish.name = ""; },
        [](Order& wish) { wish.window.starts_at = "2024-09-10T14:00:00Z"; },
        [](Order& wish) { wish.window.ends_at = "2024-09-16T02:00:00Z"; },
        [](Order& wish) { wish.window.max_time_rounding.clear(); },
        [](Order& wish) { wish.window.code_chosen = true; },
        [](Order& wish) { wish.window.one_time_use = true; },
        [](Order& wish) { wish.external_id = "booking 7"; },
        [](Order& wish) { wish.external_id = ""; },
    };
    std::set<std::string> digests{digest(order())};
    for (const auto& change : changes) {
        auto other = order();
        change(other);
        digests.insert(digest(other));
    }
    EXPECT_EQ(digests.size(), std::size(changes) + 1);
    auto same = order();
    same.request_id = "r1";
    EXPECT_EQ(digest(same), digest(order()));
}

TEST(OtherWindow, IsOneThatDiffersAtEitherEndOrIsNotKnown) {
    Made made;
    made.requested = {Timestamp{1h}, Timestamp{2h}, Timestamp{0h}};
    made.code.starts_at.value = Timestamp{1h};
    made.code.ends_at.value = Timestamp{2h};
    EXPECT_FALSE(has_other_window(made));
    auto other = made;
    other.code.starts_at.value = Timestamp{1h} + 1ms;
    EXPECT_TRUE(has_other_window(other));
    other = made;
    other.code.ends_at.value = Timestamp{2h} - 1ms;
    EXPECT_TRUE(has_other_window(other));
    other = made;
    other.code.ends_at.value.reset();
    EXPECT_TRUE(has_other_window(other));
}

}  // namespace
}  // namespace oracode::devices
