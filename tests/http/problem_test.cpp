#include "http/problem.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

namespace oracode::http {
namespace {

TEST(Problem, IsAnRfc9457Document) {
    const auto response = problem(422, "rule-violated", "Rule violated", "Too \"long\".", "r-1",
                                  {{"violations", {1, 2}}});
    EXPECT_EQ(response.status, 422U);
    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ(boost::json::parse(response.body),
              boost::json::parse(
                  R"({"type":"/problems/rule-violated","title":"Rule violated","status":422,
                                     "detail":"Too \"long\".","instance":"r-1","violations":[1,2]})"));
}

TEST(Problem, HasATitleForPeople) {
    const std::vector<std::pair<unsigned, const char*>> rows{
        {400, "Bad request"},       {404, "Not found"},    {405, "Method not allowed"},
        {413, "Content too large"}, {414, "URI too long"}, {503, "Service unavailable"}};
    for (const auto& [status, title] : rows)
        EXPECT_EQ(boost::json::parse(problem(status, "r").body).at("title"), title) << status;
}

TEST(Problem, HasAStableTypeForEveryStatus) {
    const std::vector<std::pair<unsigned, const char*>> rows{
        {400, "/problems/bad-request"},
        {401, "/problems/unauthorized"},
        {403, "/problems/forbidden"},
        {404, "/problems/not-found"},
        {405, "/problems/method-not-allowed"},
        {408, "/problems/request-timeout"},
        {409, "/problems/conflict"},
        {413, "/problems/content-too-large"},
        {417, "/problems/expectation-failed"},
        {422, "/problems/unprocessable-content"},
        {429, "/problems/too-many-requests"},
        {431, "/problems/request-header-fields-too-large"},
        {500, "/problems/internal-server-error"},
        {502, "/problems/bad-gateway"},
        {503, "/problems/service-unavailable"},
        {498, "/problems/bad-request"}};
    for (const auto& [status, type] : rows)
        EXPECT_EQ(boost::json::parse(problem(status, "r").body).at("type"), type) << status;
}

}  // namespace
}  // namespace oracode::http
