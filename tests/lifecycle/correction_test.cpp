#include "lifecycle/correction.hpp"

#include <functional>

#include <gtest/gtest.h>

namespace oracode {
namespace {

using namespace std::chrono_literals;

const Timestamp now = *parse_rfc3339("2026-03-05T15:00:00Z");

// A code that Seam has shown before.
lifecycle::AccessCode known() {
    lifecycle::AccessCode code;
    code.version = 1;
    code.status = lifecycle::Status::unset;
    code.managed.stamp = {now, true};
    code.starts_at.value = now;
    code.ends_at.value = now + 24h;
    code.code.value = "4711";
    return code;
}

std::string corrected(const lifecycle::AccessCode& before, const lifecycle::AccessCode& after) {
    std::string names;
    const auto made = lifecycle::corrections(before, after);
    for (std::size_t i = 0; i < made.size(); ++i)
        if (made.at(i)) names += std::string(name(static_cast<lifecycle::Correction>(i))) + ' ';
    return names;
}

using Change = std::function<void(lifecycle::AccessCode&)>;

TEST(Correction, EachKindIsNamedByWhatChanged) {
    const std::pair<Change, const char*> rows[] = {
        {[](lifecycle::AccessCode&) {}, ""},
        {[](lifecycle::AccessCode& code) { code.status = lifecycle::Status::set; }, "status "},
        {[](lifecycle::AccessCode& code) { code.status = lifecycle::Status::setting; }, ""},
        {[](lifecycle::AccessCode& code) { code.starts_at.value = now + 1min; }, "window "},
        {[](lifecycle::AccessCode& code) { code.ends_at.value.reset(); }, "window "},
        {[](lifecycle::AccessCode& code) { code.errors.value = R"([{"error_code":"x"}])"; },
         "errors "},
        {[](lifecycle::AccessCode& code) { code.code.value = "0815"; }, "pin "},
        {[](lifecycle::AccessCode& code) { code.missing_looks = {now}; }, "missing "},
        {[](lifecycle::AccessCode& code) {
             code.ended = lifecycle::Ended{lifecycle::EndReason::removed, now};
         },
         "ended "},
        {[](lifecycle::AccessCode& code) { code.managed.value = false; }, "managed "},
    };
    for (const auto& [change, names] : rows) {
        auto after = known();
        change(after);
        EXPECT_EQ(corrected(known(), after), names);
    }
}

TEST(Correction, WhatComesBackIsFoundOrRevived) {
    auto missing = known();
    missing.missing_looks = {now};
    EXPECT_EQ(corrected(missing, known()), "found ");
    auto ended = known();
    ended.ended = lifecycle::Ended{lifecycle::EndReason::deleted, now};
    auto alive = known();
    alive.status = lifecycle::Status::set;
    EXPECT_EQ(corrected(ended, alive), "revived ") << "its status is part of that";
    EXPECT_EQ(corrected(ended, ended), "");
}

TEST(Correction, WhatIsHeardForTheFirstTimeCorrectsNothing) {
    auto after = known();
    after.status = lifecycle::Status::set;
    after.code.value = "0815";
    EXPECT_EQ(corrected(lifecycle::AccessCode{}, after), "") << "a code that was not known";
    auto without = known();
    without.code.value.reset();
    without.starts_at.value.reset();
    without.ends_at.value.reset();
    EXPECT_EQ(corrected(without, known()), "");
    auto unseen = known();
    unseen.managed.stamp = {};
    EXPECT_EQ(corrected(unseen, after), "") << "the first object of Seam's";
}

TEST(Correction, WhatAnEventHadAnnouncedIsNoneButMissingFoundAndAlive) {
    auto announced = known();
    announced.refetch = true;
    auto after = known();
    after.status = lifecycle::Status::set;
    after.ends_at.value = now + 48h;
    EXPECT_EQ(corrected(announced, after), "");
    after.missing_looks = {now};
    EXPECT_EQ(corrected(announced, after), "missing ");
    announced.ended = lifecycle::Ended{lifecycle::EndReason::expired, now};
    EXPECT_EQ(corrected(announced, known()), "revived ");
}

}  // namespace
}  // namespace oracode
