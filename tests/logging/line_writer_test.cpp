#include "logging/line_writer.hpp"

#include <array>
#include <chrono>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "logging/pipe.hpp"

namespace oracode {
namespace {

TEST(LineWriter, WritesLinesLongerThanAPipeTakesAtOnce) {
    const Pipe pipe;
    const std::string sent(300'000, 'x');
    std::string received;
    std::thread reader([&] {
        std::array<char, 4096> buffer{};
        while (received.size() < sent.size()) {
            const auto got = ::read(pipe.read_end, buffer.data(), buffer.size());
            if (got <= 0) return;
            received.append(buffer.data(), static_cast<std::size_t>(got));
        }
    });
    log::LineWriter writer(pipe.write_end);
    writer.write(sent);
    reader.join();
    EXPECT_EQ(received, sent);
}

TEST(LineWriter, InAHurryAReaderThatNeverReadsIsGivenUp) {
    const Pipe pipe;
    log::LineWriter writer(pipe.write_end);
    writer.hurry();
    const auto begin = std::chrono::steady_clock::now();
    const std::string more_than_the_pipe_holds(200'000, 'x');
    writer.write(more_than_the_pipe_holds);
    writer.write(more_than_the_pipe_holds);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

}  // namespace
}  // namespace oracode
