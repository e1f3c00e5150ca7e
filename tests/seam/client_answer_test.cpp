#include "seam/client_answer.hpp"

#include <gtest/gtest.h>

namespace oracode::seam {
namespace {

using namespace std::chrono_literals;

const Timestamp now = *parse_rfc3339("2026-03-05T15:00:00Z");

RawAnswer raw(unsigned status, std::string body) {
    RawAnswer answer;
    answer.status = status;
    answer.body = std::move(body);
    return answer;
}

TEST(ClientAnswer, RetryAfterIsSecondsOrADate) {
    struct Case {
        std::string text;
        std::optional<Duration> wait;
    };
    const std::vector<Case> cases{
        {"0", 0s},
        {"1", 1s},
        {"120", 120s},
        {"86400", 24h},
        {"86401", 24h},
        {"99999999999999999999999", 24h},
        {"Thu, 05 Mar 2026 15:00:00 GMT", 0s},
        {"Thu, 05 Mar 2026 15:00:01 GMT", 1s},
        {"Thu, 05 Mar 2026 14:59:59 GMT", 0s},
        {"Sat, 07 Mar 2026 15:00:00 GMT", 24h},
        {"", std::nullopt},
        {"-1", std::nullopt},
        {"+1", std::nullopt},
        {"1.5", std::nullopt},
        {"1 ", std::nullopt},
        {"soon", std::nullopt},
        {"2026-03-05T15:00:01Z", std::nullopt},
        {"Thu, 05 Mar 2026 15:00:01 CET", std::nullopt},
        {"Thu, 05 arM 2026 15:00:01 GMT", std::nullopt},
        {"Thu, 05 anF 2026 15:00:01 GMT", std::nullopt},
        {"Thu, 35 Mar 2026 15:00:01 GMT", std::nullopt},
        {"Thu, 05 Mar 2026 25:00:01 GMT", std::nullopt},
        {"Thu, 05 Mar 2026 15:00 GMT", std::nullopt},
    };
    for (const auto& [text, wait] : cases) EXPECT_EQ(parse_retry_after(text, now), wait) << text;
}

TEST(ClientAnswer, OnlyANotFoundOfSeamsOwnFormCounts) {
    for (const std::string body :
         {"", "<html>", "[]", "\"not found\"", "null", "{}", R"({"error":"not found"})",
          R"({"message":"no Route matched with those values"})", R"({"error":{"type":1}})",
          R"({"ok":false,"error":{"type":"route_not_found"}})",
          R"({"ok":false,"error":{"type":"unrecognized_request"}})"}) {
        const auto answer = classify(raw(404, body), now, now);
        ASSERT_FALSE(answer) << body;
        EXPECT_EQ(answer.error().code, Errc::seam_unreachable) << body;
    }
    const auto answer =
        classify(raw(404, R"({"ok":false,"error":{"type":"access_code_not_found"}})"), now, now);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Errc::not_found);
}

TEST(ClientAnswer, OnlySeamItselfRefusesAKey) {
    for (const unsigned status : {401U, 403U}) {
        for (const std::string body : {"<html>Forbidden</html>", "{}", R"({"error":"forbidden"})"})
            EXPECT_EQ(classify(raw(status, body), now, now).error().code, Errc::seam_unreachable)
                << status << body;
        const auto own = classify(raw(status, R"({"error":{"type":"unauthorized"}})"), now, now);
        EXPECT_EQ(own.error().code, status == 401 ? Errc::unauthenticated : Errc::forbidden);
    }
}

TEST(ClientAnswer, OneSpoiltTextLeavesTheRest) {
    const auto answer =
        classify(raw(200, R"({"a":[{"name":"Guest \ud83d"},{"name":"B"}]})"), now, now);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->body.at("a").at(0).at("name"), "Guest \xEF\xBF\xBD");
    EXPECT_EQ(answer->body.at("a").at(1).at("name"), "B");
}

TEST(ClientAnswer, ACompleteAnswerSaysThatSeamIsThere) {
    auto zipped = raw(200, "\x1f\x8b\x08");
    zipped.content_encoding = "gzip";
    const auto answer = classify(zipped, now, now);
    ASSERT_FALSE(answer);
    EXPECT_TRUE(answer.error().answered);
    EXPECT_NE(answer.error().detail.find("encoded"), std::string::npos);
    EXPECT_FALSE(classify(raw(502, "{}"), now, now).error().answered);
}

TEST(ClientAnswer, TellsSeamsClock) {
    auto dated = raw(200, "{}");
    dated.date = "Thu, 05 Mar 2026 15:00:07 GMT";
    EXPECT_EQ(classify(dated, now, now)->seam_date, now + 7s);
    dated.status = 503;
    EXPECT_EQ(classify(dated, now, now).error().seam_date, now + 7s);
    EXPECT_EQ(classify(raw(200, "{}"), now, now)->seam_date, std::nullopt);
}

TEST(ClientAnswer, ErrorsOfAnyFormAreTaken) {
    for (const std::string body :
         {"", "{", "null", "[1]", R"({"error":"text"})", R"({"error":null})",
          R"({"error":{"type":1,"message":{"a":1}}})", R"({"message":"elsewhere"})"}) {
        const auto answer = classify(raw(400, body), now, now);
        ASSERT_FALSE(answer) << body;
        EXPECT_EQ(answer.error().code, Errc::seam_refused) << body;
        EXPECT_EQ(answer.error().error_type, "") << body;
        EXPECT_EQ(answer.error().error_message, "") << body;
    }
}

TEST(ClientAnswer, OnlyNoContentMayHaveNoBody) {
    EXPECT_TRUE(classify(raw(204, ""), now, now));
    EXPECT_FALSE(classify(raw(200, ""), now, now));
    EXPECT_TRUE(classify(raw(201, "{}"), now, now));
}

TEST(ClientAnswer, NestingThatWouldEndTheStackIsRefused) {
    EXPECT_FALSE(classify(raw(200, std::string(100'000, '[')), now, now));
}

TEST(ClientAnswer, WordsOfSeamsStayOnOneLineAndShort) {
    EXPECT_EQ(bounded("a\nb\tc\x7f\x1b[31m", 100), "a b c  [31m");
    EXPECT_EQ(bounded("abc", 3), "abc");
    EXPECT_EQ(bounded("abcd", 3), "abc");
    EXPECT_EQ(bounded("abé", 4), "abé");
    EXPECT_EQ(bounded("abé", 3), "ab");
    EXPECT_EQ(bounded("é", 1), "");
    EXPECT_EQ(bounded("", 0), "");
}

TEST(ClientAnswer, DescribesAnErrorInOneLine) {
    CallError error;
    error.code = Errc::seam_refused;
    error.detail = "answer 400";
    EXPECT_EQ(describe(error), "answer 400");
    error.error_type = "invalid_input";
    error.error_message = "No such device";
    error.seam_request_id = "r1";
    EXPECT_EQ(describe(error), "answer 400, invalid_input: No such device (seam-request-id r1)");
    const Error expected{Errc::seam_refused, describe(error)};
    EXPECT_EQ(to_error(error), expected);
}

}  // namespace
}  // namespace oracode::seam
