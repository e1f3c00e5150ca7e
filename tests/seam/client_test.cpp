#include "seam/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/version.hpp"
#include "support/fake_seam_caller.hpp"

namespace oracode::seam {
namespace {

using test::Caller;
using test::Conduct;
using test::FakeAnswer;
using test::FakeSeam;
using test::options_for;
using testing::ElementsAre;
using testing::Pair;
using namespace std::chrono_literals;

const std::string path = "/access_codes/list";

FakeAnswer conduct(Conduct what) {
    FakeAnswer answer;
    answer.conduct = what;
    return answer;
}

TEST(Client, AsksOverVerifiedTlsAsSeamWantsIt) {
    FakeSeam seam;
    seam.always(path, {.body = R"({"access_codes":[],"ok":true})"});
    auto options = options_for(seam);
    options.workspace_id = "workspace-1";
    Caller caller(options);

    const auto answer = caller.get(path, {{"device_id", "device-1"}});

    ASSERT_TRUE(answer) << describe(answer.error());
    EXPECT_EQ(answer->status, 200U);
    EXPECT_TRUE(answer->body.at("access_codes").as_array().empty());
    EXPECT_EQ(answer->seam_request_id, "request-1");
    EXPECT_EQ(answer->sent_at, caller.now);
    const auto call = seam.calls().at(0);
    EXPECT_EQ(call.method, "GET");
    EXPECT_EQ(call.server_name, "localhost");
    EXPECT_EQ(call.headers.at("host"), "localhost:" + std::to_string(seam.port()));
    EXPECT_EQ(call.headers.at("authorization"), std::string("Bearer ") + test::fake_api_key);
    EXPECT_EQ(call.headers.at("seam-workspace"), "workspace-1");
    EXPECT_EQ(call.headers.at("user-agent"), "oracoded/" + std::string(version()));
    EXPECT_EQ(call.headers.at("accept"), "application/json");
    EXPECT_TRUE(call.body.empty());
}

TEST(Client, LeavesOutTheWorkspaceWhereNoneIsSet) {
    FakeSeam seam;
    seam.always(path, {});
    Caller caller(options_for(seam));
    ASSERT_TRUE(caller.get(path));
    EXPECT_FALSE(seam.calls().at(0).headers.contains("seam-workspace"));
}

TEST(Client, EncodesTheQueryAndRepeatsLists) {
    FakeSeam seam;
    seam.always(path, {});
    Caller caller(options_for(seam));
    const Client::Query query{
        {"access_code_ids", "a&b=c"}, {"access_code_ids", "1+1 %/?#"}, {"search", "Zoë;,\"\r\n"}};
    ASSERT_TRUE(caller.get(path, query));
    EXPECT_THAT(seam.calls().at(0).query,
                ElementsAre(Pair("access_code_ids", "a&b=c"), Pair("access_code_ids", "1+1 %/?#"),
                            Pair("search", "Zoë;,\"\r\n")));
}

TEST(Client, PostsJson) {
    FakeSeam seam;
    seam.always("/access_codes/create", {.body = R"({"access_code":{},"ok":true})"});
    Caller caller(options_for(seam));
    ASSERT_TRUE(caller.post("/access_codes/create", {{"device_id", "d"}, {"name", "Zoë"}}));
    const auto call = seam.calls().at(0);
    EXPECT_EQ(call.method, "POST");
    EXPECT_EQ(call.headers.at("content-type"), "application/json");
    EXPECT_EQ(call.body, R"({"device_id":"d","name":"Zoë"})");
}

TEST(Client, PutsTheEndpointsPathBeforeItsOwn) {
    FakeSeam seam({.tls = false});
    seam.always("/seam/v1/access_codes/list", {});
    auto options = options_for(seam);
    options.endpoint = seam.url() + "/seam/v1/";
    Caller caller(options);
    EXPECT_TRUE(caller.get(path));
}

TEST(Client, KeepsOneConnectionForCallsInARowAndInTheQueue) {
    FakeSeam seam;
    seam.always(path, {});
    Caller caller(options_for(seam));
    ASSERT_TRUE(caller.get(path));
    std::vector<int> order;
    for (int i = 0; i < 5; ++i)
        caller.client->get(path, {{"limit", std::to_string(i)}},
                           [&, i](const auto& answer) { order.push_back(answer ? i : -1); });
    ASSERT_TRUE(caller.run_until([&] { return order.size() == 5; }));
    EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 4));
    EXPECT_EQ(seam.connections(), 1U);
    EXPECT_EQ(seam.calls().at(5).all("limit"), std::vector<std::string>{"4"});
}

