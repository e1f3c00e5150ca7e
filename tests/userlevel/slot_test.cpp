#include "userlevel/slot.hpp"

#include <gtest/gtest.h>

#include "userlevel/locks.hpp"

namespace oracode::userlevel {
namespace {

using namespace std::chrono_literals;

class OneSlot : public testing::Test {
protected:
    // The only level of "LA 07:00-19:00d" and the like.
    const Slot& slot(const std::string& text) {
        lock_ = test::lock_of(text);
        zone_ = Zone::find(lock_.iana_timezone);
        slot_ = read_slot(lock_.time_slots.at(0));
        return slot_.value();
    }
    std::string rounded(std::string_view at, End end, Duration limit) const {
        std::string texts;
        for (const auto to :
             round_end(*slot_, *zone_, parse_rfc3339(std::string(at)).value(), end, limit))
            texts += zone_->text(to).substr(5, 11) + ' ';
        return texts;
    }
    std::vector<Rule> broken(const std::string& from, const std::string& to) const {
        return broken_lengths(*slot_, *zone_, parse_rfc3339(from).value(),
                              parse_rfc3339(to).value());
    }

    Lock lock_;
    std::optional<Zone> zone_;
    std::optional<Slot> slot_;
};

TEST_F(OneSlot, HasItsTimesReadOrIsNone) {
    EXPECT_EQ(slot("LA 07:00-19:00").check_in, 7h);
    EXPECT_EQ(slot_->check_out, 19h);
    auto level = lock_.time_slots.at(0);
    level.check_out_time = "seven";
    EXPECT_FALSE(read_slot(level));
    level = lock_.time_slots.at(0);
    level.check_in_time.clear();
    EXPECT_FALSE(read_slot(level));
}

TEST_F(OneSlot, WithinAnHourTheNearerOccurrenceIsTaken) {
    slot("LA 16:00-10:00");
    EXPECT_EQ(rounded("2024-09-10T15:45:00-07:00", End::check_in, hour_rounding), "09-10T16:00 ");
    EXPECT_EQ(rounded("2024-09-10T17:00:00-07:00", End::check_in, hour_rounding), "09-10T16:00 ");
    EXPECT_EQ(rounded("2024-09-10T17:00:01-07:00", End::check_in, hour_rounding), "");
    EXPECT_EQ(rounded("2024-09-12T10:15:00-07:00", End::check_out, hour_rounding), "09-12T10:00 ");
    EXPECT_EQ(rounded("2024-09-12T10:15:00-07:00", End::check_out, day_rounding), "09-12T10:00 ");
}

TEST_F(OneSlot, BeyondAnHourTheStayIsMadeLongerFirst) {
    slot("LA 16:00-10:00");
    EXPECT_EQ(rounded("2024-09-10T14:00:00-07:00", End::check_in, day_rounding),
              "09-09T16:00 09-10T16:00 ");
    EXPECT_EQ(rounded("2024-09-12T12:00:00-07:00", End::check_out, day_rounding),
              "09-13T10:00 09-12T10:00 ");
}

TEST_F(OneSlot, LengthsAreHeldAtTheirEdges) {
    slot("LA 12:00-12:00d");
    EXPECT_EQ(broken("2024-09-01T12:00:00-07:00", "2024-09-01T13:00:00-07:00"),
              (std::vector{Rule::daily_same_date}));
    EXPECT_TRUE(broken("2024-09-01T12:00:00-07:00", "2024-09-02T12:00:00-07:00").empty());
    slot("LA 12:00-12:00b");
    EXPECT_TRUE(broken("2024-09-01T12:00:00-07:00", "2024-09-15T12:00:00-07:00").empty());
    EXPECT_EQ(broken("2024-09-01T12:00:00-07:00", "2024-09-15T12:00:01-07:00"),
              (std::vector{Rule::biweekly_too_long}));
    slot("LA 12:00-12:00");
    EXPECT_TRUE(broken("2024-08-01T12:00:00-07:00", "2024-08-31T12:00:00-07:00").empty());
    EXPECT_EQ(broken("2024-08-01T12:00:00-07:00", "2024-09-01T12:00:00-07:00"),
              (std::vector{Rule::too_many_days}))
        << "31 nights touch 32 dates";
}

TEST_F(OneSlot, TheFirstAndTheLastCheckOutOfACheckIn) {
    slot("LA 16:00-10:00");
    const auto check_in = parse_rfc3339("2024-08-01T16:00:00-07:00").value();
    EXPECT_EQ(zone_->text(first_end(*slot_, *zone_, check_in).value()),
              "2024-08-02T10:00:00-07:00");
    EXPECT_EQ(zone_->text(last_end(*slot_, *zone_, check_in).value()), "2024-08-31T10:00:00-07:00");
    slot("LA 16:00-10:00b");
    EXPECT_EQ(zone_->text(last_end(*slot_, *zone_, check_in).value()), "2024-08-15T10:00:00-07:00");
}

}  // namespace
}  // namespace oracode::userlevel
