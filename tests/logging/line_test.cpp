#include "logging/line.hpp"

#include <initializer_list>
#include <limits>

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace oracode {
namespace {

const Timestamp noon = *parse_rfc3339("2026-03-05T12:00:00.250Z");

std::string line(log::LineStyle style, log::Level level, std::string_view event,
                 std::initializer_list<log::Field> fields) {
    std::string out;
    log::append_line(out, style, noon, level, event, {fields.begin(), fields.size()});
    return out;
}

std::string text(std::string_view value) {
    const auto whole = line({log::Format::text, true}, log::Level::info, "e", {{"v", value}});
    return whole.substr(std::string_view("<6>e v=").size());
}

std::string json(std::string_view value) {
    const auto whole = line({log::Format::json, false}, log::Level::info, "e", {{"v", value}});
    return std::string(boost::json::parse(whole).at("v").as_string());
}

TEST(LogLine, TextIsTimeLevelEventAndFields) {
    const std::string id = "evt_1";
    EXPECT_EQ(
        line({}, log::Level::info, "webhook.accepted",
             {{"event_id", id}, {"status", 204}, {"new", true}, {"lag_s", 0.5}, {"at", noon}}),
        "2026-03-05T12:00:00.250Z info  webhook.accepted event_id=evt_1 status=204 new=true "
        "lag_s=0.5 at=2026-03-05T12:00:00.250Z");
}

TEST(LogLine, JsonIsOneObjectWithTypedFields) {
    const auto whole = line({log::Format::json, false}, log::Level::warn, "poll.failed",
                            {{"status", -1},
                             {"bytes", 5U},
                             {"retry", false},
                             {"after_s", 1.5},
                             {"nan", std::numeric_limits<double>::quiet_NaN()},
                             {"why", "refused"}});
    const auto object = boost::json::parse(whole).as_object();
    EXPECT_EQ(
        boost::json::serialize(object),
        R"({"time":"2026-03-05T12:00:00.250Z","level":"warn","event":"poll.failed","status":-1,)"
        R"("bytes":5,"retry":false,"after_s":1.5E0,"nan":null,"why":"refused"})");
}

TEST(LogLine, JournalGetsAPriorityAndNoTime) {
    const log::LineStyle text_style{log::Format::text, true};
    EXPECT_EQ(line(text_style, log::Level::trace, "e", {}), "<7>e");
    EXPECT_EQ(line(text_style, log::Level::debug, "e", {}), "<7>e");
    EXPECT_EQ(line(text_style, log::Level::info, "e", {{"n", 1}}), "<6>e n=1");
    EXPECT_EQ(line(text_style, log::Level::warn, "e", {}), "<4>e");
    EXPECT_EQ(line(text_style, log::Level::error, "e", {}), "<3>e");
    EXPECT_EQ(line({log::Format::json, true}, log::Level::error, "e", {}),
              R"(<3>{"level":"error","event":"e"})");
}

TEST(LogLine, TextValuesCannotForgeLinesOrFields) {
    EXPECT_EQ(text("plain-value_1.2:3/4"), "plain-value_1.2:3/4");
    EXPECT_EQ(text(""), R"("")");
    EXPECT_EQ(text("two words"), R"("two words")");
    EXPECT_EQ(text("a=b"), R"("a=b")");
    EXPECT_EQ(text("say \"hi\" \\"), R"("say \"hi\" \\")");
    EXPECT_EQ(text("x\n2026-03-05T12:00:00.000Z error fake"),
              R"("x\n2026-03-05T12:00:00.000Z error fake")");
    EXPECT_EQ(text("a\r\tb"), R"("a\r\tb")");
    EXPECT_EQ(text(std::string_view("nul\0", 4)), R"("nul\x00")");
    EXPECT_EQ(text("\x1b[31mred\x7f"), R"("\x1b[31mred\x7f")");
    EXPECT_EQ(text("M\u00fcller \u20ac \U0001F511"), "\"M\u00fcller \u20ac \U0001F511\"");
    EXPECT_EQ(text("c1 \u009b31m"), R"("c1 \u009b31m")");
    EXPECT_EQ(text("line\u2028separator"), R"("line\u2028separator")");
    EXPECT_EQ(text("bidi \u202e"), R"("bidi \u202e")");
}

TEST(LogLine, BytesThatAreNotUtf8AreEscapedOneByOne) {
    EXPECT_EQ(text("\xff"), R"("\xff")");
    EXPECT_EQ(text("\xc3("), R"("\xc3(")");
    EXPECT_EQ(text("\xc0\xaf"), R"("\xc0\xaf")");                  // overlong
    EXPECT_EQ(text("\xed\xa0\x80"), R"("\xed\xa0\x80")");          // surrogate
    EXPECT_EQ(text("\xe2\x82"), R"("\xe2\x82")");                  // cut short
    EXPECT_EQ(text("\xf4\x90\x80\x80"), R"("\xf4\x90\x80\x80")");  // past U+10FFFF
}

TEST(LogLine, JsonValuesStayOneValidLine) {
    EXPECT_EQ(json("x\n\"},{\\"), "x\n\"},{\\");
    EXPECT_EQ(json("M\u00fcller"), "M\u00fcller");
    EXPECT_EQ(json("\xff|\xc0\xaf"), "\uFFFD|\uFFFD\uFFFD");
    EXPECT_EQ(json("a\u202eb\x7f"),
              "a\uFFFD"
              "b\uFFFD");
    const auto raw = line({log::Format::json, false}, log::Level::info, "e", {{"v", "a\nb"}});
    EXPECT_EQ(raw.find('\n'), std::string::npos);
}

TEST(LogLine, LongTextsAreCutAtACharacter) {
    const std::string long_value = std::string(2047, 'a') + "\u20ac" + std::string(5000, 'b');
    EXPECT_EQ(text(long_value), "\"" + std::string(2047, 'a') + "…\"");
    EXPECT_EQ(json(long_value), std::string(2047, 'a') + "…");
    EXPECT_EQ(text(std::string(2048, 'a')), std::string(2048, 'a'));
}

}  // namespace
}  // namespace oracode
