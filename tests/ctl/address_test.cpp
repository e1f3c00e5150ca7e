#include "ctl/address.hpp"

#include <gtest/gtest.h>

namespace oracode::ctl {
namespace {

Address address(Transport transport, std::string host, std::uint16_t port, std::string target) {
    return {transport, std::move(host), port, std::move(target), ""};
}

TEST(Address, ReadsUrlsAndSockets) {
    const std::pair<const char*, Address> rows[] = {
        {"http://127.0.0.1:8080", address(Transport::plain, "127.0.0.1", 8080, "")},
        {"https://localhost:8443/webhooks/seam?a=1",
         address(Transport::tls, "localhost", 8443, "/webhooks/seam?a=1")},
        {"https://hotel.example/", address(Transport::tls, "hotel.example", 443, "/")},
        {"http://127.0.0.1.nip.io:81?a", address(Transport::plain, "127.0.0.1.nip.io", 81, "/?a")},
        {"http://hotel.example", address(Transport::plain, "hotel.example", 80, "")},
        {"https://[::1]:8443/x", address(Transport::tls, "::1", 8443, "/x")},
        {"unix:/run/oracoded/api.sock",
         {Transport::unix_socket, "", 0, "", "/run/oracoded/api.sock"}},
        {"unix:///run/oracoded/api.sock",
         {Transport::unix_socket, "", 0, "", "/run/oracoded/api.sock"}},
    };
    for (const auto& [text, expected] : rows) {
        const auto parsed = parse_address(text);
        ASSERT_TRUE(parsed) << text << ": " << parsed.error().detail;
        EXPECT_EQ(*parsed, expected) << text;
    }
}

TEST(Address, RefusesWhatCannotBeAskedAndSaysWhy) {
    const std::string too_long = "unix:/" + std::string(107, 'x');
    const std::pair<std::string, const char*> rows[] = {
        {"", "should begin with"},
        {"127.0.0.1:8080", "should begin with"},
        {"localhost", "should begin with"},
        {"http://", "no usable host"},
        {"ftp://host/", "should begin with"},
        {"http://host:0/", "no usable host"},
        {"http://host:/", "no usable host"},
        {"http://host:65537/", "no usable host"},
        {"http://host:80a/", "no usable host"},
        {"http://[::1/", "no usable host"},
        {"http://[::1]8080/", "no usable host"},
        {"http://[zz]/", "no usable host"},
        {"http://::1/", "no usable host"},

        {"https://user:secret@host/", "user name"},
        {"https://host/#part", "fragment"},
        {"http://ho st/", "no usable host"},
        {"http://host/a b", "characters"},
        {"unix:relative.sock", "absolute path"},
        {"unix:", "absolute path"},
        {too_long, "too long"},
    };
    for (const auto& [text, why] : rows) {
        const auto parsed = parse_address(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code, Errc::invalid_argument);
        EXPECT_NE(parsed.error().detail.find(why), std::string::npos)
            << text << ": " << parsed.error().detail;
    }
}

TEST(Address, NamesItselfAsHttpAndPeopleWantIt) {
    EXPECT_EQ(parse_address("https://[::1]:8443/x")->authority(), "[::1]:8443");
    EXPECT_EQ(parse_address("https://hotel.example/")->authority(), "hotel.example");
    EXPECT_EQ(parse_address("http://hotel.example:443/")->authority(), "hotel.example:443");
    EXPECT_EQ(parse_address("unix:/a.sock")->display(), "unix:/a.sock");
    EXPECT_EQ(parse_address("https://localhost:8443/x")->display(), "https://localhost:8443");
}

TEST(Address, KnowsWhichOnesStayOnThisMachine) {
    for (const auto* text :
         {"http://127.0.0.1", "http://127.8.8.8", "http://[::1]", "http://localhost", "unix:/a"})
        EXPECT_TRUE(parse_address(text)->stays_here()) << text;
    for (const auto* text : {"http://10.0.0.1", "http://[fe80::1]", "http://localhost.example",
                             "https://127.0.0.1.nip.io"})
        EXPECT_FALSE(parse_address(text)->stays_here()) << text;
}

TEST(Escape, LeavesNothingThatAUrlWouldRead) {
    EXPECT_EQ(escape("e9cf6dd6-89aa_x.~1"), "e9cf6dd6-89aa_x.~1");
    EXPECT_EQ(escape("a/b?c=d&e#f g%"), "a%2Fb%3Fc%3Dd%26e%23f%20g%25");
    EXPECT_EQ(escape("ü"), "%C3%BC");
}

}  // namespace
}  // namespace oracode::ctl
