#include "api/conditional.hpp"

#include <algorithm>
#include <array>

#include <gtest/gtest.h>

namespace oracode::api {
namespace {

bool has(std::string_view sent, std::string_view tag) {
    const std::array headers{http::Header{"if-none-match", sent}};
    http::Request request;
    request.headers = headers;
    return has_already(request, tag);
}

std::string header(const http::Response& response, std::string_view name) {
    const auto found =
        std::ranges::find(response.headers, name, &std::pair<std::string, std::string>::first);
    return found == response.headers.end() ? "" : found->second;
}

TEST(Conditional, ATagIsFoundInAListWeakOrStrong) {
    for (const auto* sent :
         {"\"7\"", "*", "W/\"7\"", "\"6\", \"7\"", "\"6\",W/\"7\" ", " \"7\",\"8\""})
        EXPECT_TRUE(has(sent, "\"7\"")) << sent;
    for (const auto* sent : {"", "\"6\"", "7", "\"77\"", "\"7", ",", "\"6\", \"8\""})
        EXPECT_FALSE(has(sent, "\"7\"")) << sent;
    EXPECT_FALSE(has_already(http::Request{}, "\"7\""));
}

TEST(Conditional, ADocumentIsSentOnceAndThenOnlyNamed) {
    const StaticDocument document("text/plain", "hello", {{"X-One", "1"}});
    const auto whole = document.answer({});
    EXPECT_EQ(whole.status, 200U);
    EXPECT_EQ(whole.body, "hello");
    EXPECT_EQ(whole.content_type, "text/plain");
    EXPECT_EQ(header(whole, "X-One"), "1");
    EXPECT_EQ(header(whole, "Cache-Control"), "no-cache");
    const auto tag = header(whole, "ETag");
    ASSERT_GT(tag.size(), 2U);

    const std::array headers{http::Header{"If-None-Match", tag}};
    http::Request again;
    again.headers = headers;
    const auto known = document.answer(again);
    EXPECT_EQ(known.status, 304U);
    EXPECT_EQ(known.body, "");
    EXPECT_EQ(header(known, "ETag"), tag);
    EXPECT_EQ(StaticDocument("text/plain", "hallo").answer(again).status, 200U);
}

}  // namespace
}  // namespace oracode::api
