#include "api/access.hpp"

#include <gtest/gtest.h>

namespace oracode::api {
namespace {

const Timestamp now{std::chrono::seconds{1'800'000'000}};
const std::vector<Credential> credentials{{"desk", "a-token", Permission::write},
                                          {"wall", "b", Permission::read}};
const Access guarded{credentials, [] { return now; }};
const Access open{{}, [] { return now; }};

// A caller on this machine.
Result<Caller> ask(const Access& access, const std::vector<http::Header>& headers,
                   std::string_view peer = "127.0.0.1") {
    http::Request request;
    request.method = "GET";
    request.headers = headers;
    request.peer = peer;
    request.local = true;
    return access.caller(request);
}

// Where no token is configured.
bool may_call(const std::vector<http::Header>& headers, std::string_view peer = "127.0.0.1") {
    return ask(open, headers, peer).has_value();
}

TEST(Access, WhereTokensAreConfiguredEachCallerByTcpNeedsOne) {
    const auto without = ask(guarded, {{"Host", "127.0.0.1:8080"}});
    ASSERT_FALSE(without);
    EXPECT_NE(without.error().detail.find("Authorization: Bearer"), std::string::npos);
    EXPECT_FALSE(ask(guarded, {{"Authorization", "Bearer wrong"}}));
    EXPECT_FALSE(ask(guarded, {{"Authorization", "Basic YTpi"}}));
    const auto device_service = ask(guarded, {{"Authorization", "Bearer a-token"}});
    ASSERT_TRUE(device_service);
    EXPECT_EQ(device_service->name, "desk");
    EXPECT_EQ(device_service->permission, Permission::write);
    EXPECT_EQ(ask(guarded, {{"authorization", "bearer b"}}).value().permission, Permission::read);
}

TEST(Access, TheUnixSocketGoesByItsMode) {
    EXPECT_EQ(ask(guarded, {{"Host", "x"}}, "unix").value().permission, Permission::write);
    EXPECT_EQ(ask(guarded, {{"Authorization", "Bearer b"}}, "unix").value().name, "wall");
}

TEST(Access, NothingThatCameThroughAProxyIsLocal) {
    for (const auto& [name, value] :
         std::vector<std::pair<std::string, std::string>>{{"Forwarded", "for=192.0.2.1"},
                                                          {"X-Forwarded-For", "192.0.2.1"},
                                                          {"x-forwarded-proto", "https"},
                                                          {"X-FORWARDED-HOST", "a"},
                                                          {"X-Real-IP", "192.0.2.1"},
                                                          {"Via", "1.1 proxy"}}) {
        for (const std::string peer : {"127.0.0.1", "unix"}) {
            const auto caller = ask(open, {{"Host", "127.0.0.1"}, {name, value}}, peer);
            ASSERT_FALSE(caller) << name;
            EXPECT_NE(caller.error().detail.find("api.tokens"), std::string::npos);
        }
        EXPECT_TRUE(ask(guarded, {{name, value}, {"Authorization", "Bearer a-token"}})) << name;
    }
}

TEST(Access, FiguresAreForEveryDirectCallerHere) {
    http::Request request;
    request.local = true;
    request.peer = "127.0.0.1";
    EXPECT_TRUE(guarded.may_measure(request));
    const std::vector<http::Header> proxied{{"X-Forwarded-For", "192.0.2.1"}};
    request.headers = proxied;
    EXPECT_FALSE(guarded.may_measure(request));
    request.headers = {};
    request.local = false;
    EXPECT_FALSE(guarded.may_measure(request));
}

TEST(Access, CallersOnThisMachineNeedNoTokenWhereNoneIsConfigured) {
    EXPECT_TRUE(may_call({{"Host", "127.0.0.1:8080"}}));
    EXPECT_TRUE(may_call({}));
    EXPECT_TRUE(may_call({{"Host", "anything"}}, "unix"));
    EXPECT_TRUE(may_call({{"Host", "anything"}, {"Accept-Language", "en"}}, "unix"));
}

TEST(Access, TheDaemonsOwnPageNeedsNoTokenOnThisMachine) {
    for (const std::string host : {"127.0.0.1:8080", "localhost:8080", "LocalHost", "[::1]:8080"}) {
        EXPECT_TRUE(may_call({{"Host", host}, {"Accept-Language", "en"}})) << host;
        const auto origin = "http://" + host;
        EXPECT_TRUE(may_call({{"Host", host},
                              {"Accept-Language", "en"},
                              {"Origin", origin},
                              {"Sec-Fetch-Site", "same-origin"}}))
            << host;
    }
}

TEST(Access, APageOfAnotherOriginDoesNotSpeakForThisMachine) {
    EXPECT_FALSE(may_call({{"Host", "127.0.0.1:8080"}, {"Origin", "https://elsewhere.example"}}));
    EXPECT_FALSE(may_call({{"Host", "127.0.0.1:8080"}, {"Origin", "http://127.0.0.1:9090"}}));
    EXPECT_FALSE(may_call({{"Host", "127.0.0.1:8080"}, {"Origin", "null"}}));
    EXPECT_FALSE(may_call({{"Host", "127.0.0.1:8080"}, {"Sec-Fetch-Site", "cross-site"}}));
}

TEST(Access, APageWhoseNameWasMadeToLeadHereDoesNotSpeakForThisMachine) {
    for (const std::string host :
         {"elsewhere.example:8080", "127.0.0.1.elsewhere.example", "[::1].elsewhere.example"}) {
        EXPECT_FALSE(may_call({{"Host", host}, {"Accept-Language", "en"}})) << host;
        EXPECT_FALSE(may_call({{"Host", host}})) << host << ": not every browser says so much";
    }
}

TEST(Access, ATokenSpeaksForItselfWhateverPageItComesFrom) {
    EXPECT_TRUE(ask(guarded, {{"Host", "oracoded.example"},
                              {"Origin", "https://elsewhere.example"},
                              {"Authorization", "Bearer a-token"}}));
    EXPECT_FALSE(ask(guarded, {{"Host", "127.0.0.1"}, {"Authorization", "Bearer another"}}));
}

// The cookie for a browser that signed in with this token, good for an hour.
std::string cookie_of(const Access& access, const std::string& token) {
    http::Request request;
    const std::string bearer = "Bearer " + token;
    const std::vector<http::Header> headers{{"Authorization", bearer}};
    request.headers = headers;
    return "theme=dark; oracoded_session=" +
           access.session(request, now + std::chrono::hours{1}).value();
}

// What a browser sends along with the cookie from the daemon's own page.
bool lets_in(const Access& access, std::string_view cookie, std::string_view method,
             std::vector<http::Header> headers) {
    headers.push_back({"Cookie", cookie});
    headers.push_back({"Host", "desk.example.org"});
    http::Request request;
    request.method = method;
    request.headers = headers;
    request.peer = "192.0.2.7";
    return access.caller(request).has_value();
}

TEST(Access, ASessionStandsForTheTokenItWasMadeOf) {
    const auto cookie = cookie_of(guarded, "b");
    const auto caller = ask(guarded, {{"Host", "desk.example.org"}, {"Cookie", cookie}});
    ASSERT_TRUE(caller);
    EXPECT_EQ(caller->name, "wall");
    EXPECT_EQ(caller->permission, Permission::read);
    EXPECT_EQ(caller->signed_in_until, now + std::chrono::hours{1});
    EXPECT_EQ(cookie_of(guarded, "a-token").find("a-token"), std::string::npos);
    EXPECT_FALSE(guarded.session(http::Request{}, now));
    EXPECT_FALSE(open.session(http::Request{}, now));
}

TEST(Access, ASessionEndsInItsTimeAndWithItsToken) {
    const auto cookie = cookie_of(guarded, "a-token");
    Timestamp later = now + std::chrono::minutes{59};
    Access access{credentials, [&] { return later; }};
    EXPECT_TRUE(ask(access, {{"Cookie", cookie}}));
    later = now + std::chrono::hours{1};
    EXPECT_FALSE(ask(access, {{"Cookie", cookie}}));
    later = now;
    access.replace({{"desk", "another-token", Permission::write}});
    EXPECT_FALSE(ask(access, {{"Cookie", cookie}}));
}

TEST(Access, ASessionThatNobodyGaveLetsNobodyIn) {
    const auto cookie = cookie_of(guarded, "a-token");
    auto later = cookie;
    later.at(later.find('.') - 1) ^= 1;  // another end
    auto forged = cookie;
    forged.back() = forged.back() == '0' ? '1' : '0';
    for (const auto& bad :
         std::vector<std::string>{later, forged, cookie.substr(0, cookie.find('.')),
                                  "oracoded_session=", "oracoded_session=.",
                                  "oracoded_session=-1.0", "oracoded_session=fffffffffffffff.0"})
        EXPECT_FALSE(ask(guarded, {{"Cookie", bad}})) << bad;
    EXPECT_FALSE(ask(guarded, {{"Cookie", cookie}, {"Authorization", "Bearer wrong"}}));
}

TEST(Access, ASessionCountsForTheDaemonsOwnPageAlone) {
    const auto cookie = cookie_of(guarded, "a-token");
    const auto may = [&](std::string_view method, std::vector<http::Header> headers) {
        return lets_in(guarded, cookie, method, std::move(headers));
    };
    EXPECT_TRUE(may("GET", {}));
    EXPECT_TRUE(may("GET", {{"Sec-Fetch-Site", "none"}}));
    EXPECT_TRUE(may("POST", {{"Sec-Fetch-Site", "same-origin"}}));
    EXPECT_TRUE(may("POST", {{"Origin", "https://desk.example.org"}}));
    EXPECT_FALSE(may("POST", {}));
    EXPECT_FALSE(may("POST", {{"Sec-Fetch-Site", "none"}}));
    EXPECT_FALSE(may("DELETE", {{"Origin", "https://mail.example.org"}}));
    for (const std::string method : {"GET", "POST"}) {
        EXPECT_FALSE(may(method, {{"Sec-Fetch-Site", "cross-site"}}));
        EXPECT_FALSE(may(method, {{"Sec-Fetch-Site", "same-site"}}));
        EXPECT_FALSE(may(method, {{"Origin", "https://elsewhere.example"}}));
        EXPECT_FALSE(may(method, {{"Origin", "null"}}));
    }
}

}  // namespace
}  // namespace oracode::api
