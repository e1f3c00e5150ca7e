// /v1/changes of the real daemon: pages and streams, by their clients' headers.
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"
#include "support/http_client.hpp"

namespace oracode::test {
namespace {

namespace json = boost::json;

class ChangesOfTheDaemon : public testing::Test {
protected:
    void SetUp() override { daemon_.start(); }

    void change(const std::string& code, const std::string& type = "access_code.set_on_device") {
        ASSERT_EQ(daemon_.deliver(event_json({type, code, ctl::fresh_uuid()})), 204U);
    }
    json::object page(const std::string& query = "") {
        const auto answer = daemon_.get("/v1/changes" + query);
        EXPECT_EQ(answer.status, 200U) << answer.body;
        EXPECT_EQ(answer.header("Content-Type"), "application/json");
        return json::parse(answer.body).as_object();
    }
    HttpClient stream(const std::string& headers = "", const std::string& target = "/v1/changes") {
        auto client = HttpClient::tcp(daemon_.api_port());
        EXPECT_EQ(client
                      .ask("GET " + target +
                           " HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n" +
                           headers + "\r\n")
                      .header("content-type"),
                  "text/event-stream");
        return client;
    }
    static json::object next(HttpClient& client) {
        client.until("data: ");
        return json::parse(client.until("\n")).as_object();
    }

    Daemon daemon_;
};

TEST_F(ChangesOfTheDaemon, PagesAndStreamTellTheSame) {
    auto live = stream();
    change("code1", "access_code.created");
    change("code1");
    change("code2");
    const auto all = page();
    const auto& changes = all.at("changes").as_array();
    ASSERT_EQ(changes.size(), 3U);
    EXPECT_EQ(all.at("next_after"), 3);
    EXPECT_FALSE(all.contains("gap"));
    for (const auto& sent : changes) EXPECT_EQ(next(live), sent.as_object());
    EXPECT_EQ(changes[0].at("from"), nullptr);
    EXPECT_EQ(changes[0].at("to"), "unset");
    EXPECT_EQ(changes[1].at("from"), "unset");
    EXPECT_EQ(changes[1].at("source"), "webhook");
    EXPECT_EQ(changes[1].at("event_type"), "access_code.set_on_device");
    EXPECT_EQ(changes[2].at("access_code_id"), "code2");

    const auto first = page("?limit=2");
    EXPECT_EQ(first.at("changes").as_array().size(), 2U);
    EXPECT_EQ(first.at("next_after"), 2);
    const auto second = page("?after=2&limit=2");
    EXPECT_EQ(second.at("changes").as_array()[0], changes[2]);
    const auto none = page("?after=3");
    EXPECT_TRUE(none.at("changes").as_array().empty());
    EXPECT_EQ(none.at("next_after"), 3);
}

TEST_F(ChangesOfTheDaemon, AStreamGoesOnAfterARestart) {
    change("code1");
    change("code2");
    auto before = stream("Last-Event-ID: 1\r\n");
    EXPECT_EQ(next(before).at("seq"), 2);
    EXPECT_EQ(daemon_.stop(), 0);
    daemon_.start();
    change("code3");
    auto after = stream("Last-Event-ID: 2\r\n", "/v1/changes?after=0");
    EXPECT_EQ(next(after).at("seq"), 3) << "where the client was is said by the header";
    auto by_address = stream("", "/v1/changes?after=1");
    EXPECT_EQ(next(by_address).at("seq"), 2);
}

// Numbers that were never given out: a copy was restored, or the client is mistaken.
TEST_F(ChangesOfTheDaemon, BeyondTheNewestAreAGapInPagesAndStream) {
    change("code1");
    change("code2");
    for (const std::string after : {"3", "100", "9223372036854775806", "9223372036854775807"}) {
        SCOPED_TRACE(after);
        const auto told = page("?after=" + after);
        EXPECT_TRUE(told.at("changes").as_array().empty());
        EXPECT_EQ(told.at("next_after"), 2) << "where to go on";
        const json::value gap{{"after", std::stoll(after)}, {"oldest", 3}};
        EXPECT_EQ(told.at("gap"), gap);
        auto by_header = stream("Last-Event-ID: " + after + "\r\n");
        auto by_address = stream("", "/v1/changes?after=" + after);
        for (auto* client : {&by_header, &by_address}) {
            client->until("event: gap\nid: 2\n");
            EXPECT_EQ(next(*client), gap.as_object());
        }
    }
    auto after_gap = stream("Last-Event-ID: 9223372036854775807\r\n");
    after_gap.until("event: gap\n");
    next(after_gap);
    change("code3");
    EXPECT_EQ(next(after_gap).at("seq"), 3);
}

TEST_F(ChangesOfTheDaemon, OpenStreamsDoNotHoldUpTheEnd) {
    std::vector<HttpClient> streams;
    streams.reserve(30);
    for (int i = 0; i < 30; ++i) streams.push_back(stream());
    EXPECT_NE(daemon_.get("/metrics").body.find("oracoded_sse_clients 30\n"), std::string::npos);
    daemon_.process().signal(SIGTERM);
    EXPECT_EQ(daemon_.process().wait(std::chrono::seconds{8}), 0);
    for (auto& client : streams) {
        client.until("0\r\n\r\n");
        EXPECT_EQ(client.end(), HttpClient::End::closed);
    }
}

TEST_F(ChangesOfTheDaemon, TheAcceptHeaderDecides) {
    const std::vector<std::pair<std::string, bool>> cases{
        {"", false},
        {"Accept: */*", false},
        {"Accept: text/*", false},
        {"Accept: application/json", false},
        {"Accept: text/html, */*;q=0.8", false},
        {"Accept: text/event-stream;q=0", false},
        {"Accept: text/event-stream;q=0.5, application/json", false},
        {"Accept: text/event-stream", true},
        {"Accept: Text/Event-Stream ; charset=utf-8", true},
        {"Accept: application/json;q=0.5, text/event-stream", true},
        {"Accept: text/event-stream, */*", true},
    };
    for (const auto& [header, is_stream] : cases) {
        auto client = HttpClient::tcp(daemon_.api_port());
        const auto line = header.empty() ? header : header + "\r\n";
        const auto answer =
            client.ask("GET /v1/changes HTTP/1.1\r\nHost: localhost\r\n" + line + "\r\n");
        EXPECT_EQ(answer.header("content-type"),
                  is_stream ? "text/event-stream" : "application/json")
            << header;
    }
}

TEST_F(ChangesOfTheDaemon, RefusesWhatItDoesNotUnderstand) {
    for (const auto* query :
         {"?after=-1", "?after=x", "?after=", "?limit=0", "?limit=1001", "?limit=x", "?since=1",
          "?after=1&after=2", "?after=99999999999999999999"})
        EXPECT_EQ(daemon_.get(std::string("/v1/changes") + query).status, 400U) << query;
    auto client = HttpClient::tcp(daemon_.api_port());
    EXPECT_EQ(
        client
            .ask("GET /v1/changes HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
                 "Last-Event-ID: e1\r\n\r\n")
            .status,
        400);
    EXPECT_EQ(client.ask("DELETE /v1/changes HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 405);
    client.send(
        "HEAD /v1/changes HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n");
    EXPECT_EQ(client.receive(true).header("content-type"), "text/event-stream");
    EXPECT_EQ(client.ask("OPTIONS /v1/changes HTTP/1.1\r\nHost: localhost\r\n\r\n").header("allow"),
              "GET, HEAD, OPTIONS");
}

}  // namespace
}  // namespace oracode::test