TEST(Client, UsesAsManyConnectionsAsAllowed) {
    FakeSeam seam;
    seam.always(path, conduct(Conduct::hang));
    auto options = options_for(seam);
    options.connections = 2;
    Caller caller(options);
    for (int i = 0; i < 3; ++i) caller.client->get(path, {}, [](const auto&) {});
    ASSERT_TRUE(caller.run_until([&] { return seam.calls().size() == 2; }));
    EXPECT_EQ(seam.connections(), 2U);
}

TEST(Client, MakesANewConnectionWhereSeamClosedTheIdleOne) {
    FakeSeam seam;
    seam.always(path, {});
    Caller caller(options_for(seam));
    ASSERT_TRUE(caller.get(path));
    seam.close_connections();
    ASSERT_TRUE(caller.get(path));
    EXPECT_EQ(seam.connections(), 2U);
    EXPECT_EQ(seam.calls().size(), 2U);
}

TEST(Client, MakesANewConnectionAfterAnAnswerThatAnnouncedTheEnd) {
    FakeSeam seam;
    seam.always(path, {.headers = {{"Connection", "close"}}});
    Caller caller(options_for(seam));
    ASSERT_TRUE(caller.get(path));
    ASSERT_TRUE(caller.get(path));
    EXPECT_EQ(seam.connections(), 2U);
}

TEST(Client, RepeatsAGetThatMetAClosedConnection) {
    FakeSeam seam;
    seam.once(path, {});
    seam.once(path, conduct(Conduct::close_unanswered));
    seam.once(path, {.body = R"({"second":true})"});
    Caller caller(options_for(seam));
    ASSERT_TRUE(caller.get(path));
    const auto answer = caller.get(path);
    ASSERT_TRUE(answer) << describe(answer.error());
    EXPECT_TRUE(answer->body.as_object().contains("second"));
    EXPECT_EQ(seam.calls().size(), 3U);
    EXPECT_EQ(seam.connections(), 2U);
}

TEST(Client, RepeatsAGetOnceOnly) {
    FakeSeam seam;
    seam.once(path, {});
    seam.always(path, conduct(Conduct::close_unanswered));
    Caller caller(options_for(seam));
    ASSERT_TRUE(caller.get(path));
    const auto answer = caller.get(path);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Errc::seam_unreachable);
    EXPECT_EQ(seam.calls().size(), 3U);
}

TEST(Client, DoesNotRepeatAGetOnAConnectionThatWasNew) {
    FakeSeam seam;
    seam.always(path, conduct(Conduct::close_unanswered));
    Caller caller(options_for(seam));
    ASSERT_FALSE(caller.get(path));
    EXPECT_EQ(seam.calls().size(), 1U);
}

TEST(Client, SendsAPostOverANewConnectionAndNeverTwice) {
    FakeSeam seam;
    seam.always(path, {});
    seam.always("/access_codes/create", conduct(Conduct::close_unanswered));
    Caller caller(options_for(seam));
    ASSERT_TRUE(caller.get(path));
    const auto answer = caller.post("/access_codes/create", {{"device_id", "d"}});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Errc::seam_unreachable);
    EXPECT_EQ(seam.calls().size(), 2U);
    EXPECT_EQ(seam.calls().at(1).connection, 2U);
}

TEST(Client, TakesANewKeyForWhatIsSentFromThenOn) {
    FakeSeam seam;
    seam.always(path, {});
    Caller caller(options_for(seam));
    ASSERT_TRUE(caller.get(path));
    ASSERT_TRUE(caller.client->set_api_key("seam_new"));
    EXPECT_FALSE(caller.client->set_api_key("seam\r\nX-Injected: 1"));
    ASSERT_TRUE(caller.get(path));
    EXPECT_EQ(seam.calls().at(1).headers.at("authorization"), "Bearer seam_new");
    EXPECT_EQ(seam.connections(), 1U);
}

