#include "seam/client_endpoint.hpp"

#include <gtest/gtest.h>

namespace oracode::seam {
namespace {

TEST(ClientEndpoint, TakesHttpsAnywhereAndHttpOnLoopback) {
    struct Case {
        std::string url;
        Endpoint endpoint;
        std::string host_header;
    };
    const std::vector<Case> cases{
        {"https://connect.getseam.com",
         {true, "connect.getseam.com", 443, ""},
         "connect.getseam.com"},
        {"https://Connect.GetSeam.com/",
         {true, "connect.getseam.com", 443, ""},
         "connect.getseam.com"},
        {"HTTPS://seam.test:8443/a/b/", {true, "seam.test", 8443, "/a/b"}, "seam.test:8443"},
        {"https://192.0.2.1", {true, "192.0.2.1", 443, ""}, "192.0.2.1"},
        {"https://[2001:db8::1]:444", {true, "2001:db8::1", 444, ""}, "[2001:db8::1]:444"},
        {"http://localhost:3020", {false, "localhost", 3020, ""}, "localhost:3020"},
        {"http://127.0.0.1", {false, "127.0.0.1", 80, ""}, "127.0.0.1"},
        {"http://127.9.9.9:1", {false, "127.9.9.9", 1, ""}, "127.9.9.9:1"},
        {"http://[::1]:80", {false, "::1", 80, ""}, "[::1]"},
    };
    for (const auto& [url, endpoint, header] : cases) {
        const auto parsed = parse_endpoint(url);
        ASSERT_TRUE(parsed) << url << ": " << parsed.error().detail;
        EXPECT_EQ(*parsed, endpoint) << url;
        EXPECT_EQ(host_header(*parsed), header) << url;
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

TEST(ClientEndpoint, TakesAProxyAsTheEnvironmentNamesIt) {
    struct Case {
        std::string url;
        Proxy proxy;
    };
    const std::vector<Case> cases{
        {"http://proxy.test:3128", {"proxy.test", 3128, ""}},
        {"http://proxy.test:3128/", {"proxy.test", 3128, ""}},
        {"proxy.test:3128", {"proxy.test", 3128, ""}},
        {"http://proxy.test", {"proxy.test", 80, ""}},
        {"http://[::1]:8080", {"::1", 8080, ""}},
        {"http://a:b@proxy.test:1", {"proxy.test", 1, "Basic YTpi"}},
        {"http://a%3a:%40@proxy.test:1", {"proxy.test", 1, "Basic YTo6QA=="}},
    };
    const auto endpoint = *parse_endpoint("https://connect.getseam.com");
    for (const auto& [url, proxy] : cases) {
        const auto found = proxy_for(endpoint, url, "");
        ASSERT_TRUE(found) << url << ": " << found.error().detail;
        EXPECT_EQ(*found, proxy) << url;
    }
    for (const std::string url : {"https://proxy.test", "socks5://proxy.test", "http://", "a b",
                                  "http://secret@proxy.test:0", "http://proxy.test:99999"}) {
        const auto found = proxy_for(endpoint, url, "");
        ASSERT_FALSE(found) << url;
        EXPECT_EQ(found.error().detail.find("secret"), std::string::npos);
    }
}

TEST(ClientEndpoint, NoProxyNamesWhatIsReachedDirectly) {
    struct Case {
        std::string endpoint;
        std::string no_proxy;
        bool direct;
    };
    const std::string seam = "https://connect.getseam.com";
    const std::vector<Case> cases{
        {seam, "", false},
        {seam, "*", true},
        {seam, "connect.getseam.com", true},
        {seam, "CONNECT.getseam.com", true},
        {seam, "getseam.com", true},
        {seam, ".getseam.com", true},
        {seam, "*.getseam.com", true},
        {seam, " a.test , getseam.com ", true},
        {seam, "connect.getseam.com:443", true},
        {seam, "connect.getseam.com:8443", false},
        {seam, "seam.com", false},
        {seam, "connect", false},
        {seam, "a.connect.getseam.com", false},
        {seam, ",,", false},
        {seam, ".", false},
        {seam, ":443", false},
        {"https://192.0.2.1", "192.0.2.1", true},
        {"https://192.0.2.1", "192.0.2.2", false},
        {"https://192.0.2.1", "192.0.2.1:443", true},
        {"https://[2001:db8::1]", "2001:db8::1", true},
        {"https://[2001:db8::1]", "[2001:db8::1]", true},
        {"https://[2001:db8::1]:444", "[2001:db8::1]:444", true},
        {"https://[2001:db8::1]:444", "[2001:db8::1]:443", false},
        {"http://localhost:1", "", true},  // never leaves this machine
    };
    for (const auto& [url, list, direct] : cases) {
        const auto found = proxy_for(*parse_endpoint(url), "http://proxy.test:3128", list);
        ASSERT_TRUE(found);
        EXPECT_EQ(!found->has_value(), direct) << url << " with NO_PROXY=" << list;
    }
}

}  // namespace
}  // namespace oracode::seam
