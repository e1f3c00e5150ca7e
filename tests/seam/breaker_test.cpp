#include "seam/breaker.hpp"

#include <gtest/gtest.h>

namespace oracode::seam {
namespace {

using namespace std::chrono_literals;

const Timestamp start = *parse_rfc3339("2026-03-05T15:00:00Z");

BreakerOptions options() {
    BreakerOptions chosen;
    chosen.failures_to_open = 3;
    chosen.shortest = 5s;
    chosen.longest = 5min;
    chosen.bad_key_interval = 1h;
    chosen.probe_limit = 2min;
    return chosen;
}

// 0.5 is no jitter.
Breaker breaker(double random = 0.5) {
    return {options(), [random] { return random; }};
}

// Fails until it is open, all at `now`.
void open(Breaker& breaker, Timestamp now) {
    for (int i = 0; i < 3; ++i) (void)breaker.record(Outcome::unreachable, now);
}

TEST(Breaker, LetsAllThroughWhileSeamAnswers) {
    auto circuit = breaker();
    for (int i = 0; i < 100; ++i) {
        EXPECT_TRUE(circuit.allow(start));
        EXPECT_EQ(circuit.record(Outcome::answered, start), std::nullopt);
    }
    EXPECT_EQ(circuit.state(start), BreakerState::closed);
    EXPECT_EQ(circuit.next_allowed(start), start);
}

TEST(Breaker, OpensAfterFailuresInARowOnly) {
    auto circuit = breaker();
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(circuit.record(Outcome::unreachable, start), std::nullopt);
        EXPECT_EQ(circuit.record(Outcome::unreachable, start), std::nullopt);
        EXPECT_EQ(circuit.record(Outcome::answered, start), std::nullopt);
    }
    EXPECT_EQ(circuit.record(Outcome::unreachable, start), std::nullopt);
    EXPECT_EQ(circuit.record(Outcome::unreachable, start), std::nullopt);
    EXPECT_EQ(circuit.record(Outcome::unreachable, start), BreakerState::open);
    EXPECT_EQ(circuit.state(start), BreakerState::open);
    EXPECT_FALSE(circuit.allow(start));
    EXPECT_EQ(circuit.next_allowed(start), start + 5s);
    EXPECT_FALSE(circuit.allow(start + 5s - 1ms));
}

TEST(Breaker, SendsOneToFindOutAndClosesOnItsAnswer) {
    auto circuit = breaker();
    open(circuit, start);
    const auto due = start + 5s;
    EXPECT_EQ(circuit.state(due), BreakerState::half_open);
    EXPECT_TRUE(circuit.allow(due));
    EXPECT_FALSE(circuit.allow(due)) << "one is enough";
    EXPECT_EQ(circuit.state(due), BreakerState::half_open);
    EXPECT_EQ(circuit.record(Outcome::answered, due + 1s), BreakerState::closed);
    EXPECT_TRUE(circuit.allow(due + 1s));
    EXPECT_TRUE(circuit.allow(due + 1s));
}

TEST(Breaker, WaitsTwiceAsLongEachTimeUpToTheLongest) {
    auto circuit = breaker();
    open(circuit, start);
    auto now = start;
    for (const auto wait : {5s, 10s, 20s, 40s, 80s, 160s, 300s, 300s}) {
        EXPECT_EQ(circuit.next_allowed(now), now + wait);
        now += wait;
        ASSERT_TRUE(circuit.allow(now));
        EXPECT_EQ(circuit.record(Outcome::unreachable, now), std::nullopt) << "was said before";
        EXPECT_EQ(circuit.state(now), BreakerState::open);
    }
    now = circuit.next_allowed(now);
    ASSERT_TRUE(circuit.allow(now));
    EXPECT_EQ(circuit.record(Outcome::answered, now), BreakerState::closed);
    open(circuit, now);
    EXPECT_EQ(circuit.next_allowed(now), now + 5s) << "an answer makes it forget";
}

TEST(Breaker, JitterIsAQuarterEachWay) {
    auto least = breaker(0.0);
    auto most = breaker(1.0);
    open(least, start);
    open(most, start);
    EXPECT_EQ(least.next_allowed(start), start + 3750ms);
    EXPECT_EQ(most.next_allowed(start), start + 6250ms);
}

TEST(Breaker, FailuresSentBeforeItOpenedDoNotProlongIt) {
    auto circuit = breaker();
    open(circuit, start);
    EXPECT_EQ(circuit.record(Outcome::unreachable, start + 4s), std::nullopt);
    EXPECT_EQ(circuit.next_allowed(start + 4s), start + 5s);
}

TEST(Breaker, AnAnswerSentBeforeItOpenedClosesIt) {
    auto circuit = breaker();
    open(circuit, start);
    EXPECT_EQ(circuit.record(Outcome::answered, start + 1s), BreakerState::closed);
}

TEST(Breaker, DoesNotWaitForeverForAProbeWhoseOutcomeNobodyTells) {
    auto circuit = breaker();
    open(circuit, start);
    ASSERT_TRUE(circuit.allow(start + 5s));
    EXPECT_EQ(circuit.next_allowed(start + 6s), start + 5s + 2min);
    EXPECT_TRUE(circuit.allow(start + 5s + 2min));
}

// Refuses until the key counts as bad, all at `now`.
void refuse(Breaker& breaker, Timestamp now) {
    for (int i = 0; i < 3; ++i) (void)breaker.record(Outcome::key_refused, now);
}

TEST(Breaker, OneRefusalOfAKeyStopsNothing) {
    auto circuit = breaker();
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(circuit.record(Outcome::key_refused, start), std::nullopt);
        EXPECT_EQ(circuit.record(Outcome::key_refused, start), std::nullopt);
        EXPECT_TRUE(circuit.allow(start));
        EXPECT_EQ(circuit.record(Outcome::answered, start), std::nullopt);
    }
    refuse(circuit, start);
    EXPECT_EQ(circuit.state(start), BreakerState::bad_key);
}

