#include "http/host_name.hpp"

#include <gtest/gtest.h>

namespace oracode::http {
namespace {

TEST(HostName, IsThisMachinesWhereNoDnsCanAnswerForIt) {
    for (const auto* host : {"", "localhost", "LocalHost:8080", "127.0.0.1", "127.0.0.1:8080",
                             "192.0.2.7:80", "[::1]", "[::1]:8080", "[2001:db8::1]:8080"})
        EXPECT_TRUE(names_this_machine(host)) << host;
}

TEST(HostName, IsForeignWhereItsOwnerDecidesWhereItLeads) {
    for (const auto* host : {"evil.example", "evil.example:8080", "localhost.evil.example",
                             "localhost.evil.example:80", "127.0.0.1.evil.example",
                             "[::1].evil.example", "[::1].evil.example:8080", "[::1]evil", "[evil]",
                             "[", "[]", "[::1", "localhost:8080.evil.example", "127.0.0.1:80:evil",
                             "1.2.3", "127.0.0.1:8080@evil.example"})
        EXPECT_FALSE(names_this_machine(host)) << host;
}

}  // namespace
}  // namespace oracode::http
