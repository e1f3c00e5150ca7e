#include "http/request_reader.hpp"

#include <gtest/gtest.h>

namespace oracode::http {
namespace {

using Stage = RequestReader::Stage;

// Offers `input` in pieces of `step` bytes, as a session does. Returns what was left untaken.
std::string feed(RequestReader& reader, std::string_view input, std::size_t step) {
    std::string waiting;
    while (!input.empty() && !reader.refusal() && reader.stage() != Stage::complete) {
        waiting += input.substr(0, step);
        input.remove_prefix(std::min(step, input.size()));
        waiting.erase(0, reader.take(waiting));
    }
    return waiting + std::string(input);
}

std::string post(const std::string& lines, const std::string& body) {
    return "POST /p?q=1 HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n" + body;
}

TEST(RequestReader, ReadsTheSameInOnePieceAndByteByByte) {
    const std::vector<std::pair<std::string, std::string>> rows{
        {post("Content-Length: 5\r\n", "hello"), "hello"},
        {post("Content-Length: 0\r\n", ""), ""},
        {post("", ""), ""},
        {post("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"), "hello"},
        {post("Transfer-Encoding: chunked\r\n", "3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"), "hello"},
        {post("Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), ""},
        {post("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\nsvix-id: forged\r\n\r\n"),
         "hello"},
        {"\r\n" + post("Content-Length: 5\r\n", "hello"), "hello"},
    };
    const Limits limits;
    for (const auto& [input, body] : rows) {
        for (const std::size_t step :
             {std::size_t{1}, std::size_t{2}, std::size_t{7}, input.size()}) {
            RequestReader reader(limits);
            const auto rest = feed(reader, input + "GET /next", step);
            ASSERT_EQ(reader.stage(), Stage::complete) << input;
            EXPECT_FALSE(reader.refusal());
            EXPECT_EQ(rest, "GET /next");
            EXPECT_EQ(reader.request().method, "POST");
            EXPECT_EQ(reader.request().path, "/p");
            EXPECT_EQ(reader.request().query, "q=1");
            EXPECT_EQ(reader.request().body, body);
            EXPECT_EQ(reader.request().header("host"), "a");
            EXPECT_EQ(reader.request().header("svix-id"), std::nullopt)
                << "a trailer became a header";
        }
    }
}

TEST(RequestReader, BoundsWhatIsBetweenTheChunks) {
    Limits limits;
    limits.max_header = 100;
    limits.max_body = 50;
    // "1;" + extension + "\r\n" + byte + "\r\n", and the last chunk.
    const auto body = [](std::size_t overhead) {
        const std::string last = "0\r\n\r\n";
        std::string text = "1;" + std::string(90, 'x') + "\r\na\r\n";
        const auto left = overhead - (text.size() - 1) - last.size();
        return text + "1;" + std::string(left - 6, 'y') + "\r\nb\r\n" + last;
    };
    for (const std::size_t step : {std::size_t{1}, std::size_t{1000}}) {
        RequestReader at_the_edge(limits);
        feed(at_the_edge, post("Transfer-Encoding: chunked\r\n", body(150)), step);
        EXPECT_EQ(at_the_edge.stage(), Stage::complete);
        EXPECT_EQ(at_the_edge.request().body, "ab");
        RequestReader past_it(limits);
        feed(past_it, post("Transfer-Encoding: chunked\r\n", body(151)), step);
        ASSERT_TRUE(past_it.refusal());
        EXPECT_EQ(*past_it.refusal(), (Rejection{400, "chunk_overhead"}));
    }
}

TEST(RequestReader, CountsTheBodyWithoutItsChunks) {
    Limits limits;
    limits.max_body = 8;
    const std::vector<std::pair<std::string, unsigned>> rows{
        {post("Content-Length: 8\r\n", "12345678"), 0},
        {post("Content-Length: 9\r\n", ""), 413},
        {post("Content-Length: 18446744073709551615\r\n", ""), 413},
        {post("Content-Length: 18446744073709551616\r\n", ""), 400},
        {post("Transfer-Encoding: chunked\r\n", "4\r\n1234\r\n4\r\n5678\r\n0\r\n\r\n"), 0},
        {post("Transfer-Encoding: chunked\r\n", "9\r\n12"), 413},
        {post("Transfer-Encoding: chunked\r\n", "4\r\n1234\r\n5\r\n12"), 413},
        {post("Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFFFFFFFF\r\n"), 400},
    };
    for (const auto& [input, status] : rows) {
        RequestReader reader(limits);
        feed(reader, input, 3);
        EXPECT_EQ(reader.refusal().value_or(Rejection{0, ""}).status, status) << input;
        EXPECT_EQ(reader.request().body, status == 0 ? "12345678" : "") << input;
    }
}

TEST(RequestReader, RefusesMalformedBytes) {
    using namespace std::string_literals;
    const std::vector<std::string> rows{
        "\x16\x03\x01\x02"s,  // a TLS hello
        "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        " GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /\r\n\r\n",
        "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
        "GET / http/1.1\r\nHost: a\r\n\r\n",
        "G@T / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX\0Y: b\r\n\r\n"s,
        "GET / HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n"s,
        "GET / HTTP/1.1\r\nHost: a\r\nX: b\rc\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n",
        "GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n"s,
        "GET noslash HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET * HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n",
        "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n",
        post("Transfer-Encoding: chunked\r\n", "5 \r\nhello\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked\r\n", "5\nhello\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked\r\n", "-5\r\nhello\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked\r\n", "g\r\n12"),
        post("Transfer-Encoding: chunked\r\n", "5\r\nhelloX\r\n0\r\n\r\n"),
        post("Transfer-Encoding: chunked\r\n", "5;" + std::string(20'000, 'x')),
        post("Transfer-Encoding: chunked\r\n", "0\r\nX: " + std::string(20'000, 'x')),
    };
    const Limits limits;
    for (const auto& input : rows) {
        for (const std::size_t step : {std::size_t{1}, std::size_t{4096}}) {
            RequestReader reader(limits);
            feed(reader, input, step);
            EXPECT_EQ(reader.refusal().value_or(Rejection{0, ""}).status, 400U)
                << input << " in steps of " << step;
        }
    }
}

TEST(RequestReader, StopsAHeadThatNeverEnds) {
    const Limits limits;
    RequestReader reader(limits);
    feed(reader, "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(16'384, 'x'), 1000);
    EXPECT_EQ(reader.refusal().value_or(Rejection{0, ""}).status, 431U);
}

TEST(RequestReader, TakesPathAndQueryOfEveryFormOfTarget) {
    struct Row {
        const char* line;
        const char* path;
        const char* query;
    };
    const std::vector<Row> rows{
        {"GET / ", "/", ""},
        {"GET /a/b?c=d?e ", "/a/b", "c=d?e"},
        {"GET //a ", "//a", ""},
        {"GET /? ", "/", ""},
        {"GET http://a.example/x?y=z ", "/x", "y=z"},
        {"GET HTTPS://a.example:8443/x ", "/x", ""},
        {"GET http://a.example ", "/", ""},
        {"GET http://a.example?y=z ", "/", "y=z"},
        {"OPTIONS * ", "*", ""},
    };
    const Limits limits;
    for (const auto& row : rows) {
        RequestReader reader(limits);
        feed(reader, std::string(row.line) + "HTTP/1.1\r\nHost: a\r\n\r\n", 4096);
        ASSERT_EQ(reader.stage(), Stage::complete) << row.line;
        EXPECT_EQ(reader.request().path, row.path) << row.line;
        EXPECT_EQ(reader.request().query, row.query) << row.line;
    }
}

TEST(RequestReader, KnowsWhatTheConnectionIsToBecome) {
    const std::vector<std::pair<std::string, bool>> rows{
        {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n", false},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true},
    };
    const Limits limits;
    for (const auto& [input, keep] : rows) {
        RequestReader reader(limits);
        feed(reader, input, 4096);
        EXPECT_EQ(reader.keep_alive(), keep) << input;
    }
}

TEST(RequestReader, AsksForAContinueOnceAndOnlyWhereItIsDue) {
    const Limits limits;
    RequestReader due(limits);
    feed(due, post("Content-Length: 5\r\nExpect: 100-Continue\r\n", ""), 4096);
    EXPECT_TRUE(due.continue_wanted());
    EXPECT_FALSE(due.continue_wanted());

    RequestReader body_came_along(limits);
    feed(body_came_along, post("Content-Length: 5\r\nExpect: 100-continue\r\n", "he"), 4096);
    EXPECT_FALSE(body_came_along.continue_wanted());

    RequestReader no_body(limits);
    feed(no_body, post("Expect: 100-continue\r\n", ""), 4096);
    EXPECT_FALSE(no_body.continue_wanted());

    RequestReader unknown(limits);
    feed(unknown, post("Content-Length: 5\r\nExpect: 200-ok\r\n", ""), 4096);
    EXPECT_EQ(unknown.refusal().value_or(Rejection{0, ""}).status, 417U);
}

TEST(RequestReader, KeepsNothingOfOneRequestForTheNext) {
    const Limits limits;
    RequestReader reader(limits);
    feed(reader, post("X: y\r\nContent-Length: 5\r\n", "hello"), 4096);
    reader.reset();
    feed(reader, "GET /other HTTP/1.1\r\nHost: b\r\n\r\n", 4096);
    ASSERT_EQ(reader.stage(), Stage::complete);
    EXPECT_EQ(reader.request().method, "GET");
    EXPECT_EQ(reader.request().query, "");
    EXPECT_EQ(reader.request().body, "");
    EXPECT_EQ(reader.request().headers.size(), 1U);
}

}  // namespace
}  // namespace oracode::http