TEST(Breaker, ABadKeyIsSaidOnceAndTriedSoonThenSeldom) {
    auto circuit = breaker();
    EXPECT_EQ(circuit.record(Outcome::key_refused, start), std::nullopt);
    EXPECT_EQ(circuit.record(Outcome::key_refused, start), std::nullopt);
    EXPECT_EQ(circuit.record(Outcome::key_refused, start), BreakerState::bad_key);
    EXPECT_FALSE(circuit.allow(start));
    auto now = start;
    for (const auto wait : {5s, 10s, 20s, 40s, 80s, 160s, 320s, 640s, 1280s, 2560s, 3600s, 3600s}) {
        EXPECT_EQ(circuit.next_allowed(now), now + wait);
        now += wait;
        ASSERT_TRUE(circuit.allow(now));
        EXPECT_FALSE(circuit.allow(now));
        EXPECT_EQ(circuit.record(Outcome::key_refused, now), std::nullopt);
        EXPECT_EQ(circuit.state(now), BreakerState::bad_key);
    }
    now += 1h;
    ASSERT_TRUE(circuit.allow(now));
    EXPECT_EQ(circuit.record(Outcome::answered, now), BreakerState::closed);
}

TEST(Breaker, ABadKeyIsNotForgottenBecauseSeamIsAway) {
    auto circuit = breaker();
    refuse(circuit, start);
    const auto now = start + 5s;
    ASSERT_TRUE(circuit.allow(now));
    EXPECT_EQ(circuit.record(Outcome::unreachable, now), std::nullopt);
    EXPECT_EQ(circuit.state(now), BreakerState::bad_key);
    EXPECT_EQ(circuit.next_allowed(now), now + 5min);
}

TEST(Breaker, ANewKeyGetsItsChanceAtOnce) {
    auto circuit = breaker();
    refuse(circuit, start);
    circuit.key_changed();
    EXPECT_EQ(circuit.state(start), BreakerState::closed);
    EXPECT_TRUE(circuit.allow(start));
    EXPECT_EQ(circuit.record(Outcome::key_refused, start), std::nullopt);
}

TEST(Breaker, ANewKeyMakesNoServerCome) {
    auto circuit = breaker();
    open(circuit, start);
    circuit.key_changed();
    EXPECT_EQ(circuit.state(start), BreakerState::open);
    EXPECT_FALSE(circuit.allow(start));
}

TEST(Breaker, AClockSetBackStopsNothing) {
    auto circuit = breaker();
    open(circuit, start);
    EXPECT_LE(circuit.next_allowed(start - 24h), start - 24h + 5s);
}

TEST(Breaker, KnowsWhichErrorsSayWhat) {
    const auto of = [](Errc code, bool answered = false) {
        CallError error;
        error.code = code;
        error.answered = answered;
        return outcome_of(error);
    };
    EXPECT_EQ(of(Errc::seam_unreachable, true), Outcome::answered);
    EXPECT_EQ(of(Errc::unauthenticated), Outcome::key_refused);
    EXPECT_EQ(of(Errc::forbidden), Outcome::key_refused);
    EXPECT_EQ(of(Errc::seam_unreachable), Outcome::unreachable);
    EXPECT_EQ(of(Errc::not_found), Outcome::answered);
    EXPECT_EQ(of(Errc::seam_refused), Outcome::answered);
    EXPECT_EQ(of(Errc::seam_rate_limited), Outcome::answered);
    EXPECT_EQ(of(Errc::overloaded), std::nullopt);
    EXPECT_EQ(of(Errc::invalid_argument), std::nullopt);
}

TEST(Breaker, NamesItsStatesForMetrics) {
    EXPECT_EQ(name(BreakerState::closed), "closed");
    EXPECT_EQ(name(BreakerState::open), "open");
    EXPECT_EQ(name(BreakerState::half_open), "half_open");
    EXPECT_EQ(name(BreakerState::bad_key), "bad_key");
}

}  // namespace
}  // namespace oracode::seam
