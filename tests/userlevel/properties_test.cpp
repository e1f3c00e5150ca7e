// What holds of every request, tried on random locks and stays around the clock changes of six
// zones.
#include <array>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "userlevel/locks.hpp"
#include "userlevel/time_of_day.hpp"

namespace oracode::test {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Fixed, so that a failure comes back; it is printed with the request.
constexpr unsigned seed = 20240910;
constexpr int cases = 4'000;

struct Case {
    std::string lock_text;
    WindowRequest request;
    Timestamp starts_at;
    Timestamp ends_at;
    Timestamp now;

    [[nodiscard]] std::string text() const {
        return fmt::format("{} from {} to {} within '{}' at {}", lock_text, request.starts_at,
                           request.ends_at, request.max_time_rounding, format_rfc3339(now));
    }
};

class Cases {
public:
    Case next() {
        static constexpr std::array places{"LA", "Berlin", "Kolkata", "Howe", "Apia", "Paulo"};
        // A few weeks around these are where clocks change in one of the places.
        static constexpr std::array centres{"2026-03-08T10:00:00Z", "2026-11-01T09:00:00Z",
                                            "2026-10-25T01:00:00Z", "2026-04-04T15:00:00Z",
                                            "2026-10-03T15:30:00Z", "2011-12-30T10:00:00Z",
                                            "2018-11-04T03:00:00Z", "2018-02-18T02:00:00Z"};
        Case c;
        c.lock_text = places.at(pick(places.size()));
        for (auto n = 1 + pick(4); n > 0; --n) c.lock_text += ' ' + level();
        const auto centre = instant_of(centres.at(pick(centres.size())));
        c.starts_at = centre + minutes{between(-20 * 24 * 60, 5 * 24 * 60)};
        c.ends_at = c.starts_at + minutes{between(-600, 600) + between(0, 20) * 24 * 60};
        if (pick(10) == 0) c.ends_at += days{between(10, 400)};
        c.now = pick(4) == 0 ? c.ends_at + minutes{between(-3000, 3000)} : c.starts_at - days{30};
        c.request.starts_at = format_rfc3339(c.starts_at);
        c.request.ends_at = format_rfc3339(c.ends_at);
        c.request.max_time_rounding = pick(2) == 0 ? "1h" : "1d";
        return c;
    }

private:
    int between(int first, int last) { return std::uniform_int_distribution{first, last}(random_); }
    std::size_t pick(std::size_t count) {
        return std::uniform_int_distribution<std::size_t>{0, count - 1}(random_);
    }
    std::string clock() {
        static constexpr std::array minutes_past{0, 15, 30, 45, 59};
        return fmt::format("{:02}:{:02}", pick(24), minutes_past.at(pick(minutes_past.size())));
    }
    std::string level() {
        static constexpr std::array flags{"", "", "", "d", "d", "b", "db", "m", "o"};
        return clock() + '-' + clock() + flags.at(pick(flags.size()));
    }

