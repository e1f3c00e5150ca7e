#include <gtest/gtest.h>

#include "net/address.hpp"
#include "net/url.hpp"

namespace oracode::net {
namespace {

TEST(HttpUrlText, IsTakenApart) {
    struct Case {
        const char* text;
        bool tls;
        const char* userinfo;
        const char* host;
        std::uint16_t port;
        const char* target;
    };
    for (const auto& [text, tls, userinfo, host, port, target] : {
             Case{"https://Seam.Example", true, "", "seam.example", 443, ""},
             Case{"HTTP://a/", false, "", "a", 80, "/"},
             Case{"http://a:65535?b=c#d", false, "", "a", 65535, "?b=c#d"},
             Case{"https://u:p%40@a_b-c.d:1/%7e/x", true, "u:p%40", "a_b-c.d", 1, "/%7e/x"},
             Case{"http://u@v@a", false, "u@v", "a", 80, ""},
             Case{"http://127.0.0.1.nip.io:81", false, "", "127.0.0.1.nip.io", 81, ""},
             Case{"https://[2001:DB8::1]:444/a:b", true, "", "2001:db8::1", 444, "/a:b"},
             Case{"http://[::1]", false, "", "::1", 80, ""},
         }) {
        const auto url = split_http_url(text);
        ASSERT_TRUE(url) << text << ": " << url.error().detail;
        EXPECT_EQ(url->tls, tls) << text;
        EXPECT_EQ(url->userinfo, userinfo) << text;
        EXPECT_EQ(url->host, host) << text;
        EXPECT_EQ(url->port, port) << text;
        EXPECT_EQ(url->target, target) << text;
    }
}

TEST(HttpUrlText, IsRefusedWhereItIsNone) {
    for (const std::string text : {"",
                                   "http",
                                   "http:",
                                   "http:/",
                                   "http://",
                                   "https:///x",
                                   "ftp://a",
                                   "//a",
                                   "a",
                                   " http://a",
                                   "http://a b",
                                   "http://a/b c",
                                   "http://a/\x7f",
                                   "http://a/%",
                                   "http://a/%4",
                                   "http://a/%4g",
                                   "http://a:",
                                   "http://a:0",
                                   "http://a:65536",
                                   "http://a:99999",
                                   "http://a:8 0",
                                   "http://a:-1",
                                   "http://a:1:2",
                                   "http://::1",
                                   "http://[::1",
                                   "http://[::1]1",
                                   "http://[]",
                                   "http://[127.0.0.1]",
                                   "http://user@",
                                   "http://\xc3\xbc",
                                   "http://a\\b",
                                   "http://a%41"})
        EXPECT_FALSE(split_http_url(text)) << text;
    // The view's end is the end, whatever stands behind it.
    EXPECT_EQ(split_http_url(std::string_view("http://a:8080").substr(0, 11))->port, 80);
}

TEST(HttpUrlText, KnowsTheMachineItself) {
    for (const auto* host :
         {"localhost", "127.0.0.1", "127.255.0.9", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1"})
        EXPECT_TRUE(is_loopback(host)) << host;
    for (const auto* host : {"", "localhost.example", "127.0.0.1.nip.io", "128.0.0.1", "0.0.0.0",
                             "::", "::2", "::ffff:10.0.0.1", "fe80::1%lo", "127.1"})
        EXPECT_FALSE(is_loopback(host)) << host;
}

}  // namespace
}  // namespace oracode::net
