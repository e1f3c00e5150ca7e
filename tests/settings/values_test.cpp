// What each kind of value takes, and what not: at the edges.
#include "settings/values.hpp"

#include <gtest/gtest.h>

namespace oracode::settings::values {
namespace {

using namespace std::chrono_literals;

template <class Kind>
void expect(const Kind& kind, std::initializer_list<const char*> taken,
            std::initializer_list<const char*> refused) {
    for (const auto* text : taken) EXPECT_TRUE(kind.parse(text, {})) << text;
    for (const auto* text : refused) EXPECT_FALSE(kind.parse(text, {})) << text;
    EXPECT_FALSE(kind.expected().empty());
}

TEST(Values, NumbersSizesAndDurationsHoldTheirLimits) {
    expect(Count{1, 10}, {"1", "10", "010"}, {"", "0", "11", "-1", "+1", "1.0", "1 ", "0x1"});
    expect(Bytes{1, 1024}, {"1", "1B", "1KiB", "1024"}, {"", "0", "1025", "2KiB", "1K", "1 KiB"});
    expect(Span{1s, 60s}, {"1s", "1000ms", "60s", "1m"},
           {"", "0s", "999ms", "61s", "2m", "5", "1h"});
    EXPECT_EQ(Count({1, 10}).expected(), "a whole number from 1 to 10");
    EXPECT_NE(Bytes({1, 1U << 20}).expected().find("from 1B to 1MiB"), std::string::npos);
    EXPECT_NE(Span({0s, 7 * 24h}).expected().find("from 0s to 7d"), std::string::npos);
}

TEST(Values, WordsAndPathsOfUrls) {
    expect(Switch{}, {"true", "false"}, {"", "yes", "1", "True", "true "});
    expect(Word{}, {"", "abc-123_!~"}, {"a b", "a\tb", "\x7f", "é"});
    expect(UrlPath{}, {"/", "/webhooks/seam", "/a-b._~!$&'()*+,;=:@"},
           {"", "a", "/a b", "/%41", "/a?b", "/a#b", "/é"});
    expect(Mode{}, {"0660", "660", "0777"}, {"", "66", "0888", "1777", "00660", "rw"});
    expect(LogFormat{}, {"text", "json"}, {"", "JSON", "xml"});
}

TEST(Values, APathStartsAtItsBase) {
    EXPECT_EQ(Path{}.parse("a/../b", "/etc"), "/etc/b");
    EXPECT_EQ(Path{}.parse("/a", "/etc"), "/a");
    EXPECT_EQ(Path{}.parse("", "/etc"), "");
    expect(RequiredPath{}, {"/a", "b"}, {"", "/a/"});
}

TEST(Values, AnEndpointIsHttpsOrThisMachine) {
    expect(Url{},
           {"https://connect.getseam.com", "https://h:8443/base", "http://127.0.0.1:1",
            "http://[::1]:1", "http://localhost:1"},
           {"", "connect.getseam.com", "http://example.org", "https://user:pw@h", "ftp://h",
            "https://h?q", "https://h#f"});
}

// 16 to 128 bytes of base64.
TEST(Values, ASigningSecretIsBase64OfTheRightLength) {
    const auto of = [](std::size_t digits, const char* padding) {
        return std::string(digits, 'A') + padding;
    };
    expect(SigningSecret{},
           {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            of(22, "==").c_str(), of(171, "=").c_str()},
           {"", "whsec_", of(20, "").c_str(), of(176, "").c_str(), of(23, "").c_str(),
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa==Sw==", "not base64 at all, not at all..."});
}

TEST(Values, ATokenHasANameAndPerhapsARight) {
    const auto reading = BearerToken{}.parse("desk:abc:read", {});
    ASSERT_TRUE(reading);
    EXPECT_EQ(reading->name, "desk");
    EXPECT_EQ(reading->token, "abc");
    EXPECT_FALSE(reading->write);
    EXPECT_TRUE(BearerToken{}.parse("desk:abc", {})->write);
    EXPECT_TRUE(BearerToken{}.parse("desk:abc:write", {})->write);
    expect(BearerToken{}, {"a.b@c-d:ABC-._~+/=="},
           {"", "abc", ":abc", "desk:", "desk::read", "desk:abc:admin", "de sk:abc", "desk:a b",
            "desk:a=b", "desk:abc:read:x"});
}

}  // namespace
}  // namespace oracode::settings::values
