#include "logging/log.hpp"

#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "logging/pipe.hpp"

namespace oracode {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Timestamp noon = *parse_rfc3339("2026-03-05T12:00:00.250Z");

// Collects the lines; by the end of its Output it has all of them.
struct Captured {
    std::mutex mutex;
    std::vector<std::string> lines;

    log::OutputOptions options(log::Level level = log::Level::info, log::LineStyle style = {}) {
        log::OutputOptions options;
        options.level = level;
        options.style = style;
        options.now = [] { return noon; };
        options.write = [this](std::string_view line) {
            const std::lock_guard lock(mutex);
            lines.emplace_back(line);
        };
        return options;
    }
};

TEST(Log, LinesArriveInOrderAndAllOfThemByTheEnd) {
    Captured captured;
    {
        log::Output output(captured.options());
        for (int i = 0; i < 500; ++i) log::info("step", {{"i", i}});
        EXPECT_EQ(output.dropped(), 0U);
    }
    ASSERT_EQ(captured.lines.size(), 500U);
    for (int i = 0; i < 500; ++i)
        EXPECT_EQ(captured.lines[static_cast<std::size_t>(i)],
                  fmt::format("2026-03-05T12:00:00.250Z info  step i={}\n", i));
}

TEST(Log, NothingBelowTheLevelIsWrittenAndTheLevelChangesWhileRunning) {
    Captured captured;
    {
        log::Output output(captured.options(log::Level::warn, {log::Format::text, true}));
        EXPECT_FALSE(log::enabled(log::Level::info));
        EXPECT_TRUE(log::enabled(log::Level::warn));
        log::info("hidden");
        log::warn("shown");
        log::set_level(log::Level::debug);
        log::debug("now shown");
        log::trace("still hidden");
        log::set_level(log::Level::error);
        log::warn("hidden again");
        log::error("last");
    }
    EXPECT_THAT(captured.lines, ElementsAre("<4>shown\n", "<7>\"now shown\"\n", "<3>last\n"));
}

TEST(Log, WithoutAnOutputEventsGoNowhere) {
    EXPECT_FALSE(log::enabled(log::Level::error));
    log::set_level(log::Level::trace);
    EXPECT_FALSE(log::enabled(log::Level::error));
    log::error("nobody listens");
}

TEST(Log, ASecondOutputIsRefused) {
    Captured captured;
    const log::Output output(captured.options());
    EXPECT_THROW(log::Output{captured.options()}, std::logic_error);
    EXPECT_TRUE(log::enabled(log::Level::info));
}

// A reader that has stopped reading: lines wait in `write` until it is released.
struct StuckReader {
    std::mutex mutex;
    std::condition_variable changed;
    bool released = false;
    bool reached = false;
    std::vector<std::string> lines;

    void write(std::string_view text) {
        std::unique_lock lock(mutex);
        reached = true;
        changed.notify_all();
        changed.wait(lock, [this] { return released; });
        lines.emplace_back(text);
    }
    void wait_until_stuck() {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return reached; });
    }
    void release() {
        const std::lock_guard lock(mutex);
        released = true;
        changed.notify_all();
    }
};

TEST(Log, AStuckReaderNeverHoldsTheCallerAndLosesTheOldestLinesWithANotice) {
    StuckReader reader;
    log::OutputOptions options;
    options.style.journal = true;
    options.now = [] { return noon; };
    options.queue = 4;
    options.write = [&reader](std::string_view text) { reader.write(text); };
    {
        log::Output output(options);
        log::info("first");
        reader.wait_until_stuck();
        for (int i = 0; i < 10; ++i) log::info("later", {{"i", i}});
        EXPECT_EQ(output.dropped(), 6U);
        reader.release();
    }
    EXPECT_THAT(reader.lines,
                ElementsAre("<6>first\n", "<4>log.dropped lines=6\n", "<6>later i=6\n",
                            "<6>later i=7\n", "<6>later i=8\n", "<6>later i=9\n"));
}

TEST(Log, ManyThreadsShareOneOutput) {
    Captured captured;
    {
        auto options = captured.options();
        options.queue = 4096;
        log::Output output(options);
        std::vector<std::thread> threads;
        threads.reserve(4);
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([t] {
                for (int i = 0; i < 250; ++i) log::info("step", {{"thread", t}, {"i", i}});
            });
        for (auto& thread : threads) thread.join();
    }
    ASSERT_EQ(captured.lines.size(), 1000U);
    for (const auto& l : captured.lines) EXPECT_THAT(l, HasSubstr(" info  step thread="));
}

// stderr replaced by the write end of a pipe for as long as this lives.
class StderrInto {
public:
    explicit StderrInto(int descriptor) : saved_(::dup(STDERR_FILENO)) {
        ::dup2(descriptor, STDERR_FILENO);
    }
    ~StderrInto() {
        ::dup2(saved_, STDERR_FILENO);
        ::close(saved_);
    }
    StderrInto(const StderrInto&) = delete;
    StderrInto& operator=(const StderrInto&) = delete;

private:
    int saved_;
};

TEST(Log, StderrIsTheDefaultAndComplete) {
    const Pipe pipe;
    {
        const StderrInto redirected(pipe.write_end);
        auto options = Captured{}.options();
        options.write = nullptr;
        const log::Output output(std::move(options));
        log::info("hello", {{"n", 1}});
        log::error("bye");
    }
    std::array<char, 4096> buffer{};
    const auto got = ::read(pipe.read_end, buffer.data(), buffer.size());
    ASSERT_GT(got, 0);
    EXPECT_EQ(std::string(buffer.data(), static_cast<std::size_t>(got)),
              "2026-03-05T12:00:00.250Z info  hello n=1\n2026-03-05T12:00:00.250Z error bye\n");
}

TEST(Log, TheJournalIsRecognisedByTheIdentityOfStderr) {
    const Pipe pipe;
    struct stat is {};
    ASSERT_EQ(::fstat(pipe.write_end, &is), 0);
    const auto identity = fmt::format("{}:{}", is.st_dev, is.st_ino);
    EXPECT_FALSE(log::stderr_is_journal(identity));
    EXPECT_FALSE(log::stderr_is_journal(""));
    const StderrInto redirected(pipe.write_end);
    EXPECT_TRUE(log::stderr_is_journal(identity));
    EXPECT_FALSE(log::stderr_is_journal(identity + "0"));
}

TEST(Log, OfManyAlikeTheFirstAreWrittenAndTheRestSummedUp) {
    Captured captured;
    {
        auto options = captured.options();
        options.first_repeats = 2;
        options.repeats_period = std::chrono::milliseconds{20};
        log::Output output(std::move(options));
        for (int i = 0; i < 50; ++i) log::warn_of_many("refused", "signature", {{"i", i}});
        for (;;) {
            const std::lock_guard lock(captured.mutex);
            if (captured.lines.size() >= 3) break;
        }
        log::warn_of_many("refused", "other", {});
    }
    std::uint64_t accounted = 0;
    for (const auto& line : captured.lines) {
        if (line.find("log.repeated event=refused kind=signature lines=") != std::string::npos)
            accounted += std::stoull(line.substr(line.rfind('=') + 1));
        else if (line.find("refused i=") != std::string::npos)
            ++accounted;
    }
    EXPECT_THAT(captured.lines.front(), HasSubstr("refused i=0"));
    EXPECT_EQ(accounted, 50U) << "written or counted, none twice";
    EXPECT_LT(captured.lines.size(), 12U);
}

}  // namespace
}  // namespace oracode
