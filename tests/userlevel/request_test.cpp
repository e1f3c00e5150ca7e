#include "userlevel/request.hpp"

#include <gtest/gtest.h>

#include "userlevel/slot.hpp"

namespace oracode::userlevel {
namespace {

using namespace std::chrono_literals;

TEST(ReadRequest, KeepsTheInstantsWithTheOffsetsTheyWereWrittenWith) {
    const std::tuple<const char*, const char*, std::chrono::minutes> rows[] = {
        {"2024-09-10T07:00:00-07:00", "2024-09-10T14:00:00Z", -7h},
        {"2024-09-10T07:00:00+05:30", "2024-09-10T01:30:00Z", 5h + 30min},
        {"2024-09-10T07:00:00Z", "2024-09-10T07:00:00Z", 0h},
        {"2024-09-10T07:00:00.5-00:30", "2024-09-10T07:30:00.5Z", -30min},
    };
    for (const auto& [text, utc, offset] : rows) {
        std::vector<Violation> violations;
        const auto reading = read_request({text, text, ""}, violations);
        EXPECT_TRUE(violations.empty()) << text;
        EXPECT_EQ(reading.starts_at->at, parse_rfc3339(utc).value()) << text;
        EXPECT_EQ(reading.starts_at->offset, offset) << text;
        EXPECT_EQ(reading.ends_at->offset, offset) << text;
    }
}

TEST(ReadRequest, TakesFourWordsForTheRounding) {
    const std::pair<const char*, Duration> rows[] = {{"", hour_rounding},
                                                     {"1hour", hour_rounding},
                                                     {"1h", hour_rounding},
                                                     {"1day", day_rounding},
                                                     {"1d", day_rounding}};
    for (const auto& [text, rounding] : rows) {
        std::vector<Violation> violations;
        EXPECT_EQ(read_request({"", "", text}, violations).rounding, rounding) << text;
    }
    for (const auto* text : {"2h", "1 hour", "1D", "day", " "}) {
        std::vector<Violation> violations;
        const WindowRequest request{"2024-09-10T07:00:00Z", "2024-09-11T07:00:00Z", text};
        EXPECT_FALSE(read_request(request, violations).rounding) << text;
        ASSERT_EQ(violations.size(), 1U) << text;
        EXPECT_EQ(violations[0].rule, Rule::max_time_rounding_unknown);
    }
}

TEST(ReadRequest, NamesEachTextThatCannotBeRead) {
    std::vector<Violation> violations;
    const auto reading = read_request({"2024-09-10T07:00:00", "tomorrow", "2d"}, violations);
    EXPECT_FALSE(reading.starts_at);
    EXPECT_FALSE(reading.ends_at);
    ASSERT_EQ(violations.size(), 3U);
    EXPECT_EQ(violations[0].rule, Rule::starts_at_without_offset);
    EXPECT_EQ(violations[1].rule, Rule::ends_at_malformed);
    EXPECT_NE(violations[1].detail.find("ends_at"), std::string::npos);
    EXPECT_EQ(violations[2].rule, Rule::max_time_rounding_unknown);
}

}  // namespace
}  // namespace oracode::userlevel
