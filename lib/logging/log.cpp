#include "logging/log.hpp"

#include <atomic>
#include <stdexcept>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "logging/line_queue.hpp"
#include "logging/line_writer.hpp"

namespace oracode::log {
namespace {

constexpr int silent = static_cast<int>(Level::error) + 1;
std::atomic<int> threshold{silent};
std::atomic<Output::Pipeline*> current{nullptr};

}  // namespace

struct Output::Pipeline {
    explicit Pipeline(OutputOptions options)
        : style(options.style),
          now(std::move(options.now)),
          write_line(std::move(options.write)),
          queue(options.queue,
                [this](const std::string& line, std::uint64_t lost) { write(line, lost); }) {}

    // On the writing thread. Lines are lost only while the queue is full, so one that comes after
    // them always passes here.
    void write(const std::string& line, std::uint64_t lost) {
        if (lost != reported) {
            std::string notice;
            const Field count{"lines", lost - reported};
            append_line(notice, style, now(), Level::warn, "log.dropped", {&count, 1});
            reported = lost;
            out(notice += '\n');
        }
        out(line);
    }
    void out(std::string_view line) {
        if (write_line) {
            write_line(line);
        } else {
            to_stderr.write(line);
        }
    }

    LineStyle style;
    Clock now;
    std::function<void(std::string_view)> write_line;
    LineWriter to_stderr{STDERR_FILENO};
    std::uint64_t reported = 0;
    LineQueue queue;
};

Output::Output(OutputOptions options) {
    const auto level = options.level;
    pipeline_ = std::make_unique<Pipeline>(std::move(options));
    Pipeline* none = nullptr;
    if (!current.compare_exchange_strong(none, pipeline_.get()))
        throw std::logic_error("a second log output in one process");
    set_level(level);
}

Output::~Output() {
    threshold = silent;
    current = nullptr;
    pipeline_->to_stderr.hurry();
}

std::uint64_t Output::dropped() const {
    return pipeline_->queue.lost();
}

bool enabled(Level level) {
    return static_cast<int>(level) >= threshold.load(std::memory_order_relaxed);
}

void set_level(Level level) {
    if (current.load() != nullptr) threshold = static_cast<int>(level);
}

void write(Level level, std::string_view event, Fields fields) {
    if (!enabled(level)) return;
    auto* const pipeline = current.load(std::memory_order_acquire);
    if (pipeline == nullptr) return;
    std::string line;
    line.reserve(256);
    append_line(line, pipeline->style, pipeline->now(), level, event,
                {fields.begin(), fields.size()});
    line += '\n';
    pipeline->queue.push(std::move(line));
}

void trace(std::string_view event, Fields fields) {
    write(Level::trace, event, fields);
}
void debug(std::string_view event, Fields fields) {
    write(Level::debug, event, fields);
}
void info(std::string_view event, Fields fields) {
    write(Level::info, event, fields);
}
void warn(std::string_view event, Fields fields) {
    write(Level::warn, event, fields);
}
void error(std::string_view event, Fields fields) {
    write(Level::error, event, fields);
}

bool stderr_is_journal(std::string_view journal_stream) {
    struct stat is {};
    return ::fstat(STDERR_FILENO, &is) == 0 &&
           journal_stream == fmt::format("{}:{}", is.st_dev, is.st_ino);
}

}  // namespace oracode::log
