#include "userlevel/match.hpp"

#include <gtest/gtest.h>

#include "userlevel/locks.hpp"

namespace oracode::test {
namespace {

const Timestamp early = instant_of("2024-01-01T00:00:00Z");

WindowRequest stay(const char* starts_at, const char* ends_at, const char* rounding = "") {
    return {starts_at, ends_at, rounding, false, false};
}

const WindowRequest seams_stay = stay("2024-09-10T07:00:00-07:00", "2024-09-15T19:00:00-07:00");

// Empty if the rule is not broken.
std::string detail_of(const Verdict& verdict, Rule rule) {
    for (const auto& violation : verdict.violations)
        if (violation.rule == rule) return violation.detail;
    return {};
}

TEST(Check, TakesSeamsHourlyExample) {
    auto lock = lock_of("LA 07:00-19:00");
    lock.time_slots[0].name = "Guest RCI D 7am-7pm";
    const auto verdict = check(lock, seams_stay, early, {});
    ASSERT_TRUE(verdict.ok()) << codes_of(verdict);
    EXPECT_EQ(verdict.match->time_slot, lock.time_slots[0]);
    EXPECT_EQ(verdict.match->window.starts_at, instant_of("2024-09-10T14:00:00.000Z"));
    EXPECT_EQ(verdict.match->window.ends_at, instant_of("2024-09-16T02:00:00.000Z"));
    EXPECT_EQ(verdict.match->window.local_starts_at, "2024-09-10T07:00:00-07:00");
    EXPECT_EQ(verdict.match->window.local_ends_at, "2024-09-15T19:00:00-07:00");
    EXPECT_TRUE(verdict.nearest.empty());
}

TEST(Check, TakesSeamsDailyExample) {
    const auto verdict =
        check(lock_of("LA 07:00-19:00 00:00-23:59d"),
              stay("2024-09-16T00:00:00-07:00", "2024-09-18T23:59:00-07:00", "1d"), early, {});
    ASSERT_TRUE(verdict.ok()) << codes_of(verdict);
    EXPECT_TRUE(verdict.match->time_slot.is_24_hour);
    EXPECT_EQ(verdict.match->window.starts_at, instant_of("2024-09-16T07:00:00.000Z"));
    EXPECT_EQ(verdict.match->window.ends_at, instant_of("2024-09-19T06:59:00.000Z"));
}

TEST(Check, TakesSeamsRoundedExampleAndSaysHowFarEachEndMoved) {
    const auto verdict =
        check(lock_of("LA 16:00-10:00"),
              stay("2024-09-10T15:45:00-07:00", "2024-09-15T10:15:00-07:00"), early, {});
    ASSERT_TRUE(verdict.ok()) << codes_of(verdict);
    EXPECT_EQ(verdict.match->window.local_starts_at, "2024-09-10T16:00:00-07:00");
    EXPECT_EQ(verdict.match->window.local_ends_at, "2024-09-15T10:00:00-07:00");
    EXPECT_EQ(verdict.match->start_moved, std::chrono::minutes{15});
    EXPECT_EQ(verdict.match->end_moved, std::chrono::minutes{-15});
}

TEST(Check, SendsTheLocksOffsetWhateverOffsetWasGiven) {
    const auto verdict =
        check(lock_of("LA 07:00-19:00"), stay("2024-11-02T16:00:00+02:00", "2024-11-04T03:00:00Z"),
              early, {});
    ASSERT_TRUE(verdict.ok()) << codes_of(verdict);
    EXPECT_EQ(verdict.match->window.local_starts_at, "2024-11-02T07:00:00-07:00");
    EXPECT_EQ(verdict.match->window.local_ends_at, "2024-11-03T19:00:00-08:00");
}

TEST(Check, TakesALockThatTellsItsZoneOnlyInASlot) {
    auto lock = lock_of("LA 07:00-19:00");
    lock.iana_timezone.clear();
    lock.time_slots[0].check_in_time = "07:00:00-08:00[America/Los_Angeles]";
    EXPECT_TRUE(check(lock, seams_stay, early, {}).ok());
}

TEST(Check, NeedsACapabilityThatIsPresentAndTrue) {
    auto lock = lock_of("LA 07:00-19:00");
    lock.can_program_offline_access_codes = false;
    EXPECT_EQ(codes_of(check(lock, seams_stay, early, {})), "offline_codes_not_supported");
    lock.can_program_offline_access_codes.reset();
    EXPECT_EQ(codes_of(check(lock, seams_stay, early, {})), "offline_codes_not_supported");
}

TEST(Check, NeedsAZoneItKnows) {
    auto lock = lock_of("LA 07:00-19:00");
    lock.iana_timezone = "Mars/Olympus";
    const auto unknown = check(lock, seams_stay, early, {});
    EXPECT_EQ(codes_of(unknown), "time_zone_unknown");
    EXPECT_NE(detail_of(unknown, Rule::time_zone_unknown).find("Mars/Olympus"), std::string::npos);
    lock.iana_timezone.clear();
    lock.time_slots[0].check_in_time = "07:00:00";
    lock.time_slots[0].check_out_time = "19:00:00";
    EXPECT_EQ(codes_of(check(lock, seams_stay, early, {})), "time_zone_unknown");
}

TEST(Check, LeavesPinAndSingleUseToTheMaker) {
    const auto lock = lock_of("LA 07:00-19:00");
    auto request = seams_stay;
    request.code_chosen = true;
    EXPECT_EQ(codes_of(check(lock, request, early, {})), "code_not_selectable");
    request.one_time_use = true;
    EXPECT_EQ(codes_of(check(lock, request, early, {})),
              "code_not_selectable one_time_use_not_supported");
}

TEST(Check, CountsTheCodesOfTheLockAndOfTheLastMinute) {
    const auto lock = lock_of("LA 07:00-19:00");
    const auto codes = [&](Usage usage) { return codes_of(check(lock, seams_stay, early, usage)); };
    EXPECT_EQ(codes({1'000'000, 0, 0}), "");
    EXPECT_EQ(codes({19, 20, 0}), "");
    EXPECT_EQ(codes({20, 20, 0}), "code_limit_reached");
    EXPECT_EQ(codes({21, 20, 0}), "code_limit_reached");
    EXPECT_EQ(codes({0, 0, 9}), "");
    EXPECT_EQ(codes({0, 0, 10}), "creations_too_fast");
    EXPECT_EQ(codes({20, 20, 10}), "code_limit_reached creations_too_fast");
}

TEST(Check, StillNamesTheSlotWhenOnlyALimitForbidsTheCode) {
    const auto verdict = check(lock_of("LA 07:00-19:00"), seams_stay, early, {20, 20, 10});
    ASSERT_TRUE(verdict.match);
    EXPECT_EQ(verdict.match->time_slot.name, "07:00-19:00");
    EXPECT_TRUE(verdict.nearest.empty());
}

TEST(Check, TellsEveryBrokenRuleAtOnce) {
    auto lock = lock_of("LA 07:00-19:00m");
    lock.can_program_offline_access_codes = false;
    auto request = stay("2024-01-01T09:00:00+02:00", "2024-03-01T15:00:00Z");
    request.code_chosen = true;
    request.one_time_use = true;
    EXPECT_EQ(codes_of(check(lock, request, instant_of("2024-04-01T00:00:00Z"), {5, 5, 10})),
              "code_not_selectable one_time_use_not_supported offline_codes_not_supported "
              "ends_in_the_past no_matching_time_slot offset_not_of_the_lock too_many_days "
              "code_limit_reached creations_too_fast");
    lock.iana_timezone = "Nowhere";
    lock.time_slots.clear();
    EXPECT_EQ(codes_of(check(lock, stay("x", "2024-03-01T15:00:00", "2h"), early, {})),
              "starts_at_malformed ends_at_without_offset max_time_rounding_unknown "
              "offline_codes_not_supported no_time_slots time_zone_unknown");
}

TEST(Check, CountsAnEndAtThisVeryMomentAsPast) {
    const auto lock = lock_of("LA 07:00-19:00");
    const auto request = stay("2024-09-10T07:00:00-07:00", "2024-09-10T21:30:00-07:00");
    const auto end = instant_of("2024-09-10T21:30:00-07:00");
    EXPECT_EQ(codes_of(check(lock, request, end, {})), "ends_in_the_past no_matching_time_slot");
    EXPECT_EQ(codes_of(check(lock, request, end - Duration{1}, {})), "no_matching_time_slot");
}

TEST(Check, TellsMalformedFromBroken) {
    const auto lock = lock_of("LA 07:00-19:00");
    EXPECT_TRUE(check(lock, stay("x", "2024-03-01T15:00:00Z"), early, {}).malformed());
    EXPECT_TRUE(check(lock, stay("2024-09-10T07:00:00", "2024-09-15T19:00:00-07:00"), early, {})
                    .malformed());
    EXPECT_FALSE(check(lock, seams_stay, early, {}).malformed());
    EXPECT_FALSE(
        check(lock, stay("2024-09-10T09:00:00Z", "2024-09-15T19:00:00Z"), early, {}).malformed());
}

TEST(Check, NeverMatchesALevelWithoutReadableTimes) {
    auto lock = lock_of("LA 07:00-19:00");
    lock.time_slots[0].check_out_time = "soon";
    const auto verdict = check(lock, seams_stay, early, {});
    EXPECT_EQ(codes_of(verdict), "no_matching_time_slot time_slot_unreadable");
    EXPECT_EQ(detail_of(verdict, Rule::time_slot_unreadable),
              "Seam shows times that cannot be read for the time slots '07:00-19:00' "
              "('07:00:00[America/Los_Angeles]' to 'soon'), so it is not known whether they would "
              "fit.");
    EXPECT_TRUE(verdict.nearest.empty());
    lock.iana_timezone.clear();
    lock.time_slots[0].check_in_time = "7 o'clock";
    EXPECT_EQ(codes_of(check(lock, seams_stay, early, {})),
              "time_zone_unknown time_slot_unreadable");
}

TEST(Check, NamesAnUnreadableLevelOnlyWhereNoOtherFits) {
    auto lock = lock_of("LA 07:00-19:00 08:00-20:00");
    lock.time_slots[1].check_in_time = "24:00:00";
    EXPECT_EQ(codes_of(check(lock, seams_stay, early, {})), "");
    lock.time_slots[1].is_master = true;
    EXPECT_EQ(codes_of(check(lock, stay("2024-09-10T08:30:00-07:00", "2024-09-15T20:00:00-07:00"),
                             early, {})),
              "no_matching_time_slot");
}

TEST(Check, NamesThePlainLevelBeforeABiweeklyOneThatFitsEqually) {
    const auto lock = lock_of("LA 07:00-19:00b 07:00-19:00");
    EXPECT_EQ(check(lock, seams_stay, early, {}).match->time_slot.name, "07:00-19:00");
    const auto off =
        check(lock, stay("2024-09-10T10:00:00-07:00", "2024-09-15T22:00:00-07:00"), early, {});
    ASSERT_FALSE(off.nearest.empty());
    EXPECT_EQ(off.nearest.front().time_slot.name, "07:00-19:00");
}

TEST(Check, SpeaksToThePersonAtTheDesk) {
    const auto verdict =
        check(lock_of("LA 07:00-19:00 16:00-10:00"),
              stay("2024-09-10T07:00:00+02:00", "2024-09-15T19:00:00+02:00"), early, {});
    EXPECT_EQ(detail_of(verdict, Rule::no_matching_time_slot),
              "No time slot of the lock is within one hour of Mon 9 Sep 2024 22:00 to "
              "Sun 15 Sep 2024 10:00 (lock's time, America/Los_Angeles). It has: "
              "07:00-19:00 07:00 to 19:00; 16:00-10:00 16:00 to 10:00.");
    EXPECT_EQ(detail_of(verdict, Rule::offset_not_of_the_lock),
              "starts_at was given in UTC+02:00, but the lock is at UTC-07:00 then: there it is "
              "Mon 9 Sep 2024 22:00. ends_at was given in UTC+02:00, but the lock is at UTC-07:00 "
              "then: there it is Sun 15 Sep 2024 10:00. Meant in the lock's own time, write "
              "2024-09-10T07:00:00-07:00 to 2024-09-15T19:00:00-07:00.");
    const auto longer =
        check(lock_of("LA 07:00-19:00"),
              stay("2024-09-01T07:00:00-07:00", "2024-10-02T19:00:00-07:00"), early, {});
    EXPECT_EQ(detail_of(longer, Rule::too_many_days),
              "A code is valid on 31 consecutive days at most; Sun 1 Sep 2024 07:00 to "
              "Wed 2 Oct 2024 19:00 touches 32 days at the lock.");
}

TEST(Check, HasAnAnswerAtBothEndsOfTime) {
    const auto lock = lock_of("Apia 07:00-19:00 00:00-23:59d");
    const auto all = stay("0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1d");
    EXPECT_EQ(codes_of(check(lock, all, early, {})), "too_many_days");
    const auto last = stay("9999-12-31T18:00:00Z", "9999-12-31T23:59:59Z");
    EXPECT_EQ(codes_of(check(lock, last, early, {})),
              "no_matching_time_slot offset_not_of_the_lock");
    const auto first = stay("0000-01-01T18:00:00Z", "0000-01-01T00:00:00Z");
    const auto verdict = check(lock, first, early, {});
    EXPECT_NE(detail_of(verdict, Rule::ends_in_the_past), "");
    ASSERT_FALSE(verdict.nearest.empty());
    EXPECT_GT(verdict.nearest.front().window.ends_at, early);
}

TEST(Check, EverySentenceIsOneAndEveryCodeIsItsOwn) {
    std::string previous;
    for (int n = 0; n <= static_cast<int>(Rule::creations_too_fast); ++n) {
        const std::string name{code(static_cast<Rule>(n))};
        EXPECT_NE(name, "unnamed");
        EXPECT_NE(name, previous);
        EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string::npos) << name;
        previous = name;
    }
}

}  // namespace
}  // namespace oracode::test
