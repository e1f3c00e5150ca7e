#include "userlevel/time_of_day.hpp"

#include <gtest/gtest.h>

namespace oracode::userlevel {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(TimeOfDayText, IsReadInEveryFormSeamWrites) {
    const struct {
        const char* text;
        TimeOfDay expected;
    } rows[] = {
        {"07:00:00[America/Los_Angeles]", {hours{7}, "America/Los_Angeles"}},
        {"15:30:00-08:00[America/Los_Angeles]", {hours{15} + minutes{30}, "America/Los_Angeles"}},
        {"15:30:00+05:30[Asia/Kolkata]", {hours{15} + minutes{30}, "Asia/Kolkata"}},
        {"15:30:00Z[Etc/UTC]", {hours{15} + minutes{30}, "Etc/UTC"}},
        {"10:30:00[PST8PDT]", {hours{10} + minutes{30}, "PST8PDT"}},
        {"10:30:00[Etc/GMT+8]", {hours{10} + minutes{30}, "Etc/GMT+8"}},
        {"00:00:00[America/Argentina/Buenos_Aires]", {hours{0}, "America/Argentina/Buenos_Aires"}},
        {"23:59:59[Europe/Berlin]", {hours{23} + minutes{59} + seconds{59}, "Europe/Berlin"}},
        {"23:59:59.999999[Europe/Berlin]", {hours{24} - milliseconds{1}, "Europe/Berlin"}},
        {"07:00:00.5", {hours{7} + milliseconds{500}, ""}},
        {"07:00:00", {hours{7}, ""}},
        {"07:00:00-08:00", {hours{7}, ""}},
        {"07:00", {hours{7}, ""}},
        {"07:00[Europe/Berlin]", {hours{7}, "Europe/Berlin"}},
    };
    for (const auto& row : rows) EXPECT_EQ(parse_time_of_day(row.text), row.expected) << row.text;
}

TEST(TimeOfDayText, IsRefusedWhenItIsNone) {
    for (const auto* text : {"",
                             "7:00:00",
                             "07",
                             "07:",
                             "07:0",
                             "0700",
                             "24:00:00",
                             "07:60:00",
                             "07:00:60",
                             "-7:00:00",
                             "07:00:00.",
                             "07:00:00 ",
                             " 07:00:00",
                             "07:00:00-08",
                             "07:00:00-0800",
                             "07:00:00-24:00",
                             "07:00:00-08:60",
                             "07:00:00+08:00Z",
                             "07:00:00[]",
                             "07:00:00[",
                             "07:00:00]",
                             "07:00:00[Europe/Berlin",
                             "07:00:00[Europe/Berlin]x",
                             "07:00:00[Europe Berlin]",
                             "07:00:00[[Europe/Berlin]]",
                             "07:00:00[../../etc/passwd]",
                             "07:00:00[Europe/Berlin][x]",
                             "[Europe/Berlin]",
                             "2024-09-10T07:00:00-07:00",
                             "seven"})
        EXPECT_EQ(parse_time_of_day(text), std::nullopt) << text;
    EXPECT_EQ(parse_time_of_day("07:00:00[" + std::string(65, 'a') + "]"), std::nullopt);
    EXPECT_EQ(parse_time_of_day(std::string_view("07:00\0", 6)), std::nullopt);
}

TEST(TimeOfDayText, IsShownAsAPersonWouldWriteIt) {
    EXPECT_EQ(clock_text(hours{0}), "00:00");
    EXPECT_EQ(clock_text(hours{19} + minutes{5}), "19:05");
    EXPECT_EQ(clock_text(hours{23} + minutes{59} + seconds{59}), "23:59:59");
    EXPECT_EQ(clock_text(hours{7} + milliseconds{20}), "07:00:00.020");
}

}  // namespace
}  // namespace oracode::userlevel
