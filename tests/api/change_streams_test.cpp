#include "api/change_streams.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <gmock/gmock.h>

#include "api/change_feed.hpp"
#include "api/long_reads.hpp"
#include "support/http_server.hpp"
#include "tests/store/fixture.hpp"

namespace oracode::test {
namespace {

using test::HttpClient;
using test::HttpServer;
using namespace std::chrono_literals;
namespace json = boost::json;

// A message of an event stream, comments and those without data left out.
struct Message {
    std::string id;
    std::string event;
    std::string data;
};

class Streams : public StoreTest {
protected:
    void SetUp() override {
        store_.emplace(options());
        long_reads_.emplace("long-reads", path());
        feed_.emplace(*store_);
        store::StoreCallbacks to_feed;
        to_feed.committed = [this](const store::Commit& commit) {
            feed_->committed(commit.last_change);
        };
        store_->start(std::move(to_feed));
    }

    // `/7` is a stream behind change 7, `/` one of what comes.
    void serve(Duration beat = 1h) {
        server_.emplace(HttpServer::Setup{
            .handler = [this, beat](const http::Request& request, http::Reply reply) {
                if (request.path == "/end") {
                    streams_.reset();  // before its io_context, as its owner has it
                    return reply.send({.status = 204});
                }
                if (!streams_)
                    streams_.emplace(api::ChangeStreams::Dependencies{*feed_, *long_reads_, *store_,
                                                                      reply.context(), beat});
                std::optional<std::int64_t> after;
                if (request.path.size() > 1)
                    after = std::stoll(std::string(request.path.substr(1)));
                streams_->open(after, std::move(reply));
            }});
    }

    void TearDown() override {
        if (server_) {
            EXPECT_EQ(server_->ask("GET /end HTTP/1.1\r\nHost: a\r\n\r\n").status, 204);
        }
        server_.reset();
        store_->stop();  // it calls the feed
        feed_.reset();
        long_reads_.reset();
    }

