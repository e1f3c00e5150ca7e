// HTTP on one connection, without sockets, threads and a clock.
#include <gtest/gtest.h>

#include "http/talk.hpp"

namespace oracode::http {
namespace {

using namespace test;
using namespace std::chrono_literals;

TEST(Conversation, ServesRequestAfterRequestHoweverTheBytesAreCut) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
        Talk talk;
        for (const auto* body : {"hello", "", "hello"}) {
            EXPECT_EQ(talk->next(), Act::read);
            EXPECT_EQ(talk.feed(*body != 0 ? post : get, step), "");
            ASSERT_EQ(talk->next(), Act::handle);
            EXPECT_EQ(talk->request().body, body);
            talk->begin_handling();
            EXPECT_EQ(talk->next(), Act::wait);
            EXPECT_EQ(talk.answer(), 200U);
            const auto answer = talk.written(step);
            EXPECT_EQ(body_of(answer), "ok");
            EXPECT_FALSE(closes(answer));
        }
    }
}

TEST(Conversation, TakesTheNextOfPipelinedRequestsWhenTheLastIsAnswered) {
    Talk talk;
    talk.feed(get + post + get.substr(0, 5));
    talk->begin_handling();
    talk.answer();
    talk.written();
    ASSERT_EQ(talk->next(), Act::handle) << "nothing has to be read for it";
    EXPECT_EQ(talk->request().body, "hello");
    talk->begin_handling();
    talk.answer();
    talk.written();
    EXPECT_EQ(talk->next(), Act::read);
    EXPECT_EQ(talk->pause().wait, Wait::head);
}

