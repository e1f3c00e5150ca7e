#include "client/proxy.hpp"

#include <gtest/gtest.h>

namespace oracode::client {
namespace {

TEST(Proxy, IsTakenAsTheEnvironmentNamesIt) {
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
    const auto endpoint = *net::parse_server_url("https://connect.getseam.com");
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

TEST(Proxy, NoProxyNamesWhatIsReachedDirectly) {
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
        const auto found = proxy_for(*net::parse_server_url(url), "http://proxy.test:3128", list);
        ASSERT_TRUE(found);
        EXPECT_EQ(!found->has_value(), direct) << url << " with NO_PROXY=" << list;
    }
}

}  // namespace
}  // namespace oracode::client
