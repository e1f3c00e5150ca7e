// Structured events of the daemon, one line each. `main` owns the one Output; the functions may be
// called from any thread while it lives, never wait for the reader of the log, do nothing when
// there is no Output, and lose the line where memory has run out.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string_view>

#include "core/time.hpp"
#include "logging/level.hpp"
#include "logging/line.hpp"

namespace oracode::log {

// `log::info("webhook.accepted", {{"event_id", id}, {"status", 204}})`. The event is a literal.
// Bodies, PINs and secrets do not belong into a field. Below the level nothing is formatted; a
// field whose value is costly to make is worth an `enabled` first.
using Fields = std::initializer_list<Field>;
void trace(std::string_view event, Fields fields = {});
void debug(std::string_view event, Fields fields = {});
void info(std::string_view event, Fields fields = {});
void warn(std::string_view event, Fields fields = {});
void error(std::string_view event, Fields fields = {});
void write(Level level, std::string_view event, Fields fields);

// A warning of which strangers can cause as many as they like. `kind` is one of a few words of our
// own. Of each kind OutputOptions::first_repeats are written; while more come, a line
// `log.repeated` with their count, one a period, stands for the others.
void warn_of_many(std::string_view event, std::string_view kind, Fields fields);

[[nodiscard]] bool enabled(Level level);
// Holds from now on for all threads; without an Output it has no effect.
void set_level(Level level);

struct OutputOptions {
    Level level = Level::info;
    LineStyle style;
    Clock now;  // required
    // Lines that wait for the writing thread, at about 450 bytes each, taken at the start. When it
    // is full the oldest are dropped and counted, and a `log.dropped` line says so once the reader
    // is back.
    std::size_t queue = 512;
    // Of warn_of_many.
    std::size_t first_repeats = 5;
    std::chrono::steady_clock::duration repeats_period = std::chrono::minutes{1};
    // Takes each line with its newline, on the writing thread; empty means stderr.
    std::function<void(std::string_view line)> write;
};

// The writing thread behind the functions above. At most one at a time; a second one throws
// logic_error. Without a thread to be had it throws ThreadFailure.
class Output {
public:
    explicit Output(OutputOptions options);
    // Writes what is queued, and gives up after a second without progress on stderr. Threads that
    // log must have ended.
    ~Output();
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    // Lines lost since the start because the queue was full. Any thread.
    [[nodiscard]] std::uint64_t dropped() const;

    struct Pipeline;  // spdlog stays behind it

private:
    std::unique_ptr<Pipeline> pipeline_;
};

// Whether stderr is the stream that systemd's $JOURNAL_STREAM ("device:inode") speaks of. The
// variable alone proves nothing: children inherit it, with stderr sent elsewhere (systemd.exec(5)).
[[nodiscard]] bool stderr_is_journal(std::string_view journal_stream);

}  // namespace oracode::log
