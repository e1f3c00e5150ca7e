#include "net/address.hpp"

#include <gtest/gtest.h>

namespace oracode::net {
namespace {

using boost::asio::ip::make_address;

TEST(ListenAddress, TextsThatNameAnAddress) {
    const std::vector<std::pair<std::string, std::string>> valid{
        {"0.0.0.0:8443", "0.0.0.0:8443"},
        {"127.0.0.1:0", "127.0.0.1:0"},
        {"127.0.0.1:65535", "127.0.0.1:65535"},
        {"[::]:8443", "[::]:8443"},
        {"[::1]:1", "[::1]:1"},
        {"[2001:DB8:0::1]:8443", "[2001:db8::1]:8443"},
        {"localhost:8080", "127.0.0.1:8080"},
        {"unix:/run/api.sock", "unix:/run/api.sock"},
        {"unix:/run/./x/../api.sock", "unix:/run/api.sock"},
        {"unix:api.sock", "unix:/base/api.sock"},
    };
    for (const auto& [text, shown] : valid) {
        const auto address = parse_listen_address(text, "/base");
        ASSERT_TRUE(address) << text;
        EXPECT_EQ(to_string(*address), shown);
        EXPECT_EQ(parse_listen_address(shown, "/elsewhere"), address) << text;
    }
}

TEST(ListenAddress, TextsThatDoNot) {
    for (const std::string text : {"",
                                   ":",
                                   "8443",
                                   ":8443",
                                   "0.0.0.0",
                                   "0.0.0.0:",
                                   "0.0.0.0:65536",
                                   "0.0.0.0:-1",
                                   "0.0.0.0:+1",
                                   "0.0.0.0:80a",
                                   "0.0.0.0: 80",
                                   " 0.0.0.0:80",
                                   "256.0.0.1:80",
                                   "1.2.3:80",
                                   "::1:8443",
                                   "[::1]",
                                   "[::1]:",
                                   "[]:80",
                                   "[127.0.0.1]:80",
                                   "example.com:80",
                                   "*:80",
                                   "unix:",
                                   "unix:/run/",
                                   "unix:/run/x/.",
                                   "unix:..",
                                   "http://[::1]:80"})
        EXPECT_FALSE(parse_listen_address(text, "/base")) << text;
    EXPECT_TRUE(parse_listen_address("unix:/" + std::string(106, 'a'), ""));
    EXPECT_FALSE(parse_listen_address("unix:/" + std::string(107, 'a'), ""));
    EXPECT_FALSE(parse_listen_address(std::string_view("unix:/a\0b", 9), ""));
    EXPECT_FALSE(parse_tcp_address("unix:/run/api.sock"));
}

TEST(ListenAddress, OnlyLoopbackAndSocketsAreLocal) {
    for (const std::string text :
         {"127.0.0.1:1", "127.8.9.10:1", "[::1]:1", "[::ffff:127.0.0.1]:1", "unix:/s"})
        EXPECT_TRUE(is_local(*parse_listen_address(text, ""))) << text;
    for (const std::string text : {"0.0.0.0:1", "[::]:1", "128.0.0.1:1", "10.0.0.1:1",
                                   "[::ffff:10.0.0.1]:1", "[fe80::1]:1", "[2001:db8::1]:1"})
        EXPECT_FALSE(is_local(*parse_listen_address(text, ""))) << text;
}

TEST(ListenAddress, CollidesWhereBothCannotBeBound) {
    const auto both = [](std::string_view a, std::string_view b) {
        return collide(*parse_listen_address(a, ""), *parse_listen_address(b, ""));
    };
    EXPECT_TRUE(both("127.0.0.1:80", "127.0.0.1:80"));
    EXPECT_TRUE(both("0.0.0.0:80", "127.0.0.1:80"));
    EXPECT_TRUE(both("127.0.0.1:80", "[::]:80"));
    EXPECT_TRUE(both("unix:/a", "unix:/a"));
    EXPECT_FALSE(both("127.0.0.1:80", "127.0.0.1:81"));
    EXPECT_FALSE(both("127.0.0.1:80", "127.0.0.2:80"));
    EXPECT_FALSE(both("127.0.0.1:0", "127.0.0.1:0"));
    EXPECT_FALSE(both("unix:/a", "unix:/b"));
    EXPECT_FALSE(both("unix:/a", "0.0.0.0:80"));
}

TEST(Network, ContainsItsAddressesAndNoOthers) {
    struct Row {
        std::string block, inside, outside;
    };
    for (const auto& [block, inside, outside] : std::vector<Row>{
             {"10.0.0.0/8", "10.255.255.255", "11.0.0.0"},
             {"10.0.0.0/8", "::ffff:10.1.2.3", "::10.1.2.3"},
             {"192.0.2.128/25", "192.0.2.128", "192.0.2.127"},
             {"192.0.2.7", "192.0.2.7", "192.0.2.6"},
             {"0.0.0.0/0", "203.0.113.1", "2001:db8::1"},
             {"2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1"},
             {"::1", "::1", "127.0.0.1"},
             {"::1/128", "::1", "::2"},
         }) {
        const auto network = Network::parse(block);
        ASSERT_TRUE(network) << block;
        EXPECT_TRUE(network->contains(make_address(inside))) << block << ' ' << inside;
        EXPECT_FALSE(network->contains(make_address(outside))) << block << ' ' << outside;
    }
    EXPECT_TRUE(Network::parse("::/0")->contains(make_address("1.2.3.4")));
    EXPECT_NE(Network::parse("10.0.0.0/8"), Network::parse("10.0.0.0/9"));
}

TEST(Network, RefusesWhatIsNoBlock) {
    for (const std::string text :
         {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8 ", "10.0.0.1/8",
          "10.0.0.0/255.0.0.0", "10.0.0/8", "2001:db8::/129", "2001:db8::1/64", "[::1]/128",
          "fe80::1%1/64", "proxy.example"})
        EXPECT_FALSE(Network::parse(text)) << text;
}

}  // namespace
}  // namespace oracode::net
