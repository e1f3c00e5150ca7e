// A thread that runs one event loop. Owned by what works on the loop, which stops it before
// anything goes that the loop's handlers use.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace oracode::async {

// Runs `context` to its end although a handler throws: that handler is over and logged as
// `thread.handler_failed`, the loop goes on. What a handler let go of, a reply or a promise,
// answers for itself.
void run_guarded(boost::asio::io_context& context, std::string_view thread);

class LoopThread {
public:
    // `name` is what `ps -T` shows, of at most 15 characters.
    explicit LoopThread(std::string name);
    // As `stop`.
    ~LoopThread();
    LoopThread(const LoopThread&) = delete;
    LoopThread& operator=(const LoopThread&) = delete;

    void start();  // throws ThreadFailure
    // The thread ends when nothing is left to do on its loop.
    void finish() { guard_.reset(); }
    // Waits for that. The loop lives on: what others still post to it is dropped.
    void join();
    // Runs `last` on the loop, which lets go of what would keep it busy, then finishes and joins.
    // Does nothing where the thread does not run. Not to be called on the thread itself.
    void stop(std::function<void()> last = {});

    [[nodiscard]] const std::string& name() const { return name_; }
    // Started and not joined yet. By the thread that starts and joins it.
    [[nodiscard]] bool runs() const { return thread_.joinable(); }
    // Any thread may post to it, before the start and after the end as well.
    [[nodiscard]] boost::asio::io_context& context() { return context_; }

private:
    const std::string name_;
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{
        context_.get_executor()};
    std::thread thread_;
};

}  // namespace oracode::async
