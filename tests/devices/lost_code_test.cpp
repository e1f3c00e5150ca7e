// Which of a lock's codes is the one whose answer was lost: by lists and fetches made by hand.
#include "devices/lost_code.hpp"

#include <set>

#include <gtest/gtest.h>

#include "tests/devices/statements.hpp"

namespace oracode::devices {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

class LostCode : public testing::Test {
protected:
    LostCodeSearch search(std::optional<std::string> name = "Ada") {
        return LostCodeSearch(
            {"lock1",
             std::move(name),
             {instant("2024-09-10T14:00:00Z"), instant("2024-09-16T02:00:00Z"), requested_at},
             [this](const std::string& id, Duration) { return others_.contains(id); }});
    }
    // The id that is to be fetched; empty where the search is over.
    static std::string to_fetch(const LostCodeSearch::Next& next) {
        const auto* fetch = std::get_if<LostCodeSearch::Fetch>(&next);
        return fetch != nullptr ? fetch->access_code_id : "";
    }
    static std::string found(const LostCodeSearch::Next& next) {
        const auto& traces = std::get<SeamResult<Traces>>(next).value();
        return traces.code ? traces.code->event.access_code_id : "";
    }
    static std::string doubtful(const LostCodeSearch::Next& next) {
        return std::get<SeamResult<Traces>>(next).value().doubtful;
    }
    static json::object with(json::object code, std::string_view member, json::value value) {
        code[member] = std::move(value);
        return code;
    }

