// Answers that are made while they are sent, and answers that take their time.
#include <deque>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "tests/http/plain_and_tls.hpp"

namespace oracode::http {
namespace {

using test::echo;
using test::HttpClient;
using test::HttpServer;
using End = HttpClient::End;
using namespace std::chrono_literals;

constexpr auto soon = 200ms;
const std::string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string get_echo = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n";

// What a test lets its Body say, piece by piece, from its own thread.
class Script {
public:
    void say(std::string piece) { put({Body::State::more, std::move(piece)}); }
    void finish(std::string piece = {}) { put({Body::State::end, std::move(piece)}); }
    void fail() { put({Body::State::broken, {}}); }

    std::atomic<int> begun = 0;
    std::atomic<int> gone = 0;
    std::atomic<bool> endless = false;
    std::atomic<bool> flooding = false;  // says 64 KiB whenever it is asked
    std::atomic<bool> throwing = false;

    std::unique_ptr<Body> body(Waker waker);

private:
    friend class ScriptedBody;
    using Piece = std::pair<Body::State, std::string>;

    void put(Piece piece) {
        Waker waker;
        {
            const std::lock_guard lock(mutex_);
            pieces_.push_back(std::move(piece));
            waker = waker_;
        }
        waker.wake();
    }
    std::mutex mutex_;
    std::deque<Piece> pieces_;
    Waker waker_;
};

class ScriptedBody final : public Body {
public:
    explicit ScriptedBody(Script& script) : script_(script) { ++script_.begun; }
    ~ScriptedBody() override { ++script_.gone; }

    State next(std::string& out) override {
        if (script_.throwing) throw std::runtime_error("as told");
        if (script_.flooding) {
            out.assign(64UL * 1024, 'x');
            return State::more;
        }
        const std::lock_guard lock(script_.mutex_);
        if (script_.pieces_.empty()) return State::waiting;
        const auto [state, piece] = std::move(script_.pieces_.front());
        script_.pieces_.pop_front();
        out = piece;
        return state;
    }
    [[nodiscard]] bool endless() const override { return script_.endless; }

private:
    Script& script_;
};

std::unique_ptr<Body> Script::body(Waker waker) {
    const std::lock_guard lock(mutex_);
    waker_ = std::move(waker);
    return std::make_unique<ScriptedBody>(*this);
}

class Streaming : public PlainAndTls {
protected:
    // `/echo` echoes; everything else is streamed.
    Handler handler(std::optional<std::uint64_t> length = std::nullopt) {
        return [this, length](const Request& request, Reply reply) {
            if (request.path == "/echo") return echo(request, std::move(reply));
            Response head;
            head.content_type = "text/plain";
            auto body = script_.body(reply.waker());
            reply.stream(std::move(head), std::move(body), length);
        };
    }
    bool begun(int count = 1) {
        return test::eventually([&] { return script_.begun == count; });
    }
    bool gone(int count = 1) {
        return test::eventually([&] { return script_.gone == count; });
    }

