#include "http/router.hpp"

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "support/http_exchange.hpp"

namespace oracode::http {
namespace {

Request request(std::string_view method, std::string_view path) {
    Request made;
    made.method = method;
    made.path = path;
    made.request_id = "r-1";
    return made;
}

Router::Route says(std::string text) {
    return [text = std::move(text)](const Request&, const PathParameters&, Reply reply) {
        Response response;
        response.body = text;
        reply.send(std::move(response));
    };
}

Router::Route says_parameter(std::string name) {
    return [name = std::move(name)](const Request&, const PathParameters& parameters, Reply reply) {
        Response response;
        response.body = parameters[name];
        reply.send(std::move(response));
    };
}

Router routes() {
    Router router;
    router.add("GET", "/v1/codes", says("list"));
    router.add("POST", "/v1/codes", says("create"));
    router.add("POST", "/v1/codes/check", says("check"));
    router.add("GET", "/v1/codes/{id}", says_parameter("id"));
    router.add("GET", "/v1/codes/{id}/history", says_parameter("id"));
    router.add("GET", "/", says("root"));
    return router;
}

TEST(Router, FindsTheRouteOfAMethodAndPath) {
    const auto router = routes();
    const std::vector<std::array<const char*, 3>> rows{{
        {"GET", "/", "root"},
        {"GET", "/v1/codes", "list"},
        {"HEAD", "/v1/codes", "list"},
        {"POST", "/v1/codes", "create"},
        {"POST", "/v1/codes/check", "check"},
        {"GET", "/v1/codes/4711", "4711"},
        {"GET", "/v1/codes/a%2Fb%20c", "a/b c"},
        {"GET", "/v1/code%73", "list"},
        {"GET", "/v1/codes/4711/history", "4711"},
    }};
    for (const auto& [method, path, body] : rows) {
        const auto answer = test::answer_of(router, request(method, path));
        EXPECT_EQ(answer.status, 200U) << method << " " << path;
        EXPECT_EQ(answer.body, body) << method << " " << path;
    }
}

TEST(Router, AnswersProblemsWhereThereIsNoRoute) {
    const auto router = routes();
    const std::vector<std::tuple<const char*, const char*, unsigned>> rows{
        {"GET", "/v1", 404},
        {"GET", "/v1/codes/", 404},
        {"GET", "//v1/codes", 404},
        {"GET", "/v1/codes/1/history/2", 404},
        {"GET", "/V1/codes", 404},
        {"GET", "/v1/codes/../codes", 404},
        {"GET", "/1/2/3/4/5/6/7/8/9/10", 404},
        {"GET", "/v1/codes/%zz", 400},
        {"GET", "/v1/codes/%", 400},
        {"GET", "/v1/codes/a%00b", 400},
        {"DELETE", "/v1/codes/1", 405},
        {"get", "/v1/codes", 405},
        {"HEAD", "/v1/codes/1/nothing", 404},
        {"CONNECT", "/v1/codes", 405},
    };
    for (const auto& [method, path, status] : rows) {
        const auto answer = test::answer_of(router, request(method, path));
        EXPECT_EQ(answer.status, status) << method << " " << path;
        EXPECT_EQ(answer.content_type, "application/problem+json");
        const auto problem = boost::json::parse(answer.body);
        EXPECT_EQ(problem.at("instance"), "r-1");
        if (status != 404) continue;
        EXPECT_EQ(std::string(problem.at("detail").as_string()),
                  "There is nothing at " + std::string(path) + ".");
    }
}

TEST(Router, SaysWhatIsAllowed) {
    const auto router = routes();
    const auto refused = test::answer_of(router, request("PUT", "/v1/codes"));
    EXPECT_EQ(refused.status, 405U);
    ASSERT_EQ(refused.headers.size(), 1U);
    EXPECT_EQ(refused.headers[0].first, "Allow");
    EXPECT_EQ(refused.headers[0].second, "GET, HEAD, POST, OPTIONS");

    const auto asked = test::answer_of(router, request("OPTIONS", "/v1/codes/check"));
    EXPECT_EQ(asked.status, 204U);
    EXPECT_EQ(asked.headers.at(0).second, "POST, OPTIONS");
    EXPECT_EQ(test::answer_of(router, request("OPTIONS", "*")).status, 204U);
    EXPECT_EQ(test::answer_of(router, request("OPTIONS", "/nothing")).status, 404U);
}

TEST(Router, CanTreatOptionsLikeAnyOtherMethod) {
    Router router{Router::Options::refused};
    router.add("POST", "/hook", says(""));
    const auto answer = test::answer_of(router, request("OPTIONS", "/hook"));
    EXPECT_EQ(answer.status, 405U);
    EXPECT_EQ(answer.headers.at(0).second, "POST");
}

TEST(Router, ReportsWhatNoRouteServes) {
    Router router{Router::Options::refused};
    router.add("POST", "/hook", says(""));
    std::vector<unsigned> refused;
    router.on_refusal([&](unsigned status) { refused.push_back(status); });
    for (const auto* path : {"/hook", "/%68ook", "/hook/", "/%zzook"})
        test::answer_of(router, request("POST", path));
    test::answer_of(router, request("GET", "/hook"));
    EXPECT_EQ(refused, (std::vector<unsigned>{404, 400, 405}));
}

TEST(Router, RefusesRoutesThatAreBugs) {
    Router router;
    router.add("GET", "/a", says(""));
    EXPECT_THROW(router.add("GET", "/a", says("")), std::invalid_argument);
    EXPECT_THROW(router.add("GET", "a", says("")), std::invalid_argument);
    EXPECT_THROW(router.add("GET", "/{a}/{b}/{c}/{d}/{e}", says("")), std::invalid_argument);
}

TEST(Reply, AnswersForAHandlerThatForgets) {
    const auto forget = [](const Request&, const Reply&) {};
    const auto exchange = std::make_shared<test::RecordedExchange>();
    forget(request("GET", "/"), Reply{exchange});
    ASSERT_TRUE(exchange->answer);
    EXPECT_EQ(exchange->answer->status, 500U);

    const auto first = std::make_shared<test::RecordedExchange>();
    const auto second = std::make_shared<test::RecordedExchange>();
    Reply reply{first};
    reply = Reply{second};
    EXPECT_EQ(first->answer.value().status, 500U)
        << "assigning over an unsent Reply leaves nobody unanswered";
    EXPECT_FALSE(second->answer);
    reply.send({});
    EXPECT_EQ(second->answer.value().status, 200U);
}

}  // namespace
}  // namespace oracode::http