    std::set<std::string> others_;
};

TEST_F(LostCode, TheSameWindowAndNameIsFoundInTheListWithoutAFetch) {
    EXPECT_EQ(found(search().listed({listed(code_of_ada("lost"))})), "lost");
    EXPECT_EQ(found(search().listed({listed(with(code_of_ada(), "name", " Ada\t"))})), "lost");
    EXPECT_EQ(found(search(std::nullopt).listed({listed(code_of_ada())})), "lost");
    const auto cut = with(code_of_ada(), "name", "Augusta Ada");
    EXPECT_EQ(found(search("Augusta Ada King, Countess of Lovelace").listed({listed(cut)})),
              "lost");
}

TEST_F(LostCode, AnotherNameOrAnEarlierTimeOfMakingIsRuledOutByTheList) {
    const auto none = search().listed({});
    EXPECT_EQ(found(none), "");
    EXPECT_EQ(doubtful(none), "");
    for (const auto& [member, value] : {std::pair{"name", "Grace"}, std::pair{"name", "Ad"},
                                        std::pair{"created_at", "2024-08-31T23:54:59.999Z"}}) {
        const auto next = search().listed({listed(with(code_of_ada(), member, value))});
        EXPECT_EQ(to_fetch(next), "") << member;
        EXPECT_EQ(found(next), "") << member;
    }
    EXPECT_EQ(found(search().listed(
                  {listed(with(code_of_ada(), "created_at", "2024-08-31T23:55:00.000Z"))})),
              "lost")
        << "clocks may differ by five minutes";
}

TEST_F(LostCode, ACodeThatIsKnownToBeAnotherIsNeitherTakenNorFetched) {
    others_ = {"lost"};
    const auto next = search().listed({listed(code_of_ada())});
    EXPECT_EQ(to_fetch(next), "");
    EXPECT_EQ(found(next), "");
}

TEST_F(LostCode, EveryCandidateIsFetchedBeforeTheSearchIsOver) {
    auto far = with(code_of_ada("a"), "starts_at", "2024-10-10T14:00:00.000Z");
    far["ends_at"] = "2024-10-16T02:00:00.000Z";
    auto without = code_of_ada("b");
    without.erase("starts_at");
    auto looking = search();
    auto next = looking.listed({listed(far), listed(without)});
    EXPECT_EQ(to_fetch(next), "a") << "what a list tells of a window decides nothing";
    next = looking.fetched(shown(far));
    EXPECT_EQ(to_fetch(next), "b");
    next = looking.fetched(shown(code_of_ada("b")));
    EXPECT_EQ(found(next), "b");
}

TEST_F(LostCode, AWindowAnHourOffIsTakenWhereNoOtherFitsBetter) {
    const auto near = with(code_of_ada("near"), "starts_at", "2024-09-10T15:00:00.000Z");
    auto looking = search();
    EXPECT_EQ(to_fetch(looking.listed({listed(near)})), "near");
    EXPECT_EQ(found(looking.fetched(shown(near))), "near");

    auto windowless = code_of_ada("exact");
    windowless.erase("ends_at");
    auto choosing = search();
    EXPECT_EQ(to_fetch(choosing.listed({listed(near), listed(windowless)})), "near");
    EXPECT_EQ(to_fetch(choosing.fetched(shown(near))), "exact");
    EXPECT_EQ(found(choosing.fetched(shown(code_of_ada("exact")))), "exact");

    const auto beyond = with(code_of_ada("beyond"), "starts_at", "2024-09-10T15:00:00.001Z");
    auto doubting = search();
    EXPECT_EQ(to_fetch(doubting.listed({listed(beyond)})), "beyond");
    const auto over = doubting.fetched(shown(beyond));
    EXPECT_EQ(found(over), "");
    EXPECT_EQ(doubtful(over), "beyond") << "its window overlaps the order's";
}

TEST_F(LostCode, WhatAGetCannotSettleStaysInDoubt) {
    auto windowless = code_of_ada();
    windowless.erase("starts_at");
    const std::pair<const char*, seam::CallResult<seam::Found>> answers[] = {
        {"no window", shown(windowless)},
        {"listed, but not to be had", call_error(Errc::not_found)},
        {"another code", shown(with(windowless, "access_code_id", "strange"))},
        {"no code", shown({{"ok", true}})},
    };
    for (const auto& [what, answer] : answers) {
        auto looking = search();
        ASSERT_EQ(to_fetch(looking.listed({listed(windowless)})), "lost");
        const auto next = looking.fetched(answer);
        EXPECT_EQ(found(next), "") << what;
        EXPECT_EQ(doubtful(next), "lost") << what;
    }
}

TEST_F(LostCode, AnUnnamedOrderIsNotInDoubtAboutAnOverlappingStay) {
    const auto overlapping = with(code_of_ada(), "ends_at", "2024-09-12T02:00:00.000Z");
    auto looking = search(std::nullopt);
    ASSERT_EQ(to_fetch(looking.listed({listed(overlapping)})), "lost");
    const auto next = looking.fetched(shown(overlapping));
    EXPECT_EQ(found(next), "");
    EXPECT_EQ(doubtful(next), "");
}

TEST_F(LostCode, TheSearchFailsWhereACandidateIsNotToBeHadOrThereAreTooMany) {
    auto windowless = code_of_ada();
    windowless.erase("starts_at");
    auto looking = search();
    ASSERT_EQ(to_fetch(looking.listed({listed(windowless)})), "lost");
    const auto next = looking.fetched(call_error(Errc::seam_unreachable));
    EXPECT_EQ(std::get<SeamResult<Traces>>(next).error().code, Errc::seam_unreachable);

    std::vector<SeamsCode> many;
    for (int i = 0; i < 51; ++i) {
        windowless["access_code_id"] = std::to_string(i);
        many.push_back(listed(windowless));
    }
    const auto refused = search().listed(many);
    EXPECT_NE(std::get<SeamResult<Traces>>(refused).error().detail.find("51 codes"),
              std::string::npos);
    many.pop_back();
    EXPECT_EQ(to_fetch(search().listed(std::move(many))), "0");
}

TEST_F(LostCode, AStoredCodeIsOfAnotherOrderIfItWasMadeForOneOrSeenBefore) {
    lifecycle::AccessCode known;
    EXPECT_FALSE(is_of_another_order(known, requested_at));
    known.observations = {
        {requested_at - 5min, lifecycle::LifecycleStep::unset, lifecycle::Source::webhook}};
    EXPECT_FALSE(is_of_another_order(known, requested_at));
    known.observations.front().at -= 1ms;
    EXPECT_TRUE(is_of_another_order(known, requested_at)) << "seen before";
    known.observations = {
        {requested_at, lifecycle::LifecycleStep::created, lifecycle::Source::create}};
    EXPECT_TRUE(is_of_another_order(known, requested_at)) << "an order brought it in";
    known.observations.clear();
    known.created_at.value = requested_at - 5min - 1ms;
    EXPECT_TRUE(is_of_another_order(known, requested_at)) << "made before";
    known.created_at.value = requested_at - 5min;
    EXPECT_FALSE(is_of_another_order(known, requested_at));
}

}  // namespace
}  // namespace oracode::devices
