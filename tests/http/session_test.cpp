#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "tests/http/plain_and_tls.hpp"

namespace oracode::http {
namespace {

using test::echo;
using test::HttpAnswer;
using test::HttpClient;
using test::HttpServer;
using End = HttpClient::End;
using namespace std::chrono_literals;

std::string post(const std::string& lines, const std::string& body) {
    return "POST /p HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n" + body;
}

std::string post(const std::string& body) {
    return post("Content-Length: " + std::to_string(body.size()) + "\r\n", body);
}

void expect_problem(const HttpAnswer& answer, int status, const std::string& says) {
    EXPECT_EQ(answer.status, status) << says;
    EXPECT_EQ(answer.header("content-type"), "application/problem+json") << says;
    const auto document = boost::json::parse(answer.body);
    EXPECT_EQ(document.at("status"), status) << says;
    EXPECT_EQ(document.at("instance").as_string(), answer.header("x-request-id")) << says;
    EXPECT_EQ(document.as_object().count("detail"), 0U) << "an attacker learns which check it was";
}

// Everything that holds with TLS and without.
class Session : public PlainAndTls {};
INSTANTIATE_TEST_SUITE_P(Http, Session, testing::Values(false, true), PlainAndTls::name);

TEST_P(Session, AnswersRequestAfterRequestOnOneConnection) {
    auto on = server(echo);
    auto client = on.connect();
    for (int i = 0; i < 5; ++i) {
        const auto answer = client.ask(post("body " + std::to_string(i)));
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, "POST /p  body " + std::to_string(i));
        EXPECT_EQ(answer.header("server"), "oracoded");
        EXPECT_EQ(answer.header("date"), "Thu, 05 Mar 2026 15:00:00 GMT");
        EXPECT_FALSE(answer.has("connection"));
    }
    EXPECT_EQ(on.seen().opened, 1);
}

TEST_P(Session, AnswersPipelinedRequestsInOrder) {
    auto on = server(echo);
    auto client = on.connect();
    std::string burst;
    for (int i = 0; i < 100; ++i)
        burst += post(std::to_string(i)) + "GET /g HTTP/1.1\r\nHost: a\r\n\r\n";
    client.send(burst);
    for (int i = 0; i < 100; ++i) {
        ASSERT_EQ(client.receive().body, "POST /p  " + std::to_string(i));
        ASSERT_EQ(client.receive().body, "GET /g  ");
    }
}

TEST_P(Session, DoesNotMindHowTheBytesAreCut) {
    auto on = server(echo);
    auto client = on.connect();
    client.send_by_byte(post("hello") +
                        post("Transfer-Encoding: chunked\r\n", "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n") +
                        post("!"));
    EXPECT_EQ(client.receive().body, "POST /p  hello");
    EXPECT_EQ(client.receive().body, "POST /p  hello");
    EXPECT_EQ(client.receive().body, "POST /p  !");
}

TEST_P(Session, HandsOverWhatTheHandlerNeedsToKnow) {
    std::string seen;
    auto on = server([&](const Request& request, Reply reply) {
        seen = std::string(request.method) + "|" + std::string(request.target) + "|" +
               std::string(request.peer) + "|" +
               std::string(request.header("x-COLOUR").value_or("-")) + "|" +
               (request.local ? "local" : "far");
        reply.send({.status = 204});
    });
    const auto answer = on.ask("PATCH /a%20b?c=d HTTP/1.1\r\nHost: a\r\nX-Colour:  blue \r\n\r\n");
    EXPECT_EQ(seen, "PATCH|/a%20b?c=d|127.0.0.1|blue|local");
    EXPECT_EQ(answer.status, 204);
    EXPECT_FALSE(answer.has("content-length"));
    EXPECT_FALSE(answer.has("content-type"));
}

TEST_P(Session, LeavesOutTheBodyOfAHead) {
    auto on = server(echo);
    auto client = on.connect();
    const auto answer = client.send("HEAD /p HTTP/1.1\r\nHost: a\r\n\r\n").receive(true);
    EXPECT_EQ(answer.header("content-length"), "9");
    EXPECT_EQ(client.ask(post("next")).body, "POST /p  next") << "a body went out after all";
}

TEST_P(Session, ClosesWhenAskedTo) {
    auto on = server(echo);
    for (const auto* request :
         {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"}) {
        auto client = on.connect();
        EXPECT_EQ(client.ask(request).header("connection"), "close");
        EXPECT_EQ(client.end(), End::closed);
    }
    auto old = on.connect();
    EXPECT_EQ(old.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").header("connection"),
              "keep-alive");
    EXPECT_EQ(old.ask(post("again")).status, 200);

    auto by_handler =
        server([](const Request&, Reply reply) { reply.send({.status = 200, .close = true}); });
    auto client = by_handler.connect();
    EXPECT_EQ(client.ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n").header("connection"), "close");
    EXPECT_EQ(client.end(), End::closed);
}

TEST_P(Session, EndsWithAClientThatShutsItsSideDown) {
    auto on = server(echo);
    auto client = on.connect();
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").shut_down_sending();
    EXPECT_EQ(client.receive().status, 200);
    EXPECT_NE(client.end(), End::open);
    EXPECT_TRUE(test::eventually([&] { return on.seen().alive() == 0; }));
}

TEST_P(Session, EchoesASaneRequestIdAndMakesOneOtherwise) {
    auto on = server(echo);
    auto client = on.connect();
    const auto id_of = [&](const std::string& sent) {
        return client.ask("GET / HTTP/1.1\r\nHost: a\r\nX-Request-ID: " + sent + "\r\n\r\n")
            .header("x-request-id");
    };
    EXPECT_EQ(id_of("abc-123/!"), "abc-123/!");
    EXPECT_EQ(id_of(std::string(128, 'x')), std::string(128, 'x'));
    const auto first = id_of(std::string(129, 'x'));
    const auto second = id_of("with blank");
    EXPECT_LT(first.size(), 30U);
    EXPECT_NE(first, second);
    EXPECT_EQ(id_of("caf\xc3\xa9").find("caf"), std::string::npos);
    EXPECT_GT(id_of("").size(), 5U);
}

TEST_P(Session, AnswersLaterFromAnyThread) {
    std::thread worker;
    auto on = server([&](const Request& request, Reply reply) {
        if (worker.joinable()) worker.join();
        worker =
            std::thread([body = std::string(request.body), reply = std::move(reply)]() mutable {
                Response response;
                response.body = body;
                reply.send(std::move(response));
            });
    });
    auto client = on.connect();
    client.send(post("first") + post("second"));
    EXPECT_EQ(client.receive().body, "first");
    EXPECT_EQ(client.receive().body, "second");
    worker.join();
}

TEST_P(Session, AnswersLaterOnItsOwnThread) {
    auto on = server([](const Request& request, Reply reply) {
        auto& context = reply.context();
        boost::asio::post(context, [&request, reply = std::move(reply)]() mutable {
            Response response;
            response.body = request.body;  // valid until the reply is sent
            reply.send(std::move(response));
        });
    });
    EXPECT_EQ(on.ask(post("later")).body, "later");
}

TEST_P(Session, AnswersForHandlersThatFail) {
    auto on = server([](const Request& request, Reply) {
        if (request.path == "/throw") throw std::runtime_error("secret of the house");
    });
    for (const auto* path : {"/throw", "/forget"}) {
        auto client = on.connect();
        const auto answer = client.ask(std::string("GET ") + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
        expect_problem(answer, 500, path);
        EXPECT_EQ(answer.body.find("secret"), std::string::npos);
        EXPECT_EQ(client.end(), End::closed);
    }
    EXPECT_EQ(on.seen().last(), "handler:secret of the house");
}

TEST_P(Session, GivesAnEmptyErrorAProblemDocument) {
    auto on = server([](const Request&, Reply reply) { reply.send({.status = 503}); });
    auto client = on.connect();
    expect_problem(client.ask(post("")), 503, "empty 503");
    EXPECT_EQ(client.ask(post("")).status, 503) << "an error is no reason to close";
}

TEST_P(Session, SendsLargeAnswersWhole) {
    std::string large(3'000'000, '\0');
    for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>('a' + i % 23);
    auto on = server([&](const Request&, Reply reply) {
        Response response;
        response.body = large;
        reply.send(std::move(response));
    });
    auto client = on.connect();
    client.send(post("") + post(""));
    EXPECT_EQ(client.receive().body, large);
    EXPECT_EQ(client.receive().body, large);
}

TEST_P(Session, TakesBodiesUpToTheLimit) {
    Limits limits;
    limits.max_body = 100'000;
    auto on = server(
        [](const Request& request, Reply reply) {
            Response response;
            response.body = std::to_string(request.body.size());
            reply.send(std::move(response));
        },
        limits);
    auto client = on.connect();
    EXPECT_EQ(client.ask(post(std::string(100'000, 'x'))).body, "100000");
    EXPECT_EQ(client
                  .ask(post("Transfer-Encoding: chunked\r\n",
                            "186a0\r\n" + std::string(100'000, 'x') + "\r\n0\r\n\r\n"))
                  .body,
              "100000");

    expect_problem(client.ask(post("Content-Length: 100001\r\n", "")), 413, "declared");
    EXPECT_EQ(client.end(), End::closed);
    auto chunked = on.connect();
    expect_problem(chunked.ask(post("Transfer-Encoding: chunked\r\n", "186a1\r\nxx")), 413,
                   "chunked");
    EXPECT_EQ(chunked.end(), End::closed);
    auto stubborn = on.connect();
    expect_problem(stubborn.ask(post(std::string(1'000'000, 'x'))), 413,
                   "the answer must not be lost to a reset");
    stubborn.send(std::string(500'000, 'x'));
    EXPECT_EQ(stubborn.end(), End::closed);
    EXPECT_EQ(on.seen().last(), "413:body_too_large");
}

TEST_P(Session, InvitesTheBodyOfAnExpectation) {
    auto on = server(echo);
    auto client = on.connect();
    client.send(post("Expect: 100-continue\r\nContent-Length: 5\r\n", ""));
    EXPECT_EQ(client.receive().status, 100);
    EXPECT_EQ(client.ask("hello").body, "POST /p  hello");

    EXPECT_EQ(client.ask(post("Expect: 100-continue\r\nContent-Length: 5\r\n", "hello")).status,
              200)
        << "no invitation needed";
    const auto refused =
        client.ask(post("Expect: 100-continue\r\nContent-Length: 5000000\r\n", ""));
    EXPECT_EQ(refused.status, 413) << "an invitation to send what is refused then";
}

TEST_P(Session, RefusesAtTheGateAndCloses) {
    struct Row {
        const char* says;
        std::string request;
        int status;
    };
    const std::string chunk = "5\r\nhello\r\n0\r\n\r\n";
    std::string fields;
    for (int i = 0; i < 64; ++i) fields += "X: y\r\n";
    using namespace std::string_literals;
    const std::vector<Row> rows{
        {"TE under 1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk, 400},
        {"TE not chunked", post("Transfer-Encoding: gzip\r\n", ""), 400},
        {"TE list", post("Transfer-Encoding: gzip, chunked\r\n", chunk), 400},
        {"TE and CL", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", chunk), 400},
        {"two CL", post("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), 400},
        {"CL list", post("Content-Length: 5, 5\r\n", "hello"), 400},
        {"CL signed", post("Content-Length: +5\r\n", "hello"), 400},
        {"CL too large for a number", post("Content-Length: 99999999999999999999\r\n", ""), 400},
        {"folded", post("X: a\r\n b\r\n", ""), 400},
        {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
        {"two Hosts", post("Host: b\r\n", ""), 400},
        {"svix repeated", post("svix-id: a\r\nsvix-id: a\r\n", ""), 400},
        {"webhook repeated", post("webhook-id: a\r\nWebhook-Id: b\r\n", ""), 400},
        {"bare LF", "GET / HTTP/1.1\nHost: a\n\n", 400},
        {"bare LF in a header", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400},
        {"bare CR", post("X: a\rb\r\n", ""), 400},
        {"space before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
        {"NUL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"s, 400},
        {"NUL in a name", "GET / HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n"s, 400},
        {"NUL in the target", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"s, 400},
        {"chunk size overflow",
         post("Transfer-Encoding: chunked\r\n", "10000000000000005\r\nhello\r\n0\r\n\r\n"), 400},
        {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
        {"binary", "\x16\x03\x01\x02\x00\x01"s, 400},
        {"CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 400},
        {"unknown expectation", post("Expect: tea\r\n", ""), 417},
        {"too many fields", post(fields, ""), 431},
        {"head too large", post("X: " + std::string(17'000, 'x') + "\r\n", ""), 431},
        {"head without end", "GET / HTTP/1.1\r\nX: " + std::string(100'000, 'x'), 431},
    };
    auto on = server(echo);
    for (const auto& row : rows) {
        auto client = on.connect();
        // What is behind a refused request is never looked at.
        const auto answer = client.ask(row.request + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
        expect_problem(answer, row.status, row.says);
        EXPECT_EQ(answer.header("connection"), "close") << row.says;
        EXPECT_THROW(client.receive(), std::runtime_error) << row.says;
    }
}

TEST_P(Session, OutlivesAClientThatVanishes) {
    std::mutex mutex;
    std::vector<Reply> replies;
    auto on = server([&](const Request&, Reply reply) {
        const std::lock_guard lock(mutex);
        replies.push_back(std::move(reply));
    });
    on.connect().send("POST /p HTTP/1.1\r\nHost: a\r\nConte").vanish();
    on.connect().send(post("Content-Length: 5\r\n", "he")).vanish();
    on.connect().send(post("Content-Length: 5\r\n", "he")).shut_down_sending();
    EXPECT_TRUE(test::eventually([&] { return on.seen().closed == 3; }))
        << "noticed without waiting for a deadline";

    auto waiting = on.connect();
    waiting.send(post("hello"));
    EXPECT_TRUE(test::eventually([&] {
        const std::lock_guard lock(mutex);
        return replies.size() == 1;
    }));
    waiting.vanish();
    const std::lock_guard lock(mutex);
    replies.front().send({.status = 204});
    EXPECT_TRUE(test::eventually([&] { return on.seen().alive() == 0; }));
}

TEST_P(Session, SeesAnEndThatArrivesTogetherWithTheLastBytes) {
    std::promise<void> busy;
    std::promise<void> go_on;
    auto on = server([&](const Request& request, Reply reply) {
        if (request.path == "/block") {
            busy.set_value();
            go_on.get_future().wait();
        }
        reply.send({.status = 204});
    });
    auto whole = on.connect();
    auto partial = on.connect();
    auto blocking = on.connect();
    blocking.send("GET /block HTTP/1.1\r\nHost: a\r\n\r\n");
    busy.get_future().wait();
    whole.send(post("hello")).shut_down_sending();
    partial.send(post("Content-Length: 5\r\n", "he")).shut_down_sending();
    go_on.set_value();
    EXPECT_EQ(blocking.receive().status, 204);
    EXPECT_EQ(whole.receive().status, 204);
    EXPECT_NE(whole.end(), End::open);
    EXPECT_NE(partial.end(), End::open);
    EXPECT_TRUE(test::eventually([&] { return on.seen().closed == 2; }));
}

TEST(UnixSession, IsNotKilledByAnAnswerToNobody) {
    const test::TemporaryFolder scratch;
    std::promise<Reply> asked;
    HttpServer on(
        {.handler = [&](const Request&, Reply reply) { asked.set_value(std::move(reply)); },
         .address = "unix:" + (scratch / "s").string()});
    HttpClient::unix_socket((scratch / "s").string()).send(post("hello")).vanish();
    asked.get_future().get().send({.status = 204});  // SIGPIPE would end the test program
    EXPECT_TRUE(test::eventually([&] { return on.seen().closed == 1; }));
}

}  // namespace
}  // namespace oracode::http