    Script script_;
};
INSTANTIATE_TEST_SUITE_P(Http, Streaming, testing::Values(false, true), PlainAndTls::name);

TEST_P(Streaming, SendsEachPieceAtOnceAndKeepsTheConnection) {
    auto on = server(handler());
    auto client = on.connect();
    const auto head = client.ask(get);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("transfer-encoding"), "chunked");
    EXPECT_FALSE(head.has("content-length"));
    script_.say("hello");
    EXPECT_EQ(client.until("hello\r\n"), "5\r\nhello\r\n");
    script_.say("");  // nothing to say is no last chunk
    script_.say(std::string(17, 'a'));
    EXPECT_EQ(client.until("\r\n"), "11\r\n");
    client.until("\r\n");
    script_.finish("!");
    EXPECT_EQ(client.until("0\r\n\r\n"), "1\r\n!\r\n0\r\n\r\n");
    EXPECT_TRUE(gone());
    EXPECT_EQ(client.ask(get_echo).status, 200);
}

TEST_P(Streaming, KeepsItsWordAboutTheLength) {
    auto on = server(handler(6));
    auto client = on.connect();
    client.send(get);
    ASSERT_TRUE(begun());
    script_.say("abc");
    script_.finish("def");
    const auto answer = client.receive();
    EXPECT_EQ(answer.header("content-length"), "6");
    EXPECT_FALSE(answer.has("transfer-encoding"));
    EXPECT_EQ(answer.body, "abcdef");
    EXPECT_EQ(client.ask(get_echo).status, 200);

    client.send(get);
    ASSERT_TRUE(begun(2));
    script_.finish("more than six");
    EXPECT_THROW(client.receive(), std::runtime_error) << "longer or shorter: nobody may take it";
    auto other = on.connect();
    other.send(get);
    ASSERT_TRUE(begun(3));
    script_.say("abc");
    script_.finish();
    EXPECT_THROW(other.receive(), std::runtime_error);
}

TEST_P(Streaming, AnUnfinishedAnswerIsCutShort) {
    auto on = server(handler());
    auto client = on.connect();
    client.ask(get);
    script_.say("half");
    client.until("half\r\n");
    script_.fail();
    EXPECT_THROW(client.until("0\r\n\r\n"), std::runtime_error);
    EXPECT_TRUE(gone());

    script_.throwing = true;
    auto other = on.connect();
    other.ask(get);
    EXPECT_NE(other.end(), End::open);
    EXPECT_EQ(on.seen().last(), "handler:as told");
}

TEST_P(Streaming, OldClientsSeeTheEndByTheClose) {
    auto on = server(handler());
    auto client = on.connect();
    const auto head = client.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(head.header("connection"), "close");
    EXPECT_FALSE(head.has("transfer-encoding"));
    script_.finish("all");
    EXPECT_EQ(client.until("all"), "all");
    EXPECT_EQ(client.end(), End::closed);
}

TEST_P(Streaming, HeadIsAnsweredWithoutABody) {
    auto on = server(handler());
    auto client = on.connect();
    client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(client.receive(true).header("transfer-encoding"), "chunked");
    EXPECT_TRUE(gone());
    EXPECT_EQ(client.ask(get_echo).status, 200);
}

TEST_P(Streaming, AnswersWhatWasAskedMeanwhile) {
    auto on = server(handler());
    auto client = on.connect();
    client.ask(get);
    client.send(get_echo + get_echo);
    script_.finish("done");
    client.until("0\r\n\r\n");
    EXPECT_EQ(client.receive().status, 200);
    EXPECT_EQ(client.receive().status, 200);
}

TEST_P(Streaming, EndsWithItsClient) {
    auto on = server(handler());
    for (int i = 1; i <= 2; ++i) {
        auto client = on.connect();
        client.ask(get);
        EXPECT_EQ(script_.gone, i - 1);
        if (i == 1)
            client.shut_down_sending();
        else
            client.vanish();
        EXPECT_TRUE(gone(i)) << "without a word having to be sent";
    }
}

TEST_P(Streaming, AReaderThatTakesNothingIsCutOffAndHarmsNobody) {
    Limits limits;
    limits.write = soon;
    limits.shutdown = soon;
    script_.endless = true;
    script_.flooding = true;
    auto on = server(handler(), limits);
    auto stalled = on.connect();
    stalled.send(get);
    ASSERT_TRUE(begun());
    while (script_.gone == 0) ASSERT_EQ(on.connect().ask(get_echo).status, 200);
    EXPECT_NE(stalled.end(), End::open);
}

TEST_P(Streaming, AnEndlessAnswerDoesNotHoldUpTheEnd) {
    script_.endless = true;
    auto on = server(handler());
    auto client = on.connect();
    client.ask(get);
    script_.say("live");
    client.until("live\r\n");
    auto stopped = on.stop();
    EXPECT_EQ(client.until("0\r\n\r\n"), "0\r\n\r\n");
    EXPECT_EQ(stopped.wait_for(2s), std::future_status::ready) << "although the client stays";
    EXPECT_EQ(client.end(), End::closed);
}

TEST_P(Streaming, NorDoesOneWhoseReaderHasStalled) {
    script_.endless = true;
    script_.flooding = true;
    auto on = server(handler());
    auto client = on.connect();
    client.send(get);
    ASSERT_TRUE(begun());
    auto stopped = on.stop();
    EXPECT_EQ(stopped.wait_for(HttpClient::patience), std::future_status::ready);
}

TEST_P(Streaming, AnAnswerWithAnEndIsFinishedFirst) {
    auto on = server(handler());
    auto client = on.connect();
    client.ask(get);
    auto stopped = on.stop();
    EXPECT_EQ(stopped.wait_for(50ms), std::future_status::timeout);
    script_.finish("whole");
    client.until("whole\r\n0\r\n\r\n");
    EXPECT_EQ(client.end(), End::closed);
    client.vanish();
    EXPECT_EQ(stopped.wait_for(HttpClient::patience), std::future_status::ready);
}

// Answers when told, and is told what happens to the connection.
class Watching : public testing::TestWithParam<bool> {
protected:
    Handler handler() {
        return [this](const Request& request, Reply reply) {
            if (request.path == "/echo") return echo(request, std::move(reply));
            const std::lock_guard lock(mutex_);
            auto& held = replies_.emplace_back(std::make_shared<Reply>(std::move(reply)));
            held->watch([this, held](Interruption what) {
                ++(what == Interruption::draining ? draining_ : gone_);
                if (what == Interruption::draining) held->send({.status = 204});
            });
        };
    }
    bool holds(std::size_t count) {
        return test::eventually([&] {
            const std::lock_guard lock(mutex_);
            return replies_.size() == count;
        });
    }
    void release() {
        const std::lock_guard lock(mutex_);
        for (auto& reply : replies_) reply->send({.status = 200});
        replies_.clear();
    }

