#include "logging/log.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

#include <boost/json.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include "logging/line_writer.hpp"

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

std::string line(log::LineStyle style, log::Level level, std::string_view event,
                 log::Fields fields) {
    std::string out;
    log::append_line(out, style, noon, level, event, {fields.begin(), fields.size()});
    return out;
}

std::string text(std::string_view value) {
    const auto whole = line({log::Format::text, true}, log::Level::info, "e", {{"v", value}});
    return whole.substr(std::string_view("<6>e v=").size());
}

std::string json(std::string_view value) {
    const auto whole = line({log::Format::json, false}, log::Level::info, "e", {{"v", value}});
    return std::string(boost::json::parse(whole).at("v").as_string());
}

TEST(LogLine, TextIsTimeLevelEventAndFields) {
    const std::string id = "evt_1";
    EXPECT_EQ(
        line({}, log::Level::info, "webhook.accepted",
             {{"event_id", id}, {"status", 204}, {"new", true}, {"lag_s", 0.5}, {"at", noon}}),
        "2026-03-05T12:00:00.250Z info  webhook.accepted event_id=evt_1 status=204 new=true "
        "lag_s=0.5 at=2026-03-05T12:00:00.250Z");
}

TEST(LogLine, JsonIsOneObjectWithTypedFields) {
    const auto whole = line({log::Format::json, false}, log::Level::warn, "poll.failed",
                            {{"status", -1},
                             {"bytes", 5U},
                             {"retry", false},
                             {"after_s", 1.5},
                             {"nan", std::numeric_limits<double>::quiet_NaN()},
                             {"why", "refused"}});
    const auto object = boost::json::parse(whole).as_object();
    EXPECT_EQ(
        boost::json::serialize(object),
        R"({"time":"2026-03-05T12:00:00.250Z","level":"warn","event":"poll.failed","status":-1,)"
        R"("bytes":5,"retry":false,"after_s":1.5E0,"nan":null,"why":"refused"})");
}

TEST(LogLine, JournalGetsAPriorityAndNoTime) {
    const log::LineStyle text_style{log::Format::text, true};
    EXPECT_EQ(line(text_style, log::Level::trace, "e", {}), "<7>e");
    EXPECT_EQ(line(text_style, log::Level::debug, "e", {}), "<7>e");
    EXPECT_EQ(line(text_style, log::Level::info, "e", {{"n", 1}}), "<6>e n=1");
    EXPECT_EQ(line(text_style, log::Level::warn, "e", {}), "<4>e");
    EXPECT_EQ(line(text_style, log::Level::error, "e", {}), "<3>e");
    EXPECT_EQ(line({log::Format::json, true}, log::Level::error, "e", {}),
              R"(<3>{"level":"error","event":"e"})");
}

TEST(LogLine, TextValuesCannotForgeLinesOrFields) {
    EXPECT_EQ(text("plain-value_1.2:3/4"), "plain-value_1.2:3/4");
    EXPECT_EQ(text(""), R"("")");
    EXPECT_EQ(text("two words"), R"("two words")");
    EXPECT_EQ(text("a=b"), R"("a=b")");
    EXPECT_EQ(text("say \"hi\" \\"), R"("say \"hi\" \\")");
    EXPECT_EQ(text("x\n2026-03-05T12:00:00.000Z error fake"),
              R"("x\n2026-03-05T12:00:00.000Z error fake")");
    EXPECT_EQ(text("a\r\tb"), R"("a\r\tb")");
    EXPECT_EQ(text(std::string_view("nul\0", 4)), R"("nul\x00")");
    EXPECT_EQ(text("\x1b[31mred\x7f"), R"("\x1b[31mred\x7f")");
    EXPECT_EQ(text("M\u00fcller \u20ac \U0001F511"), "\"M\u00fcller \u20ac \U0001F511\"");
    EXPECT_EQ(text("c1 \u009b31m"), R"("c1 \u009b31m")");
    EXPECT_EQ(text("line\u2028separator"), R"("line\u2028separator")");
    EXPECT_EQ(text("bidi \u202e"), R"("bidi \u202e")");
}

TEST(LogLine, BytesThatAreNotUtf8AreEscapedOneByOne) {
    EXPECT_EQ(text("\xff"), R"("\xff")");
    EXPECT_EQ(text("\xc3("), R"("\xc3(")");
    EXPECT_EQ(text("\xc0\xaf"), R"("\xc0\xaf")");                  // overlong
    EXPECT_EQ(text("\xed\xa0\x80"), R"("\xed\xa0\x80")");          // surrogate
    EXPECT_EQ(text("\xe2\x82"), R"("\xe2\x82")");                  // cut short
    EXPECT_EQ(text("\xf4\x90\x80\x80"), R"("\xf4\x90\x80\x80")");  // past U+10FFFF
}

TEST(LogLine, JsonValuesStayOneValidLine) {
    EXPECT_EQ(json("x\n\"},{\\"), "x\n\"},{\\");
    EXPECT_EQ(json("M\u00fcller"), "M\u00fcller");
    EXPECT_EQ(json("\xff|\xc0\xaf"), "\uFFFD|\uFFFD\uFFFD");
    EXPECT_EQ(json("a\u202eb\x7f"),
              "a\uFFFD"
              "b\uFFFD");
    const auto raw = line({log::Format::json, false}, log::Level::info, "e", {{"v", "a\nb"}});
    EXPECT_EQ(raw.find('\n'), std::string::npos);
}

TEST(LogLine, LongTextsAreCutAtACharacter) {
    const std::string long_value = std::string(2047, 'a') + "\u20ac" + std::string(5000, 'b');
    EXPECT_EQ(text(long_value), "\"" + std::string(2047, 'a') + "…\"");
    EXPECT_EQ(json(long_value), std::string(2047, 'a') + "…");
    EXPECT_EQ(text(std::string(2048, 'a')), std::string(2048, 'a'));
}

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
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([t] {
                for (int i = 0; i < 250; ++i) log::info("step", {{"thread", t}, {"i", i}});
            });
        for (auto& thread : threads) thread.join();
    }
    ASSERT_EQ(captured.lines.size(), 1000U);
    for (const auto& l : captured.lines) EXPECT_THAT(l, HasSubstr(" info  step thread="));
}

struct Pipe {
    int read_end = -1;
    int write_end = -1;
    Pipe() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
        read_end = ends[0];
        write_end = ends[1];
    }
    ~Pipe() {
        ::close(read_end);
        ::close(write_end);
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
};

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

TEST(LogLevel, NamesAreReadBackAndNothingElse) {
    for (const auto level : {log::Level::trace, log::Level::debug, log::Level::info,
                             log::Level::warn, log::Level::error})
        EXPECT_EQ(log::parse_level(log::name(level)), level);
    for (const auto* text : {"", "INFO", "warning", "info ", "off", "critical"})
        EXPECT_EQ(log::parse_level(text), std::nullopt) << text;
    EXPECT_EQ(log::parse_format("text"), log::Format::text);
    EXPECT_EQ(log::parse_format("json"), log::Format::json);
    EXPECT_EQ(log::parse_format("xml"), std::nullopt);
}

}  // namespace
}  // namespace oracode
