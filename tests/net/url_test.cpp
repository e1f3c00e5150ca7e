#include "net/url.hpp"

#include <gtest/gtest.h>

namespace oracode::net {
namespace {

Url address(Transport transport, std::string host, std::uint16_t port, std::string target) {
    return {transport, std::move(host), port, std::move(target), ""};
}

TEST(Url, ReadsUrlsAndSockets) {
    const std::pair<const char*, Url> rows[] = {
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
        const auto parsed = parse_url(text);
        ASSERT_TRUE(parsed) << text << ": " << parsed.error().detail;
        EXPECT_EQ(*parsed, expected) << text;
    }
}

TEST(Url, RefusesWhatCannotBeAskedAndSaysWhy) {
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
        const auto parsed = parse_url(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code, Errc::invalid_argument);
        EXPECT_NE(parsed.error().detail.find(why), std::string::npos)
            << text << ": " << parsed.error().detail;
    }
}

TEST(Url, NamesItselfAsHttpAndPeopleWantIt) {
    EXPECT_EQ(parse_url("https://[::1]:8443/x")->authority(), "[::1]:8443");
    EXPECT_EQ(parse_url("https://hotel.example/")->authority(), "hotel.example");
    EXPECT_EQ(parse_url("http://hotel.example:443/")->authority(), "hotel.example:443");
    EXPECT_EQ(parse_url("unix:/a.sock")->display(), "unix:/a.sock");
    EXPECT_EQ(parse_url("https://localhost:8443/x")->display(), "https://localhost:8443");
}

TEST(Url, KnowsWhichOnesStayOnThisMachine) {
    for (const auto* text :
         {"http://127.0.0.1", "http://127.8.8.8", "http://[::1]", "http://localhost", "unix:/a"})
        EXPECT_TRUE(parse_url(text)->stays_here()) << text;
    for (const auto* text : {"http://10.0.0.1", "http://[fe80::1]", "http://localhost.example",
                             "https://127.0.0.1.nip.io"})
        EXPECT_FALSE(parse_url(text)->stays_here()) << text;
}

TEST(ServerUrl, ServersThatCanBeAsked) {
    struct Row {
        std::string text;
        Url url;
        bool loopback;
    };
    for (const auto& [text, url, loopback] : std::vector<Row>{
             {"https://connect.getseam.com",
              {Transport::tls, "connect.getseam.com", 443, ""},
              false},
             {"https://connect.getseam.com/",
              {Transport::tls, "connect.getseam.com", 443, ""},
              false},
             {"https://seam.example:8443/a/b/",
              {Transport::tls, "seam.example", 8443, "/a/b"},
              false},
             {"http://127.0.0.1:3020", {Transport::plain, "127.0.0.1", 3020, ""}, true},
             {"http://127.9.9.9", {Transport::plain, "127.9.9.9", 80, ""}, true},
             {"http://[::1]:3020/x", {Transport::plain, "::1", 3020, "/x"}, true},
             {"http://localhost", {Transport::plain, "localhost", 80, ""}, true},
             {"http://localhost.example", {Transport::plain, "localhost.example", 80, ""}, false},
             {"http://127.0.0.1.nip.io", {Transport::plain, "127.0.0.1.nip.io", 80, ""}, false},
             {"http://[::ffff:127.0.0.1]", {Transport::plain, "::ffff:127.0.0.1", 80, ""}, true},
             {"http://10.0.0.1", {Transport::plain, "10.0.0.1", 80, ""}, false},
         }) {
        const auto parsed = parse_server_url(text);
        ASSERT_TRUE(parsed) << text;
        EXPECT_EQ(*parsed, url) << text;
        EXPECT_EQ(parsed->stays_here(), loopback) << text;
    }
}

TEST(ServerUrl, RefusesEverythingElse) {
    for (const std::string text : {"",
                                   "connect.getseam.com",
                                   "//connect.getseam.com",
                                   "https:",
                                   "https://",
                                   "https:///x",
                                   "https:connect",
                                   "ftp://a.example",
                                   "wss://a.example",
                                   "https://user@a.example",
                                   "https://user:pw@a.example",
                                   "https://a.example?x=1",
                                   "https://a.example/#x",
                                   "https://a.example:0",
                                   "https://a.example:65536",
                                   "https://a.example:65979",
                                   "https://a.example/%zz",
                                   "https://a.example/a b",
                                   "https://a.example:x",
                                   "https://a b",
                                   " https://a.example",
                                   "https://[::1"})
        EXPECT_FALSE(parse_server_url(text)) << text;
}

TEST(PercentEncode, LeavesNothingThatAUrlWouldRead) {
    EXPECT_EQ(percent_encode("e9cf6dd6-89aa_x.~1"), "e9cf6dd6-89aa_x.~1");
    EXPECT_EQ(percent_encode("a/b?c=d&e#f g%"), "a%2Fb%3Fc%3Dd%26e%23f%20g%25");
    EXPECT_EQ(percent_encode("ü"), "%C3%BC");
}

}  // namespace
}  // namespace oracode::net
