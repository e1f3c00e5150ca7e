// Answers that are made while they are sent, or long awaited, without sockets.
#include <gtest/gtest.h>

#include "http/talk.hpp"

namespace oracode::http {
namespace {

using namespace test;

TEST(ConversationStream, KeepsWhatIsSentAheadOfALongAnswerUpToALimit) {
    Talk talk;
    talk.handled()->watch([](Interruption) {});
    std::string ahead;
    while (ahead.size() < 64UL * 1024) ahead += get;
    const auto taken = ahead.size() - talk.feed(ahead).size();
    EXPECT_EQ(taken, 16UL * 1024);
    EXPECT_EQ(talk->next(), Act::wait);
    talk.answer();
    talk.written();
    EXPECT_EQ(talk->next(), Act::handle);

    Talk streaming;
    streaming.handled();
    streaming.stream(pieces({"a"}, Body::State::waiting));
    streamed(streaming);
    EXPECT_EQ(ahead.size() - streaming.feed(ahead).size(), 16UL * 1024);
    EXPECT_EQ(streaming->next(), Act::close) << "only the socket keeps a session that streams";
}

TEST(ConversationStream, FramesAStreamedBodyAsItsHeadPromises) {
    Talk chunked;
    chunked.handled();
    chunked.stream(pieces({"hello", "", std::string(17, 'x')}));
    EXPECT_EQ(body_of(streamed(chunked)),
              "5\r\nhello\r\n11\r\n" + std::string(17, 'x') + "\r\n0\r\n\r\n");
    EXPECT_EQ(chunked->next(), Act::read) << "the next request";

    Talk sized;
    sized.handled();
    sized.stream(pieces({"he", "llo"}), 5);
    EXPECT_EQ(body_of(streamed(sized)), "hello");
    EXPECT_EQ(sized->next(), Act::read);

    Talk old;
    old.handled("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    old.stream(pieces({"hello"}));
    EXPECT_EQ(body_of(streamed(old)), "hello");
    EXPECT_EQ(old->next(), Act::finish_sending) << "the end of the connection is that of the body";

    Talk head_only;
    head_only.handled("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
    head_only.stream(pieces({"hello"}));
    EXPECT_EQ(body_of(streamed(head_only)), "");
    EXPECT_EQ(head_only->next(), Act::read);
}

TEST(ConversationStream, CutsABodyThatIsNotWhatItsHeadPromises) {
    for (const auto& said : {std::vector<std::string>{"four"}, {"hello", "!"}, {"longer"}}) {
        Talk talk;
        talk.handled();
        talk.stream(pieces(said), 5);
        streamed(talk);
        EXPECT_EQ(talk->next(), Act::close) << said.front();
    }
    Talk broken;
    broken.handled();
    broken.stream(pieces({"hello"}, Body::State::broken));
    EXPECT_EQ(body_of(streamed(broken)), "5\r\nhello\r\n");
    EXPECT_EQ(broken->next(), Act::close) << "and no last chunk";
}

TEST(ConversationStream, PullsAWaitingBodyAgainOnlyWhenItWasWoken) {
    Talk talk;
    talk.handled();
    talk.stream(pieces({"a"}, Body::State::waiting));
    EXPECT_EQ(talk->pause().wait, Wait::write);
    streamed(talk);
    EXPECT_EQ(talk->next(), Act::read);
    EXPECT_EQ(talk->pause().wait, Wait::parked);
    talk.feed("GET");
    EXPECT_EQ(talk->next(), Act::read);
    talk->wake();
    EXPECT_EQ(talk->next(), Act::pull);
}

TEST(ConversationStream, EndsABodyWithoutAnEndWhenItDrains) {
    Talk endless;
    endless.handled();
    endless.stream(pieces({"a"}, Body::State::waiting, true));
    EXPECT_TRUE(endless->endless());
    streamed(endless);
    endless->drain();
    ASSERT_EQ(endless->next(), Act::pull);
    endless->pull();
    EXPECT_EQ(endless->pause().wait, Wait::drain) << "its reader may have stalled";
    EXPECT_EQ(endless.written(), "0\r\n\r\n");
    ASSERT_EQ(endless->next(), Act::finish_sending);
    endless->advance(0);
    EXPECT_EQ(endless->next(), Act::close);

    Talk with_an_end;
    with_an_end.handled();
    with_an_end.stream(pieces({"a", "b"}));
    with_an_end->drain();
    EXPECT_EQ(body_of(streamed(with_an_end)), "1\r\na\r\n1\r\nb\r\n0\r\n\r\n");
    EXPECT_EQ(with_an_end->next(), Act::finish_sending);
}

}  // namespace
}  // namespace oracode::http
