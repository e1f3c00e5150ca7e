#include "http/listener.hpp"

#include <set>

#include <gtest/gtest.h>
#include <openssl/x509.h>
#include <sys/resource.h>

#include "support/http_server.hpp"

namespace oracode::http {
namespace {

using test::echo;
using test::HttpClient;
using test::HttpServer;
using End = HttpClient::End;
using namespace std::chrono_literals;

const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

TEST(Listener, ServesIpv6AndIpv4OnOneSocket) {
    HttpServer on({.handler =
                       [](const Request& request, Reply reply) {
                           Response response;
                           response.body =
                               std::string(request.peer) + (request.local ? " local" : "");
                           reply.send(std::move(response));
                       },
                   .address = "[::]:0"});
    EXPECT_EQ(HttpClient::tcp(on.port(), "::1").ask(get).body, "::1 local");
    EXPECT_EQ(HttpClient::tcp(on.port(), "127.0.0.1").ask(get).body, "127.0.0.1 local");
}

TEST(Listener, ServesAUnixSocket) {
    const test::TemporaryFolder scratch;
    const auto path = (scratch / "api.sock").string();
    HttpServer on({.handler =
                       [](const Request& request, Reply reply) {
                           Response response;
                           response.body =
                               std::string(request.peer) + (request.local ? " local" : "");
                           reply.send(std::move(response));
                       },
                   .address = "unix:" + path});
    EXPECT_EQ(on.listener().addresses(), std::vector<std::string>{"unix:" + path});
    EXPECT_EQ(HttpClient::unix_socket(path).ask(get).body, "unix local");
    on.stop().wait();
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Listener, SpreadsConnectionsOverItsThreads) {
    std::mutex mutex;
    std::set<std::thread::id> threads;
    HttpServer on({.handler =
                       [&](const Request&, Reply reply) {
                           const std::lock_guard lock(mutex);
                           threads.insert(std::this_thread::get_id());
                           reply.send({.status = 204});
                       },
                   .threads = 3});
    for (int i = 0; i < 6; ++i) EXPECT_EQ(on.ask(get).status, 204);
    EXPECT_EQ(threads.size(), 3U);
}

TEST(Listener, RefusesTheConnectionPastTheCapAndTakesTheNextWhenOneIsGone) {
    for (const bool by_address : {true, false}) {
        Limits limits;
        (by_address ? limits.max_connections_per_address : limits.max_connections) = 2;
        HttpServer on({.handler =
                           [](const Request& request, Reply reply) {
                               request.mark_authentic();
                               echo(request, std::move(reply));
                           },
                       .limits = limits});
        auto first = on.connect();
        auto second = on.connect();
        EXPECT_EQ(first.ask(get).status, 200);
        EXPECT_EQ(second.ask(get).status, 200);
        auto third = on.connect();
        EXPECT_NE(third.end(), End::open);
        EXPECT_EQ(on.seen().over_address, by_address ? 1 : 0);
        EXPECT_EQ(on.seen().over_all, by_address ? 0 : 1);
        EXPECT_EQ(on.seen().opened, 2);
        first.vanish();
        ASSERT_TRUE(test::eventually([&] { return on.seen().closed == 1; }));
        EXPECT_EQ(on.ask(get).status, 200);
    }
}

TEST(Listener, NeedsAHandlerForEachThread) {
    EXPECT_THROW(Listener({.contexts = {},
                           .handlers = {},
                           .sockets = {},
                           .limits = {},
                           .credentials = {},
                           .clock = {}}),
                 std::invalid_argument);
}

TEST(Listener, GoesOnAfterRunningOutOfDescriptors) {
    HttpServer on({.handler = echo});
    // UBSan looks at an object of a type that is new to it through a pipe, for which no descriptor
    // will be left.
    auto served = HttpClient::tcp(on.port());
    ASSERT_EQ(served.ask(get).status, 200);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    net::Descriptor spare{::dup(0)};
    rlimit tight = before;
    tight.rlim_cur = static_cast<rlim_t>(spare.number()) + 1;
    spare.reset();
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
    auto client = HttpClient::tcp(on.port());  // takes the last number that is left
    client.send(get);
    const bool noticed = test::eventually([&] { return on.seen().accept_failures > 0; });
    const int failures = on.seen().accept_failures;
    EXPECT_EQ(client.end(300ms), End::open);
    EXPECT_LT(on.seen().accept_failures - failures, 10) << "it spins";
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_TRUE(noticed);
    EXPECT_EQ(client.receive().status, 200) << "who waited in the backlog is served in the end";
}

// TLS on the wire.

TEST(TlsListener, SpeaksTls12And13Only) {
    HttpServer on({.handler = echo, .tls = true});
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        auto client = HttpClient::tcp(on.port());
        EXPECT_EQ(client.start_tls(version, version).ask(get).status, 200);
        EXPECT_EQ(SSL_version(client.tls()), version);
        const auto* cipher = SSL_get_current_cipher(client.tls());
        EXPECT_EQ(SSL_CIPHER_is_aead(cipher), 1) << SSL_CIPHER_get_name(cipher);
        const int key_exchange = version == TLS1_2_VERSION ? NID_kx_ecdhe : NID_kx_any;
        EXPECT_EQ(SSL_CIPHER_get_kx_nid(cipher), key_exchange) << SSL_CIPHER_get_name(cipher);
    }
    for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
        auto client = HttpClient::tcp(on.port());
        EXPECT_THROW(client.start_tls(version, version), std::runtime_error);
    }
    EXPECT_TRUE(test::eventually([&] {
        return on.seen().last() == "handshake:unsupported protocol";
    })) << on.seen().last();
}

