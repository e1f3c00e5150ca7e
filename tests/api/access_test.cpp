#include "api/access.hpp"

#include <gtest/gtest.h>

namespace oracode::api {
namespace {

const Access access{{{"writer", "a-token", Permission::write}}};

// A caller on this machine without a token.
bool admitted(const std::vector<http::Header>& headers, std::string_view peer = "127.0.0.1") {
    http::Request request;
    request.headers = headers;
    request.peer = peer;
    request.local = true;
    return access.permission(request).has_value();
}

TEST(Access, CallersOnThisMachineNeedNoToken) {
    EXPECT_TRUE(admitted({{"Host", "127.0.0.1:8080"}}));
    EXPECT_TRUE(admitted({}));
    EXPECT_TRUE(admitted({{"Host", "anything"}}, "unix"));
    EXPECT_TRUE(admitted({{"Host", "anything"}, {"Accept-Language", "en"}}, "unix"));
}

TEST(Access, TheDaemonsOwnPageNeedsNoTokenOnThisMachine) {
    for (const std::string host : {"127.0.0.1:8080", "localhost:8080", "LocalHost", "[::1]:8080"}) {
        EXPECT_TRUE(admitted({{"Host", host}, {"Accept-Language", "en"}})) << host;
        const auto origin = "http://" + host;
        EXPECT_TRUE(admitted({{"Host", host},
                              {"Accept-Language", "en"},
                              {"Origin", origin},
                              {"Sec-Fetch-Site", "same-origin"}}))
            << host;
    }
}

TEST(Access, APageOfAnotherOriginDoesNotSpeakForThisMachine) {
    EXPECT_FALSE(admitted({{"Host", "127.0.0.1:8080"}, {"Origin", "https://elsewhere.example"}}));
    EXPECT_FALSE(admitted({{"Host", "127.0.0.1:8080"}, {"Origin", "http://127.0.0.1:9090"}}));
    EXPECT_FALSE(admitted({{"Host", "127.0.0.1:8080"}, {"Origin", "null"}}));
    EXPECT_FALSE(admitted({{"Host", "127.0.0.1:8080"}, {"Sec-Fetch-Site", "cross-site"}}));
}

TEST(Access, APageWhoseNameWasMadeToLeadHereDoesNotSpeakForThisMachine) {
    for (const std::string host :
         {"elsewhere.example:8080", "127.0.0.1.elsewhere.example", "[::1].elsewhere.example"}) {
        EXPECT_FALSE(admitted({{"Host", host}, {"Accept-Language", "en"}})) << host;
        EXPECT_FALSE(admitted({{"Host", host}})) << host << ": not every browser says so much";
    }
}

TEST(Access, ATokenSpeaksForItselfWhateverPageItComesFrom) {
    EXPECT_TRUE(admitted({{"Host", "oracoded.example"},
                          {"Origin", "https://elsewhere.example"},
                          {"Authorization", "Bearer a-token"}}));
    EXPECT_FALSE(admitted({{"Host", "127.0.0.1"}, {"Authorization", "Bearer another"}}));
}

}  // namespace
}  // namespace oracode::api