    std::mt19937 random_{seed};
};

WindowRequest request_of(const Window& window) {
    return {window.local_starts_at, window.local_ends_at, "", false, false};
}

Duration apart(const Case& c, const Window& window) {
    return std::chrono::abs(window.starts_at - c.starts_at) +
           std::chrono::abs(window.ends_at - c.ends_at);
}

TEST(EveryOffer, IsTakenUnchangedWhenAskedFor) {
    Cases random;
    int offers = 0;
    for (int n = 0; n < cases; ++n) {
        const auto c = random.next();
        const auto lock = lock_of(c.lock_text);
        for (const auto& offer : check(lock, c.request, c.now, {}).nearest) {
            ++offers;
            const auto again = check(lock, request_of(offer.window), c.now, {});
            ASSERT_TRUE(again.ok()) << codes_of(again) << "\n" << c.text();
            EXPECT_EQ(again.match->window, offer.window) << c.text();
            EXPECT_EQ(again.match->time_slot, offer.time_slot) << c.text();
        }
    }
    EXPECT_GT(offers, cases);
}

TEST(EveryOffer, SaysHowFarItIsAndTheNearestComesFirst) {
    Cases random;
    for (int n = 0; n < cases; ++n) {
        const auto c = random.next();
        seconds previous{0};
        for (const auto& offer : check(lock_of(c.lock_text), c.request, c.now, {}).nearest) {
            EXPECT_EQ(offer.distance, apart(c, offer.window)) << c.text();
            EXPECT_GE(offer.distance, previous) << c.text();
            EXPECT_EQ(instant_of(offer.window.local_starts_at), offer.window.starts_at);
            EXPECT_EQ(instant_of(offer.window.local_ends_at), offer.window.ends_at);
            previous = offer.distance;
        }
    }
}

// Every window of the level within four dates of the request, found without any search.
Duration nearest_by_trying_all(const Lock& lock, const Case& c) {
    const auto zone = Zone::find(lock.iana_timezone).value();
    auto best = Duration::max();
    for (const auto& level : lock.time_slots) {
        if (level.is_master || level.is_one_shot) continue;
        Lock one = lock;
        one.time_slots = {level};
        for (int from = -4; from <= 4; ++from) {
            for (int to = -4; to <= 4; ++to) {
                const auto start = zone.instant(
                    zone.day(c.starts_at) + days{from},
                    parse_time_of_day(level.check_in_time)->since_midnight, End::check_in);
                const auto end = zone.instant(
                    zone.day(c.ends_at) + days{to},
                    parse_time_of_day(level.check_out_time)->since_midnight, End::check_out);
                if (!start || !end) continue;
                const auto window = make_window(zone, *start, *end);
                if (apart(c, window) >= best) continue;
                if (check(one, request_of(window), c.now, {}).ok()) best = apart(c, window);
            }
        }
    }
    return best;
}

TEST(EveryOffer, IsBeatenByNoWindowTriedByHand) {
    Cases random;
    int compared = 0;
    for (int n = 0; n < cases / 4; ++n) {
        const auto c = random.next();
        const bool ordinary = c.starts_at < c.ends_at && c.ends_at - c.starts_at < days{10} &&
                              c.now < c.starts_at - days{10};
        if (!ordinary) continue;
        const auto lock = lock_of(c.lock_text);
        const auto verdict = check(lock, c.request, c.now, {});
        if (verdict.match || verdict.nearest.empty()) continue;
        ++compared;
        EXPECT_LE(Duration{verdict.nearest.front().distance}, nearest_by_trying_all(lock, c))
            << c.text();
    }
    EXPECT_GT(compared, 50);
}

TEST(EveryMatch, IsWithinTheRoundingAndStaysWhatItIs) {
    Cases random;
    int matches = 0;
    for (int n = 0; n < cases; ++n) {
        const auto c = random.next();
        const auto lock = lock_of(c.lock_text);
        const auto verdict = check(lock, c.request, c.now, {});
        if (!verdict.match) continue;
        ++matches;
        const auto& window = verdict.match->window;
        const auto limit = c.request.max_time_rounding == "1h" ? hours{1} : hours{24};
        EXPECT_LE(std::chrono::abs(window.starts_at - c.starts_at), limit) << c.text();
        EXPECT_LE(std::chrono::abs(window.ends_at - c.ends_at), limit) << c.text();
        EXPECT_EQ(window.starts_at - c.starts_at, verdict.match->start_moved);
        EXPECT_EQ(window.ends_at - c.ends_at, verdict.match->end_moved);
        const auto again = check(lock, request_of(window), c.now, {});
        ASSERT_TRUE(again.ok()) << codes_of(again) << "\n" << c.text();
        EXPECT_EQ(again.match->window, window) << c.text();
        const auto zone = Zone::find(lock.iana_timezone).value();
        EXPECT_LE(zone.calendar_days(window.starts_at, window.ends_at), days{31});
        EXPECT_GT(window.ends_at, c.now);
    }
    EXPECT_GT(matches, cases / 20);
}

TEST(EveryVerdict, NamesEachRuleOnceInOrderAndOffersOnlyWhereNothingMatched) {
    Cases random;
    for (int n = 0; n < cases; ++n) {
        const auto c = random.next();
        const auto verdict = check(lock_of(c.lock_text), c.request, c.now, {});
        EXPECT_EQ(verdict.ok(), verdict.match.has_value()) << c.text();
        EXPECT_FALSE(verdict.match && !verdict.nearest.empty()) << c.text();
        for (std::size_t i = 1; i < verdict.violations.size(); ++i)
            EXPECT_LT(verdict.violations[i - 1].rule, verdict.violations[i].rule) << c.text();
        for (const auto& violation : verdict.violations)
            EXPECT_TRUE(violation.detail.ends_with('.')) << violation.detail;
    }
}

TEST(EveryLevel, TakesItsOwnNextWindow) {
    Cases random;
    for (int n = 0; n < cases; ++n) {
        const auto c = random.next();
        const auto lock = lock_of(c.lock_text);
        const auto zone = Zone::find(lock.iana_timezone).value();
        for (const auto& level : lock.time_slots) {
            if (!is_usable(level)) continue;
            const auto window = next_window(level, zone, c.now);
            ASSERT_TRUE(window) << c.text();
            EXPECT_GE(window->starts_at, c.now);
            const auto verdict = check(lock, request_of(*window), c.now, {});
            ASSERT_TRUE(verdict.ok()) << codes_of(verdict) << "\n" << c.text();
            EXPECT_EQ(verdict.match->window, *window);
        }
    }
}

}  // namespace
}  // namespace oracode::test