    HttpClient stream(const std::string& path = "/") {
        auto client = server_->connect();
        const auto head = client.ask("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
        EXPECT_EQ(head.status, 200);
        EXPECT_EQ(head.header("content-type"), "text/event-stream");
        EXPECT_EQ(head.header("cache-control"), "no-store");
        return client;
    }

    static Message next(HttpClient& client) {
        for (;;) {
            Message message;
            auto block = client.until("\n\n");
            for (std::size_t end = 0; (end = block.find('\n')) != std::string::npos;
                 block.erase(0, end + 1)) {
                const auto line = block.substr(0, end);
                if (line.starts_with("id: ")) message.id = line.substr(4);
                if (line.starts_with("event: ")) message.event = line.substr(7);
                if (line.starts_with("data: ")) message.data = line.substr(6);
            }
            if (!message.data.empty()) return message;
        }
    }

    static std::vector<int> numbers(HttpClient& client, std::size_t count) {
        std::vector<int> numbers;
        while (numbers.size() < count) numbers.push_back(std::stoi(next(client).id));
        return numbers;
    }

    // Changes `count` codes of their own, so that each is a change.
    void change(int count) {
        for (int i = 0; i < count; ++i) {
            const auto name = std::to_string(++changed_);
            ASSERT_TRUE(
                record(make_event("e" + name, "code" + name, lifecycle::LifecycleStep::set, 1)));
        }
    }

    static std::vector<int> from_to(int first, int last) {
        std::vector<int> numbers;
        for (int i = first; i <= last; ++i) numbers.push_back(i);
        return numbers;
    }

    std::optional<api::LongReads> long_reads_;
    std::optional<api::ChangeFeed> feed_;
    std::optional<api::ChangeStreams> streams_;
    std::optional<HttpServer> server_;
    int changed_ = 0;
};

TEST_F(Streams, ANewStreamTellsWhatIsCommittedFromNowOn) {
    change(2);
    serve();
    auto client = stream();
    change(1);
    const auto message = next(client);
    EXPECT_EQ(message.id, "3");
    EXPECT_EQ(message.event, "");
    const auto sent_change = json::parse(message.data).as_object();
    std::vector<std::string> members;
    for (const auto& member : sent_change) members.emplace_back(member.key());
    EXPECT_THAT(members,
                ::testing::UnorderedElementsAre("seq", "access_code_id", "device_id", "from", "to",
                                                "at", "recorded_at", "source", "event_id",
                                                "event_type", "ready", "external_id"));
    EXPECT_EQ(sent_change.at("seq"), 3);
    EXPECT_EQ(sent_change.at("access_code_id"), "code3");
    EXPECT_EQ(sent_change.at("to"), "set");
    EXPECT_EQ(sent_change.at("from"), nullptr);
    EXPECT_EQ(sent_change.at("event_id"), "e3");
}

TEST_F(Streams, GoOnBehindAnyNumberWithoutAHoleOrARepetition) {
    change(450);  // more than two pages
    serve();
    auto from_the_beginning = stream("/0");
    auto from_the_middle = stream("/400");
    auto at_the_end = stream("/450");
    EXPECT_EQ(numbers(from_the_beginning, 450), from_to(1, 450));
    EXPECT_EQ(numbers(from_the_middle, 50), from_to(401, 450));
    change(50);
    EXPECT_EQ(numbers(from_the_beginning, 50), from_to(451, 500));
    EXPECT_EQ(numbers(from_the_middle, 50), from_to(451, 500));
    EXPECT_EQ(numbers(at_the_end, 50), from_to(451, 500));
}

TEST_F(Streams, OneBeginsRightBehindWhatItsPredecessorHeard) {
    change(3);
    serve();
    auto client = stream();
    const auto greeting = client.until("\n\n");
    EXPECT_NE(greeting.find("id: 3\n"), std::string::npos)
        << "a client that comes back before the first change has to know where it was";
    EXPECT_NE(greeting.find("retry: "), std::string::npos);
}

TEST_F(Streams, AStreamJoinsInTheMiddleOfTheStorm) {
    serve();
    constexpr int count = 300;
    std::thread storm([&] { change(count); });
    std::vector<HttpClient> clients;
    clients.reserve(20);
    for (int i = 0; i < 20; ++i) clients.push_back(stream("/0"));
    storm.join();
    for (auto& client : clients) EXPECT_EQ(numbers(client, count), from_to(1, count));
    EXPECT_EQ(feed_->streams(), 20);
    clients.clear();
    EXPECT_TRUE(test::eventually([&] { return feed_->streams() == 0; }));
}

TEST_F(Streams, AReaderFarBehindIsServedFromTheDatabase) {
    serve();
    auto slow = stream();
    auto quick = stream();
    // Long ids: what is kept in memory, by us and by the kernel, is soon exceeded.
    constexpr int count = 600;
    for (int i = 0; i < count; ++i) {
        auto event = make_event("e" + std::to_string(i), std::to_string(i),
                                lifecycle::LifecycleStep::set, 1);
        event.event_type.assign(8'000, 't');
        ASSERT_TRUE(record(event));
        EXPECT_EQ(next(quick).id, std::to_string(i + 1));
    }
    EXPECT_EQ(numbers(slow, count), from_to(1, count));
}

TEST_F(Streams, SaysWhereHistoryNoLongerReaches) {
    change(10);
    ASSERT_EQ(sql(path(), "DELETE FROM changes WHERE seq <= 6"), "");
    serve();
    auto behind = stream("/2");
    const auto gap = next(behind);
    EXPECT_EQ(gap.event, "gap");
    EXPECT_EQ(gap.data, R"({"after":2,"oldest":7})");
    EXPECT_EQ(gap.id, "6") << "who comes back is not told again";
    EXPECT_EQ(numbers(behind, 4), from_to(7, 10));
    auto in_time = stream("/6");
    EXPECT_EQ(numbers(in_time, 4), from_to(7, 10));
}

TEST_F(Streams, AHoleInTheMiddleIsAGapToo) {
    change(10);
    ASSERT_EQ(sql(path(),
                  "DELETE FROM changes WHERE seq IN (3, 5);"
                  "INSERT INTO progress VALUES ('changes_removed', 5)"),
              "");
    serve();
    auto client = stream("/2");
    EXPECT_EQ(next(client).data, R"({"after":2,"oldest":6})");
    EXPECT_EQ(numbers(client, 5), from_to(6, 10));
}

TEST_F(Streams, ANumberNeverGivenOutIsAGapToo) {
    change(3);
    serve();
    auto client = stream("/99");  // of a database that was put back since
    const auto gap = next(client);
    EXPECT_EQ(gap.event, "gap");
    EXPECT_EQ(gap.data, R"({"after":99,"oldest":4})");
    change(1);
    EXPECT_EQ(next(client).id, "4");
}

TEST_F(Streams, AnEmptyHistoryIsNoGap) {
    serve();
    auto client = stream("/0");
    change(1);
    EXPECT_EQ(next(client).id, "1");
}

TEST_F(Streams, QuietOnesSayThatTheyAreStillThere) {
    serve(5ms);
    auto client = stream();
    client.until("\n\n");  // where it begins
    for (int i = 0; i < 3; ++i) EXPECT_NE(client.until("\n\n").find("\n: "), std::string::npos);
    change(1);
    EXPECT_EQ(next(client).id, "1");
}

}  // namespace
}  // namespace oracode::test
