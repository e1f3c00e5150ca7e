#include "userlevel/explain.hpp"

#include <gmock/gmock.h>

#include "userlevel/locks.hpp"
#include "userlevel/slot.hpp"

namespace oracode::test {
namespace {

using testing::HasSubstr;
using testing::Not;

const Timestamp start = instant_of("2026-03-05T15:00:00Z");
const Timestamp end = instant_of("2026-03-08T03:00:00Z");

Zone los_angeles() {
    return Zone::find("America/Los_Angeles").value();
}

TEST(Explain, NoMatchNamesTheWindowInTheLocksTimeAndItsSlots) {
    const auto text = explain_no_match(lock_of("LA 07:00-19:00 00:00-23:59d 08:00-09:00m"),
                                       los_angeles(), start, end, hour_rounding);
    EXPECT_THAT(text, HasSubstr("within one hour"));
    EXPECT_THAT(text, HasSubstr("America/Los_Angeles"));
    EXPECT_THAT(text, HasSubstr("07:00 to 19:00"));
    EXPECT_THAT(text, Not(HasSubstr("08:00"))) << "a master slot is not for guests";
}

TEST(Explain, OfManySlotsEightAreNamedAndTheRestCounted) {
    std::string lock = "LA";
    for (int hour = 10; hour < 20; ++hour)
        lock += " " + std::to_string(hour) + ":00-" + std::to_string(hour) + ":30";
    const auto text = explain_no_match(lock_of(lock), los_angeles(), start, end, hour_rounding);
    EXPECT_THAT(text, HasSubstr("17:00 to 17:30; and 2 more"));
    EXPECT_THAT(text, Not(HasSubstr("18:00 to")));
}

TEST(Explain, ALockWithMasterSlotsAloneSaysSo) {
    EXPECT_THAT(
        explain_no_match(lock_of("LA 08:00-09:00m"), los_angeles(), start, end, hour_rounding),
        HasSubstr("None of the lock's time slots can be used for guests"));
}

TEST(Explain, TimesThatCannotBeReadAreQuotedShortened) {
    auto lock = lock_of("LA 07:00-19:00");
    EXPECT_EQ(explain_unreadable(lock), "");
    lock.time_slots[0].check_in_time = "noonish";
    lock.time_slots[0].name = std::string(59, 'n') + "é and more";
    const auto text = explain_unreadable(lock);
    EXPECT_THAT(text, HasSubstr("noonish"));
    EXPECT_THAT(text, HasSubstr(std::string(59, 'n') + "…")) << "no letter is cut in two";
}

TEST(Explain, AnOffsetThatIsNotTheLocksIsSetAgainstItsOwn) {
    const Instant given_start{start, std::chrono::minutes{0}};
    const Instant given_end{end, std::chrono::minutes{-8 * 60}};
    const auto text = explain_offset(los_angeles(), given_start, given_end, std::nullopt);
    EXPECT_THAT(text, HasSubstr("starts_at was given in UTC+00:00"));
    EXPECT_THAT(text, HasSubstr("the lock is at UTC-08:00"));
    EXPECT_THAT(text, Not(HasSubstr("ends_at"))) << "that one is right";
    EXPECT_NE(text.back(), ' ');
}

TEST(Explain, LengthsAreSaidInNumbers) {
    const auto text = explain_length(Rule::too_many_days, nullptr, los_angeles(), start,
                                     start + std::chrono::days{31});
    EXPECT_THAT(text, HasSubstr("31 consecutive days at most"));
    EXPECT_THAT(text, HasSubstr("touches 32 days"));
}

}  // namespace
}  // namespace oracode::test