TEST(Conversation, ContinuesForASenderThatExpectsIt) {
    Talk talk;
    talk.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(talk.written(1), "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_EQ(talk->pause().wait, Wait::body);
    talk.feed("hi");
    ASSERT_EQ(talk->next(), Act::handle);
    EXPECT_EQ(talk->request().body, "hi");
}

TEST(Conversation, HasOneDeadlineForEachThingThatIsAwaited) {
    Talk talk(true);
    const auto expect = [&](Wait wait, std::optional<Limits::Time> allowed) {
        EXPECT_EQ(talk->pause().wait, wait);
        EXPECT_EQ(talk->pause().allowed, allowed);
    };
    expect(Wait::handshake, talk.limits.handshake);
    EXPECT_TRUE(talk->advance(0)) << "the deadline of the handshake is over";
    expect(Wait::request, talk.limits.header);
    for (const char c : post.substr(0, post.size() - 5)) {
        talk.feed({&c, 1});
        if (talk->idle() || talk->pause().wait == Wait::body) continue;
        expect(Wait::head, talk.limits.header);
    }
    expect(Wait::body, talk.limits.body);
    talk.feed("hell");
    expect(Wait::body, talk.limits.body);
    talk.feed("o");
    expect(Wait::none, std::nullopt);
    talk->begin_handling();
    expect(Wait::none, std::nullopt);
    talk->watch([](Interruption) {});
    expect(Wait::parked, std::nullopt);
    talk.answer({.body = std::string(160UL * 1024, 'x')});
    expect(Wait::write, talk.limits.write + 10s);
    EXPECT_FALSE(talk->advance(100)) << "a part that was taken does not move it";
    expect(Wait::write, talk.limits.write + 10s);
    talk.written();
    expect(Wait::request, talk.limits.idle);
}

TEST(Conversation, RefusesWhatIsNotARequestAndLingersForItsAnswer) {
    Talk talk;
    talk.feed("nonsense\n");
    ASSERT_EQ(talk->next(), Act::refuse);
    EXPECT_EQ(talk->rejection(), (Rejection{400, "bare_line_feed"}));
    EXPECT_EQ(talk.answer({.status = 400}), 400U);
    const auto answer = talk.written();
    EXPECT_TRUE(closes(answer));
    EXPECT_NE(answer.find("application/problem+json"), std::string::npos);
    ASSERT_EQ(talk->next(), Act::finish_sending);
    EXPECT_EQ(talk->pause().wait, Wait::shutdown);
    talk->advance(0);
    std::size_t discarded = 0;
    constexpr std::size_t piece = std::size_t{16} * 1024;
    for (; talk->next() == Act::discard; discarded += piece) talk->advance(piece);
    EXPECT_EQ(talk->next(), Act::close);
    EXPECT_EQ(discarded, 4UL * 1024 * 1024 + piece) << "a client that sends on and on";
}

TEST(Conversation, ClosesAfterTheLastAnswer) {
    for (const auto& request :
         {std::string("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
          std::string("GET / HTTP/1.0\r\n\r\n")}) {
        Talk talk;
        talk.handled(request).answer();
        EXPECT_TRUE(closes(talk.written())) << request;
        EXPECT_EQ(talk->next(), Act::finish_sending) << request;
    }
    Talk by_handler;
    by_handler.handled().answer({.close = true});
    EXPECT_TRUE(closes(by_handler.written()));
}

TEST(Conversation, AnswersOnce) {
    Talk talk;
    EXPECT_EQ(talk.answer(), 0U) << "before there is a request";
    talk.handled();
    EXPECT_EQ(talk.answer(), 200U);
    EXPECT_EQ(talk.answer(), 0U);
    EXPECT_EQ(talk.stream(pieces({"x"})), 0U);
    EXPECT_EQ(body_of(talk.written()), "ok");
    talk.handled()->close();
    EXPECT_EQ(talk.answer(), 0U);
    EXPECT_EQ(talk->next(), Act::close);
}

TEST(Conversation, EndsAsItsPhaseDemandsWhenTheTimeIsUp) {
    Talk handshake(true);
    handshake->expire();
    EXPECT_EQ(handshake->next(), Act::close);
    Talk idle;
    idle->expire();
    EXPECT_EQ(idle->next(), Act::finish_sending);
    idle->advance(0);
    EXPECT_EQ(idle->next(), Act::close) << "nothing that could be lost was written";
    for (const auto& [sent, reason] : {std::pair{get.substr(0, 3), "slow_head"},
                                       {post.substr(0, post.size() - 1), "slow_body"}}) {
        Talk slow;
        slow.feed(sent);
        slow->expire();
        ASSERT_EQ(slow->next(), Act::refuse);
        EXPECT_EQ(slow->rejection(), (Rejection{408, reason}));
    }
    Talk stalled;
    stalled.handled().answer();
    stalled->expire();
    EXPECT_EQ(stalled->next(), Act::close);
}

TEST(Conversation, EndsAsItsPhaseDemandsWhenTheClientDoes) {
    Talk done;
    done.answered()->ended();
    EXPECT_EQ(done->next(), Act::finish_sending);
    Talk cut_off;
    cut_off.feed("GET");
    cut_off->ended();
    EXPECT_EQ(cut_off->next(), Act::close);
    Talk broken;
    broken->failed();
    EXPECT_EQ(broken->next(), Act::close);
    Talk handshake(true);
    handshake->failed();
    ASSERT_EQ(handshake->next(), Act::finish_sending);
    handshake->advance(0);
    EXPECT_EQ(handshake->next(), Act::discard) << "OpenSSL's alert has to arrive";
}

TEST(Conversation, CallsWhoeverWatchesOnceWhenTheClientIsGone) {
    for (const bool by_client : {true, false}) {
        int called = 0;
        Talk talk;
        talk.handled()->watch([&](Interruption) { ++called; });
        EXPECT_EQ(talk->next(), Act::read) << "or the end would not be noticed";
        if (by_client) talk->ended();
        if (const auto notify = talk->close()) notify(Interruption::client_gone);
        EXPECT_EQ(called, 1);
        EXPECT_FALSE(talk->close());
    }
    Talk answered;
    answered.handled()->watch([](Interruption) { FAIL(); });
    answered.answer();
    EXPECT_FALSE(answered->watcher());
    EXPECT_FALSE(answered->close());
}

TEST(Conversation, DrainsWhatHasBegunAndBeginsNothing) {
    Talk idle;
    idle.answered()->drain();
    EXPECT_EQ(idle->next(), Act::read) << "a request may have arrived that was not looked at";
    EXPECT_FALSE(idle->dry());
    EXPECT_EQ(idle->next(), Act::finish_sending);

    Talk first;
    first->drain();
    EXPECT_TRUE(first->dry()) << "its first request is on its way, or nothing is";
    EXPECT_EQ(first->pause().wait, Wait::drain);
    first.handled().answer();
    EXPECT_TRUE(closes(first.written()));

    Talk begun;
    begun.answered().feed("GET");
    begun->drain();
    EXPECT_TRUE(begun->dry());
    EXPECT_EQ(begun->pause().wait, Wait::head);

    Talk pipelined;
    pipelined.feed(get + get);
    pipelined->drain();
    for (const bool last : {false, true}) {
        pipelined->begin_handling();
        pipelined.answer();
        EXPECT_EQ(closes(pipelined.written()), last);
    }
    Talk more_on_the_way;
    more_on_the_way.handled()->drain();
    more_on_the_way.answer({.body = "ok"}, true);
    EXPECT_FALSE(closes(more_on_the_way.written()));
}

TEST(Conversation, OwesAnAnswerWhereARequestIsAwaitedOrHandled) {
    Talk reading;
    EXPECT_TRUE(reading->out_of_memory());
    EXPECT_EQ(reading->rejection().status, 503U);
    Talk handling;
    EXPECT_TRUE(handling.handled()->out_of_memory());
    Talk writing;
    writing.handled().answer();
    EXPECT_FALSE(writing->out_of_memory());
}

}  // namespace
}  // namespace oracode::http
