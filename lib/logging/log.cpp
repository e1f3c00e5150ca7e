#include "logging/log.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <new>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <pthread.h>
#include <spdlog/async_logger.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/base_sink.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/thread.hpp"
#include "logging/line_writer.hpp"
#include "logging/repeats.hpp"

namespace oracode::log {
namespace {

constexpr int silent = static_cast<int>(Level::error) + 1;
std::atomic<int> threshold{silent};
std::atomic<Output::Pipeline*> current{nullptr};

// The end of the pipeline, on the writing thread.
class LineSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
public:
    using Write = std::function<void(std::string_view line)>;
    explicit LineSink(Write write) : write_(std::move(write)) {}

protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        std::string line;
        line.reserve(message.payload.size() + 1);
        line.append(message.payload.data(), message.payload.size());
        line += '\n';
        write_(line);
    }
    void flush_() override {}  // nothing is buffered here

private:
    Write write_;
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

std::shared_ptr<spdlog::details::thread_pool> pool_of(std::size_t queue) {
    const SignalsLeftToMain signals;
    return std::make_shared<spdlog::details::thread_pool>(
        queue, 1, [] { pthread_setname_np(pthread_self(), "log"); });
}

}  // namespace

struct Output::Pipeline {
    explicit Pipeline(OutputOptions options)
        : style(options.style),
          now(std::move(options.now)),
          write_line(std::move(options.write)),
          repeats(options.first_repeats, options.repeats_period),
          pool(pool_of(options.queue)),
          logger(std::make_shared<spdlog::async_logger>(
              "oracoded",
              std::make_shared<LineSink>([this](std::string_view line) { write(line); }), pool,
              spdlog::async_overflow_policy::overrun_oldest)) {
        logger->set_level(spdlog::level::trace);  // decided before, by `enabled`
    }
    // The pool writes what is queued, while all that writing needs is still there.
    ~Pipeline() {
        summing = {};
        pool.reset();
    }
    Pipeline(const Pipeline&) = delete;
    Pipeline& operator=(const Pipeline&) = delete;

    // On the writing thread. Lines are lost only while the queue is full, so one that comes after
    // them always passes here.
    void write(std::string_view line) {
        if (const auto lost = threads.overrun_counter(); lost != reported) {
            std::string notice;
            const Field count{"lines", lost - reported};
            append_line(notice, style, now(), Level::warn, "log.dropped", {&count, 1});
            reported = lost;
            out(notice += '\n');
        }
        out(line);
    }
    // After a period, or at the end if that comes sooner. Throws system_error without a thread.
    void sum_up_later() {
        const std::lock_guard lock(summing_mutex);
        const SignalsLeftToMain signals;
        summing = std::jthread([this](const std::stop_token& stop) {
            std::mutex mutex;
            std::unique_lock waiting(mutex);
            std::condition_variable_any().wait_for(waiting, stop, repeats.period(),
                                                   [] { return false; });
            for (const auto& sum : repeats.take()) {
                const std::array fields{Field{"event", sum.event}, Field{"kind", sum.kind},
                                        Field{"lines", sum.lines}};
                std::string line;
                append_line(line, style, now(), Level::warn, "log.repeated", fields);
                logger->log(spdlog::level::warn, spdlog::string_view_t{line.data(), line.size()});
            }
        });
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
    Repeats repeats;
    std::shared_ptr<spdlog::details::thread_pool> pool;
    spdlog::details::thread_pool& threads{*pool};  // `pool` is empty while it ends them
    std::shared_ptr<spdlog::async_logger> logger;
    std::mutex summing_mutex;
    std::jthread summing;  // while there is something to sum up
};

Output::Output(OutputOptions options) {
    const auto level = options.level;
    try {
        pipeline_ = std::make_unique<Pipeline>(std::move(options));
    } catch (const std::system_error& refused) {
        throw ThreadFailure(
            "the thread of the log cannot be started (limit of tasks or memory?): " +
            refused.code().message());
    }
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
    return pipeline_->threads.overrun_counter();
}

bool enabled(Level level) {
    return static_cast<int>(level) >= threshold.load(std::memory_order_relaxed);
}

void set_level(Level level) {
    if (current.load() != nullptr) threshold = static_cast<int>(level);
}

void write(Level level, std::string_view event, Fields fields) try {
    if (!enabled(level)) return;
    auto* const pipeline = current.load(std::memory_order_acquire);
    if (pipeline == nullptr) return;
    std::string line;
    line.reserve(256);
    append_line(line, pipeline->style, pipeline->now(), level, event,
                {fields.begin(), fields.size()});
    pipeline->logger->log(as_spdlog(level), spdlog::string_view_t{line.data(), line.size()});
} catch (const std::bad_alloc&) {
    // The line is lost. Whoever writes it may be in the middle of what must not fail.
}

void warn_of_many(std::string_view event, std::string_view kind, Fields fields) try {
    auto* const pipeline = current.load(std::memory_order_acquire);
    if (pipeline == nullptr || !enabled(Level::warn)) return;
    const auto now = Repeats::Clock::now();
    switch (pipeline->repeats.decide(event, kind, now)) {
        case Repeats::Decision::write:
            return write(Level::warn, event, fields);
        case Repeats::Decision::count_first:
            try {
                return pipeline->sum_up_later();
            } catch (const std::system_error&) {
                // No thread to be had: this one stands for itself, and the next one tries again.
                static_cast<void>(pipeline->repeats.take());
                return write(Level::warn, event, fields);
            }
        case Repeats::Decision::count:
            return;
    }
} catch (const std::bad_alloc&) {  // as in `write`
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
