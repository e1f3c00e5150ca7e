#include "logging/log.hpp"

#include <atomic>
#include <stdexcept>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/base_sink.h>
#include <sys/stat.h>
#include <unistd.h>

#include "logging/line_writer.hpp"

namespace oracode::log {
namespace {

constexpr int silent = static_cast<int>(Level::error) + 1;
std::atomic<int> threshold{silent};
std::atomic<Output::Pipeline*> current{nullptr};

// Called on the writing thread only, hence no mutex.
class LineSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
public:
    LineSink(LineStyle style, Clock now, std::function<void(std::string_view)> write)
        : style_(style), now_(std::move(now)), write_(std::move(write)) {}

    // Before the first line.
    void count_drops_of(spdlog::details::thread_pool& queue) { queue_ = &queue; }

protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        report_drops();
        line_.assign(message.payload.data(), message.payload.size());
        line_ += '\n';
        write_(line_);
    }
    void flush_() override {}  // nothing is buffered here

private:
    // Drops happen only while the queue is full, so a line that comes after them always passes
    // here.
    void report_drops() {
        const auto dropped = queue_->overrun_counter();
        if (dropped == reported_) return;
        line_.clear();
        const Field count{"lines", dropped - reported_};
        append_line(line_, style_, now_(), Level::warn, "log.dropped", {&count, 1});
        line_ += '\n';
        reported_ = dropped;
        write_(line_);
    }

    LineStyle style_;
    Clock now_;
    std::function<void(std::string_view)> write_;
    spdlog::details::thread_pool* queue_ = nullptr;
    std::size_t reported_ = 0;
    std::string line_;
};

spdlog::level::level_enum as_spdlog(Level level) {
    switch (level) {
        case Level::trace:
            return spdlog::level::trace;
        case Level::debug:
            return spdlog::level::debug;
        case Level::info:
            return spdlog::level::info;
        case Level::warn:
            return spdlog::level::warn;
        case Level::error:
            return spdlog::level::err;
    }
    return spdlog::level::info;
}

}  // namespace

struct Output::Pipeline {
    LineStyle style;
    Clock now;
    LineWriter to_stderr{STDERR_FILENO};
    std::shared_ptr<LineSink> sink;
    std::shared_ptr<spdlog::details::thread_pool> queue;
    std::shared_ptr<spdlog::async_logger> logger;
};

Output::Output(OutputOptions options) : pipeline_(std::make_unique<Pipeline>()) {
    auto& p = *pipeline_;
    p.style = options.style;
    p.now = options.now;
    auto write = std::move(options.write);
    if (!write) write = [&writer = p.to_stderr](std::string_view line) { writer.write(line); };
    p.sink = std::make_shared<LineSink>(p.style, p.now, std::move(write));
    p.queue = std::make_shared<spdlog::details::thread_pool>(options.queue, 1);
    p.sink->count_drops_of(*p.queue);
    p.logger = std::make_shared<spdlog::async_logger>(
        "oracoded", p.sink, p.queue, spdlog::async_overflow_policy::overrun_oldest);
    p.logger->set_level(spdlog::level::trace);  // decided before, by `enabled`
    p.logger->flush_on(spdlog::level::err);
    Pipeline* none = nullptr;
    if (!current.compare_exchange_strong(none, &p))
        throw std::logic_error("a second log output in one process");
    set_level(options.level);
}

Output::~Output() {
    threshold = silent;
    current = nullptr;
    pipeline_->to_stderr.hurry();
    pipeline_->logger.reset();
    pipeline_->queue.reset();  // writes what is queued and joins
}

std::uint64_t Output::dropped() const {
    return pipeline_->queue->overrun_counter();
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
    pipeline->logger->log(as_spdlog(level), spdlog::string_view_t{line.data(), line.size()});
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