TEST(Client, AsksNothingWithoutAKey) {
    FakeSeam seam;
    auto options = options_for(seam);
    options.api_key.clear();
    Caller caller(options);
    const auto answer = caller.get(path);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Errc::unauthenticated);
    EXPECT_EQ(seam.connections(), 0U);
}

TEST(Client, MayBeCalledFromItsOwnCallback) {
    FakeSeam seam;
    seam.always(path, {});
    Caller caller(options_for(seam));
    int answered = 0;
    std::function<void(CallResult<Answer>)> again = [&](const CallResult<Answer>& answer) {
        if (answer && ++answered < 3) caller.client->get(path, {}, again);
    };
    caller.client->get(path, {}, again);
    EXPECT_TRUE(caller.run_until([&] { return answered == 3; }));
    EXPECT_EQ(seam.connections(), 1U);
}

TEST(Client, ShutdownEndsEveryCallAtOnce) {
    FakeSeam seam;
    seam.always(path, conduct(Conduct::hang));
    auto options = options_for(seam);
    options.timeout = 60s;
    Caller caller(options);
    std::vector<CallError> errors;
    const auto note = [&](const auto& answer) { errors.push_back(answer.error()); };
    caller.client->get(path, {}, note);
    caller.client->get(path, {}, note);
    ASSERT_TRUE(caller.run_until([&] { return seam.calls().size() == 1; }));

    const auto start = std::chrono::steady_clock::now();
    caller.client->shutdown();
    EXPECT_TRUE(errors.empty()) << "called back from within the call";
    caller.client->get(path, {}, note);
    caller.io.restart();
    caller.io.run();  // ends only where nothing is left to wait for

    EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
    ASSERT_EQ(errors.size(), 3U);
    for (const auto& error : errors) EXPECT_EQ(error.code, Errc::seam_unreachable);
}

TEST(Client, ShutdownDoesNotWaitForTheNameServer) {
    FakeSeam seam;
    const test::StuckLookup stuck;
    auto options = options_for(seam);
    options.timeout = 60s;
    options.lookup = stuck.lookup();
    Caller caller(options);
    int ended = 0;
    caller.client->get(path, {}, [&](const auto&) { ++ended; });
    caller.io.poll();
    const auto start = std::chrono::steady_clock::now();
    caller.client->shutdown();
    caller.io.restart();
    caller.io.run();
    EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
    EXPECT_EQ(ended, 1);
}

TEST(Client, GoesAwayWithoutACallWhileOneIsUnderWay) {
    FakeSeam seam;
    seam.always(path, conduct(Conduct::hang));
    Caller caller(options_for(seam));
    int ended = 0;
    caller.client->get(path, {}, [&](const auto&) { ++ended; });
    ASSERT_TRUE(caller.run_until([&] { return seam.calls().size() == 1; }));
    caller.client.reset();
    caller.io.restart();
    caller.io.run();
    EXPECT_EQ(ended, 0);
}

TEST(Client, NamesTheOptionThatCannotBeUsed) {
    struct Case {
        std::string option;
        std::function<void(ClientOptions&)> spoil;
    };
    const std::vector<Case> cases{
        {"seam.endpoint", [](auto& o) { o.endpoint = "http://connect.getseam.com"; }},
        {"seam.api_key", [](auto& o) { o.api_key = "secret with\nline"; }},
        {"seam.workspace_id", [](auto& o) { o.workspace_id = "a b"; }},
        {"seam.ca_file", [](auto& o) { o.ca_file = "/nonexistent/ca.pem"; }},
        {"HTTPS_PROXY", [](auto& o) { o.https_proxy = "socks5://127.0.0.1"; }},
    };
    boost::asio::io_context io;
    for (const auto& [option, spoil] : cases) {
        ClientOptions options;
        spoil(options);
        const auto made = Client::make(io.get_executor(), options, [] { return Timestamp{}; });
        ASSERT_FALSE(made) << option;
        EXPECT_EQ(made.error().code, Errc::invalid_argument);
        EXPECT_TRUE(made.error().detail.starts_with(option)) << made.error().detail;
        EXPECT_EQ(made.error().detail.find("secret"), std::string::npos);
    }
}

}  // namespace
}  // namespace oracode::seam