    std::mutex mutex_;
    std::vector<std::shared_ptr<Reply>> replies_;
    std::atomic<int> draining_ = 0;
    std::atomic<int> gone_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Http, Watching, testing::Values(false, true), PlainAndTls::name);

TEST_P(Watching, TellsOfAClientThatHasGone) {
    HttpServer on({.handler = handler(), .tls = GetParam()});
    auto client = on.connect();
    client.send(get);
    ASSERT_TRUE(holds(1));
    auto staying = on.connect();
    staying.send(get);
    ASSERT_TRUE(holds(2));
    client.vanish();
    EXPECT_TRUE(test::eventually([&] { return gone_ == 1; }));
    release();
    EXPECT_EQ(staying.receive().status, 200);
    EXPECT_EQ(gone_, 1);
    EXPECT_EQ(draining_, 0);
}

TEST_P(Watching, AnswersWhatWasAskedMeanwhile) {
    HttpServer on({.handler = handler(), .tls = GetParam()});
    auto client = on.connect();
    client.send(get);
    ASSERT_TRUE(holds(1));
    client.send(get_echo + get_echo);
    release();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(client.receive().status, 200);
}

TEST_P(Watching, TellsOfTheEndSoThatItNeedNotWait) {
    HttpServer on({.handler = handler(), .tls = GetParam()});
    auto client = on.connect();
    client.send(get);
    ASSERT_TRUE(holds(1));
    auto stopped = on.stop();
    const auto answer = client.receive();
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.header("connection"), "close");
    client.vanish();
    EXPECT_EQ(stopped.wait_for(HttpClient::patience), std::future_status::ready);
    EXPECT_EQ(draining_, 1);
}

TEST_P(Watching, ASessionWithoutADeadlineIsStillCutAtTheLimitOfADrain) {
    Limits limits;
    limits.drain = soon;
    std::vector<std::shared_ptr<Reply>> held;
    HttpServer on({.handler =
                       [&](const Request&, Reply reply) {
                           held.push_back(std::make_shared<Reply>(std::move(reply)));
                           held.back()->watch([](Interruption) {});
                       },
                   .limits = limits,
                   .tls = GetParam()});
    auto client = on.connect();
    client.send(get);
    auto stopped = on.stop();
    EXPECT_EQ(stopped.wait_for(HttpClient::patience), std::future_status::ready);
    EXPECT_NE(client.end(), End::open);
    EXPECT_EQ(on.seen().alive(), 0);
    held.clear();
}

}  // namespace
}  // namespace oracode::http
