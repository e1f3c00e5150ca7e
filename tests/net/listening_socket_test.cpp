#include "net/listening_socket.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "support/http_client.hpp"
#include "support/temporary_folder.hpp"

namespace oracode::net {
namespace {

using test::HttpClient;

TEST(ListeningSocket, OpensEveryFormOfAddress) {
    const auto v4 = ListeningSocket::open("127.0.0.1:0");
    ASSERT_TRUE(v4);
    EXPECT_EQ(v4->address(), "127.0.0.1:" + std::to_string(v4->port()));
    EXPECT_NO_THROW(HttpClient::tcp(v4->port()));

    const auto v6 = ListeningSocket::open("[::1]:0");
    ASSERT_TRUE(v6) << v6.error().detail;
    EXPECT_EQ(v6->address(), "[::1]:" + std::to_string(v6->port()));
    EXPECT_NO_THROW(HttpClient::tcp(v6->port(), "::1"));

    const auto both = ListeningSocket::open("[::]:0");
    ASSERT_TRUE(both);
    EXPECT_NO_THROW(HttpClient::tcp(both->port(), "::1"));
    EXPECT_NO_THROW(HttpClient::tcp(both->port(), "127.0.0.1"));
}

TEST(ListeningSocket, RefusesWhatIsNoAddress) {
    for (const auto* text : {"", "8080", ":8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                             "127.0.0.1:-1", "127.0.0.1:80x", "::1:8080", "[::1]", "[127.0.0.1]:80",
                             "localhost.example:80", "256.0.0.1:80", "unix:"}) {
        const auto socket = ListeningSocket::open(text);
        ASSERT_FALSE(socket) << text;
        EXPECT_NE(socket.error().detail.find(text), std::string::npos) << socket.error().detail;
    }
}

TEST(ListeningSocket, SaysWhoHasThePortAlready) {
    const auto first = ListeningSocket::open("127.0.0.1:0");
    const auto second = ListeningSocket::open(first->address());
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().detail.find("in use"), std::string::npos) << second.error().detail;
}

TEST(ListeningSocket, MakesAndRemovesTheFileOfAUnixSocket) {
    const test::TemporaryFolder scratch;
    const auto path = (scratch / "api.sock").string();
    {
        const auto socket =
            ListeningSocket::open("unix:" + path, {.backlog = 8, .unix_mode = 0600});
        ASSERT_TRUE(socket) << socket.error().detail;
        EXPECT_EQ(socket->address(), "unix:" + path);
        EXPECT_EQ(socket->port(), 0);
        struct stat status {};
        ASSERT_EQ(::stat(path.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777U, 0600U);
        EXPECT_NO_THROW(HttpClient::unix_socket(path));
        EXPECT_FALSE(ListeningSocket::open("unix:" + path)) << "it is served";
        EXPECT_NO_THROW(HttpClient::unix_socket(path)) << "the refused attempt took the file away";
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(ListeningSocket, ReplacesOnlyAStaleUnixSocket) {
    const test::TemporaryFolder scratch;
    const auto path = (scratch / "api.sock").string();
    {
        auto crashed = ListeningSocket::open("unix:" + path);
        ASSERT_TRUE(crashed);
        const auto kept = (scratch / "kept.sock").string();
        std::filesystem::create_hard_link(path, kept);
        crashed->close();
        std::filesystem::rename(kept, path);
    }
    ASSERT_TRUE(std::filesystem::exists(path));
    EXPECT_TRUE(ListeningSocket::open("unix:" + path));

    const auto document = (scratch / "document").string();
    test::write_file(document, "precious");
    EXPECT_FALSE(ListeningSocket::open("unix:" + document));
    EXPECT_TRUE(std::filesystem::exists(document));
    EXPECT_FALSE(ListeningSocket::open("unix:" + (scratch / std::string(120, 'x')).string()));
}

TEST(ListeningSocket, AdoptsOnlyAListeningDescriptor) {
    auto socket = ListeningSocket::open("127.0.0.1:0");
    const auto adopted = ListeningSocket::adopt(::dup(socket->descriptor()));
    ASSERT_TRUE(adopted);
    EXPECT_EQ(adopted->port(), socket->port());
    const Descriptor plain{::socket(AF_INET, SOCK_STREAM, 0)};
    EXPECT_FALSE(ListeningSocket::adopt(plain.number()));
    EXPECT_FALSE(ListeningSocket::adopt(-1));
}

}  // namespace
}  // namespace oracode::net
