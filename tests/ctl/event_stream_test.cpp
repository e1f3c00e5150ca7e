#include "ctl/event_stream.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace oracode::ctl {
namespace {

std::vector<std::string> heard_in(EventStream& stream, std::string_view bytes,
                                  std::size_t piece = 1'000'000) {
    std::vector<std::string> heard;
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size())))
        stream.take(bytes.substr(0, piece), [&](const StreamMessage& message) {
            heard.push_back(message.event + "|" + message.data);
        });
    return heard;
}

using Heard = std::vector<std::string>;

TEST(EventStream, GivesTheMessagesWhereverTheirBytesAreCut) {
    const std::string text =
        "retry: 2000\nid: 4\n\n: still here\n\nid: 5\ndata: {\"a\":1}\n\n"
        "event: gap\r\nid: 9\r\ndata:x\r\ndata: y\r\n\r\ndata\n\ndata: unfinished";
    for (const std::size_t piece : {1U, 2U, 3U, 7U, 1'000U}) {
        EventStream stream;
        EXPECT_EQ(heard_in(stream, text, piece), (Heard{"|{\"a\":1}", "gap|x\ny", "|"})) << piece;
        EXPECT_EQ(stream.last_id(), "9");
    }
}

TEST(EventStream, AMessageWithoutDataMovesThePlaceAlone) {
    EventStream stream;
    EXPECT_EQ(heard_in(stream, "id: 7\n\n"), Heard{});
    EXPECT_EQ(stream.last_id(), "7");
}

TEST(EventStream, HalfAMessageOfALostConnectionIsNone) {
    EventStream stream;
    EXPECT_EQ(heard_in(stream, "id: 7\ndata: a\n\nid: 8\ndata: b\nda"), Heard{"|a"});
    EXPECT_EQ(stream.last_id(), "7") << "the next connection has to bring the message again";
    stream.reset();
    EXPECT_EQ(heard_in(stream, "data: c\n\n"), Heard{"|c"});
    EXPECT_EQ(stream.last_id(), "7");
}

}  // namespace
}  // namespace oracode::ctl
