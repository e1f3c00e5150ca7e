#include "lifecycle/observations.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "lifecycle/events.hpp"

namespace oracode {
namespace {

using enum lifecycle::LifecycleStep;
using lifecycle::Observation;
using lifecycle::Source;
using Observations = std::vector<Observation>;

Observations observed(const Observations& statements) {
    Observations list;
    for (const auto& statement : statements) lifecycle::observe(list, statement);
    return list;
}

TEST(Observations, StandInTheSameOrderHoweverTheyArrive) {
    Observations statements{{day + 1s, created, Source::webhook},
                            {day + 2s, unset, Source::webhook},
                            {day + 3s, setting, Source::backfill},
                            {day + 3s, set, Source::webhook}};
    const auto expected = statements;
    do {
        EXPECT_EQ(observed(statements), expected);
    } while (std::ranges::next_permutation(statements, {}, &Observation::step).found);
}

TEST(Observations, OfOneInstantSeamsObjectAndThenTheLaterStepOfLifeStandLast) {
    const Observation event{day, removed, Source::webhook};
    const Observation earlier_step{day, set, Source::webhook};
    const Observation object{day, unset, Source::poll};
    EXPECT_EQ(observed({object, event, earlier_step}), (Observations{earlier_step, event, object}));
}

TEST(Observations, ARepetitionChangesNothing) {
    const Observation statement{day, set, Source::webhook};
    EXPECT_EQ(observed({statement, statement}), Observations{statement});
}

// What only says that there is a code stands before all else, whatever its instant, and once.
TEST(Observations, TheEarliestSightingStandsFirst) {
    const Observation late{day + 9s, seen, Source::webhook};
    const Observation early{day + 1s, seen, Source::webhook};
    const Observation later_set{day, set, Source::webhook};
    for (const auto& statements :
         {Observations{late, later_set, early}, Observations{early, later_set, late}})
        EXPECT_EQ(observed(statements), (Observations{early, later_set}));
    EXPECT_TRUE(lifecycle::is_baseline(seen));
    EXPECT_TRUE(lifecycle::is_baseline(created));
    EXPECT_FALSE(lifecycle::is_baseline(set));
}

TEST(Observations, BeyondTheirBoundARepetitionGoesBeforeTheOldestWord) {
    Observations statements;
    for (std::size_t i = 0; i < lifecycle::max_observations; ++i)
        statements.push_back({day + i * 1s, i % 2 == 0 ? setting : set, Source::webhook});
    const auto last = statements.back().step;
    statements.push_back({day + 1h, last, Source::webhook});
    const auto kept = observed(statements);
    ASSERT_EQ(kept.size(), lifecycle::max_observations);
    EXPECT_EQ(kept.front(), statements.front()) << "the last one only repeated its predecessor";
    statements.back().step = last == set ? setting : set;
    const auto shortened = observed(statements);
    ASSERT_EQ(shortened.size(), lifecycle::max_observations);
    EXPECT_EQ(shortened.front(), statements[1]);
    EXPECT_EQ(shortened.back(), statements.back());
}

TEST(Observations, AreSortedAgainAfterAnInstantOfThemWasChanged) {
    Observations list{{day, set, Source::webhook}, {day + 1s, removing, Source::webhook}};
    list.front().at = day + 2s;
    lifecycle::sort_observations(list);
    EXPECT_EQ(list.back().step, set);
}

}  // namespace
}  // namespace oracode
