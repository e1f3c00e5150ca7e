#include "seam/client_endpoint.hpp"

#include <gtest/gtest.h>

namespace oracode::seam {
namespace {

constexpr auto tls = net::Transport::tls;
constexpr auto plain = net::Transport::plain;

TEST(ClientEndpoint, TakesHttpsAnywhereAndHttpOnLoopback) {
    struct Case {
        std::string url;
        net::Url endpoint;
        std::string host_header;
    };
    const std::vector<Case> cases{
        {"https://connect.getseam.com",
         {tls, "connect.getseam.com", 443, ""},
         "connect.getseam.com"},
        {"https://Connect.GetSeam.com/",
         {tls, "connect.getseam.com", 443, ""},
         "connect.getseam.com"},
        {"HTTPS://seam.test:8443/a/b/", {tls, "seam.test", 8443, "/a/b"}, "seam.test:8443"},
        {"https://192.0.2.1", {tls, "192.0.2.1", 443, ""}, "192.0.2.1"},
        {"https://[2001:db8::1]:444", {tls, "2001:db8::1", 444, ""}, "[2001:db8::1]:444"},
        {"http://localhost:3020", {plain, "localhost", 3020, ""}, "localhost:3020"},
        {"http://127.0.0.1", {plain, "127.0.0.1", 80, ""}, "127.0.0.1"},
        {"http://127.9.9.9:1", {plain, "127.9.9.9", 1, ""}, "127.9.9.9:1"},
        {"http://[::1]:80", {plain, "::1", 80, ""}, "[::1]"},
    };
    for (const auto& [url, endpoint, header] : cases) {
        const auto parsed = parse_endpoint(url);
        ASSERT_TRUE(parsed) << url << ": " << parsed.error().detail;
        EXPECT_EQ(*parsed, endpoint) << url;
        EXPECT_EQ(parsed->authority(), header) << url;
    }
}

TEST(ClientEndpoint, RefusesTheRest) {
    for (const std::string url : {"",
                                  "connect.getseam.com",
                                  "//connect.getseam.com",
                                  "https://",
                                  "https:///path",
                                  "ftp://localhost",
                                  "http://connect.getseam.com",
                                  "http://10.0.0.1",
                                  "http://0.0.0.0",
                                  "http://localhost.example.com",
                                  "http://127.0.0.1.nip.io",
                                  "http://127.0.0.1.nip.io:80",
                                  "http://localhost:65617",
                                  "http://[2001:db8::1]",
                                  "https://user@seam.test",
                                  "https://user:secret@seam.test",
                                  "https://seam.test?a=b",
                                  "https://seam.test#a",
                                  "https://seam.test:0",
                                  "https://seam.test:65536",
                                  "https://seam.test:x",
                                  "https://seam test"}) {
        const auto parsed = parse_endpoint(url);
        ASSERT_FALSE(parsed) << url;
        EXPECT_EQ(parsed.error().code, Errc::invalid_argument);
        EXPECT_EQ(parsed.error().detail.find("secret"), std::string::npos);
    }
}

}  // namespace
}  // namespace oracode::seam
