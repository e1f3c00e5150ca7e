#include "core/time.hpp"

#include <gtest/gtest.h>

namespace oracode {
namespace {

using std::chrono::milliseconds;

TEST(Rfc3339, ReadsEveryFormSeamSends) {
    const Timestamp expected{milliseconds{1'772'463'607'123}};
    EXPECT_EQ(parse_rfc3339("2026-03-02T15:00:07.123Z"), expected);
    EXPECT_EQ(parse_rfc3339("2026-03-02t15:00:07.123456z"), expected);
    EXPECT_EQ(parse_rfc3339("2026-03-02T07:00:07.123-08:00"), expected);
    EXPECT_EQ(parse_rfc3339("2026-03-02 20:30:07.123+05:30"), expected);
    EXPECT_EQ(parse_rfc3339("2026-03-02T15:00:07Z"), expected - milliseconds{123});
    EXPECT_EQ(parse_rfc3339("2026-03-02T15:00:07.1Z"), expected - milliseconds{23});
    EXPECT_EQ(parse_rfc3339("1969-12-31T23:59:59.999Z"), Timestamp{milliseconds{-1}});
}

TEST(Rfc3339, RefusesWhatIsNoInstant) {
    for (const auto* text :
         {"", "2026-03-02", "2026-03-02T15:00:07", "2026-02-30T15:00:07Z", "2026-13-01T00:00:00Z",
          "2026-03-02T24:00:00Z", "2026-03-02T15:60:00Z", "2026-03-02T15:00:61Z",
          "2026-03-02T15:00:07.Z", "2026-03-02T15:00:07Z ", "2026-03-02T15:00:07+0800",
          "2026-03-02T15:00:07+24:00", "26-03-02T15:00:07Z", "2026-3-02T15:00:07Z",
          "2026-03-02X15:00:07Z", "+026-03-02T15:00:07Z"})
        EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
}

TEST(Rfc3339, WritesWhatItReads) {
    for (const auto* text :
         {"2026-03-02T15:00:07.123Z", "1970-01-01T00:00:00.000Z", "0000-01-01T00:00:00.000Z",
          "9999-12-31T23:59:59.999Z", "2024-02-29T23:59:59.001Z"})
        EXPECT_EQ(format_rfc3339(parse_rfc3339(text).value()), text);
}

TEST(HttpDate, IsTheFixedForm) {
    EXPECT_EQ(format_http_date(parse_rfc3339("2026-03-05T15:00:00.999Z").value()),
              "Thu, 05 Mar 2026 15:00:00 GMT");
}

TEST(DurationText, TakesOneIntegerAndOneUnit) {
    EXPECT_EQ(parse_duration("300ms"), milliseconds{300});
    EXPECT_EQ(parse_duration("30s"), milliseconds{30'000});
    EXPECT_EQ(parse_duration("5m"), milliseconds{300'000});
    EXPECT_EQ(parse_duration("2h"), milliseconds{7'200'000});
    EXPECT_EQ(parse_duration("7d"), milliseconds{604'800'000});
    for (const auto* text : {"", "5", "m", "-5m", "5 m", "1.5h", "5m30s", "5M", "106751991168d",
                             "99999999999999999999s"})
        EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

TEST(DurationText, WritesTheLargestWholeUnit) {
    EXPECT_EQ(format_duration(milliseconds{300'000}), "5m");
    EXPECT_EQ(format_duration(milliseconds{90'000}), "90s");
    EXPECT_EQ(format_duration(milliseconds{0}), "0s");
}

TEST(SizeText, TakesBytesAndBinaryUnits) {
    EXPECT_EQ(parse_size("512"), 512U);
    EXPECT_EQ(parse_size("64KiB"), 65'536U);
    EXPECT_EQ(parse_size("2MiB"), 2'097'152U);
    for (const auto* text : {"", "KiB", "-1KiB", "64KB", "64 KiB", "9999999999999GiB"})
        EXPECT_EQ(parse_size(text), std::nullopt) << text;
}

}  // namespace
}  // namespace oracode