TEST(TlsListener, RefusesRenegotiation) {
    HttpServer on({.handler = echo, .tls = true});
    auto client = HttpClient::tcp(on.port());
    client.start_tls(TLS1_2_VERSION, TLS1_2_VERSION);
    EXPECT_EQ(client.ask(get).status, 200);
    EXPECT_EQ(client.renegotiate(), "no renegotiation");
}

TEST(TlsListener, SurvivesGarbage) {
    HttpServer on({.handler = echo, .tls = true});
    std::string flood = "\x16\x03\x01\xff\xff";
    flood.resize(70'000, 'x');
    const std::vector<std::string> rows{get, flood, std::string(100, '\0'), "\x80\x2e\x01\x03\x01"};
    for (const auto& garbage : rows) {
        auto client = HttpClient::tcp(on.port());
        client.send_raw(garbage).shut_down_sending();
        EXPECT_NE(client.end(), End::open);
    }
    auto late = on.connect();
    EXPECT_EQ(late.ask(get).status, 200);
    late.send_raw("this is no record");
    EXPECT_NE(late.end(), End::open);
    EXPECT_TRUE(test::eventually([&] { return on.seen().alive() == 0; }));
    EXPECT_EQ(on.ask(get).status, 200);
}

std::string name_of_peer(HttpClient& client) {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate{
        SSL_get1_peer_certificate(client.tls()), X509_free};
    char name[64] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name,
                              sizeof name);
    return name;
}

TEST(TlsListener, ChangesItsCertificateUnderLiveConnections) {
    HttpServer on({.handler = echo, .tls = true});
    auto old = on.connect();
    EXPECT_EQ(name_of_peer(old), "first");
    const auto pair = test::make_certificate("second", std::chrono::hours{24});
    test::write_file(on.files().certificate, pair.certificate);
    test::write_file(on.files().private_key, pair.private_key);
    EXPECT_EQ(on.ask(get).status, 200);

    on.credentials().adopt(std::move(*tls::Credentials::load(on.files()).value()));
    auto fresh = on.connect();
    EXPECT_EQ(name_of_peer(fresh), "second");
    EXPECT_EQ(fresh.ask(get).status, 200);
    EXPECT_EQ(old.ask(get).status, 200);
}

}  // namespace
}  // namespace oracode::http
