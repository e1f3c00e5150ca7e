#include "lifecycle/access_code.hpp"

#include "lifecycle/events.hpp"

namespace oracode::test {
namespace {

using lifecycle::AccessCode;
using lifecycle::Obstacle;
using lifecycle::Source;
using lifecycle::Stamp;
using lifecycle::Status;
using lifecycle::WindowEdge;

TEST(AccessCode, EachStatusIsReadFromItsOwnName) {
    for (const auto status :
         {Status::unknown, Status::unset, Status::setting, Status::set, Status::removing})
        EXPECT_EQ(lifecycle::parse_status(name(status)), status);
    EXPECT_EQ(lifecycle::parse_status("Set"), std::nullopt);
    EXPECT_EQ(lifecycle::parse_status(""), std::nullopt);
}

TEST(AccessCode, SourcesAndReasonsHaveTheNamesOfTheContract) {
    EXPECT_EQ(name(Source::webhook), "webhook");
    EXPECT_EQ(name(Source::clock), "clock");
    EXPECT_EQ(name(lifecycle::EndReason::removed), "removed");
    EXPECT_EQ(name(lifecycle::EndReason::deleted), "deleted");
    EXPECT_EQ(name(lifecycle::EndReason::expired), "expired");
}

TEST(LatestValue, TheLaterStatementHoldsInEitherOrder) {
    const Stamp early{day, false};
    const Stamp late{day + 1s, false};
    lifecycle::LatestValue<int> forward;
    forward.merge(2, early);
    forward.merge(1, late);
    lifecycle::LatestValue<int> backward;
    backward.merge(1, late);
    backward.merge(2, early);
    EXPECT_EQ(forward.value, 1);
    EXPECT_EQ(forward, backward);
}

TEST(LatestValue, OfTheSameInstantTheObjectOutranksAnEventAndTheGreaterValueDecidesATie) {
    lifecycle::LatestValue<int> value;
    value.merge(9, {day, false});
    value.merge(1, {day, true});
    EXPECT_EQ(value.value, 1);
    value.merge(5, {day, true});
    value.merge(3, {day, true});
    EXPECT_EQ(value.value, 5);
}

TEST(WindowEdge, OneAnswerWithoutItIsADoubtAndASecondTakesItAway) {
    WindowEdge edge;
    EXPECT_FALSE(edge.stated());
    edge.merge(day, {day, true});
    edge.merge(std::nullopt, {day + 1min, true});
    EXPECT_TRUE(edge.doubted());
    EXPECT_EQ(edge.value, day);
    edge.merge(std::nullopt, {day + 2min, true});
    EXPECT_EQ(edge.value, std::nullopt);
    EXPECT_TRUE(edge.stated());
}

TEST(WindowEdge, ALaterInstantEndsTheDoubt) {
    WindowEdge edge;
    edge.merge(day, {day, true});
    edge.merge(std::nullopt, {day + 1min, true});
    edge.merge(day + 1h, {day + 2min, true});
    EXPECT_FALSE(edge.doubted());
    EXPECT_EQ(edge.value, day + 1h);
}

TEST(AccessCode, IsOverdueFromTheGraceAfterTheExpectedMomentUntilItIsSetOrEnds) {
    AccessCode code;
    code.status = Status::setting;
    EXPECT_FALSE(overdue(code, day, 2min)) << "nothing is expected";
    code.expected_by = day;
    EXPECT_FALSE(overdue(code, day + 2min - 1ms, 2min));
    EXPECT_TRUE(overdue(code, day + 2min, 2min));
    code.status = Status::set;
    EXPECT_FALSE(overdue(code, day + 1h, 2min));
    code.status = Status::unset;
    code.ended = lifecycle::Ended{lifecycle::EndReason::removed, day};
    EXPECT_FALSE(overdue(code, day + 1h, 2min));
}

TEST(Obstacles, AreListedInTheOrderOfTheContractWhateverTheOrderOfTheirAdding) {
    lifecycle::Obstacles obstacles;
    EXPECT_TRUE(obstacles.empty());
    obstacles.add(Obstacle::altered);
    obstacles.add(Obstacle::not_started);
    obstacles.add(Obstacle::altered);
    EXPECT_EQ(obstacles.list(), (std::vector{Obstacle::not_started, Obstacle::altered}));
    EXPECT_TRUE(obstacles.more_than(Obstacle::not_started));
    lifecycle::Obstacles only_early;
    only_early.add(Obstacle::not_started);
    EXPECT_FALSE(only_early.more_than(Obstacle::not_started));
}

TEST(AccessCode, ASetClearsTheSettingErrorsBeforeItButNotThoseOfTheDevice) {
    auto code = after({event(lifecycle::LifecycleStep::set, day + 1h)});
    code.errors.merge(R"([{"error_code":"failed_to_set_on_device","is_access_code_error":true},)"
                      R"({"error_code":"device_offline","is_device_error":true}])",
                      {day, true});
    EXPECT_EQ(visible_errors(code), R"([{"error_code":"device_offline","is_device_error":true}])");
    code.errors.merge(R"([{"error_code":"failed_to_set_on_device","is_access_code_error":true}])",
                      {day + 2h, true});
    EXPECT_NE(visible_errors(code), "[]") << "an error after the set stands";
}

TEST(AccessCode, AnEventAddsItsErrorsToThoseOfOthersThatTheObjectStated) {
    AccessCode code;
    code.errors.merge(R"([{"error_code":"a","is_device_error":true},{"error_code":"b"}])",
                      {day, true});
    code.event_errors.merge(R"([{"error_code":"c"}])", {day + 1h, false});
    EXPECT_EQ(visible_errors(code),
              R"([{"error_code":"a","is_device_error":true},{"error_code":"c"}])");
}

}  // namespace
}  // namespace oracode::test
