#include "async/loop_thread.hpp"

#include <exception>
#include <utility>

#include <boost/asio/post.hpp>

#include "core/thread.hpp"
#include "logging/log.hpp"

namespace oracode::async {

void run_guarded(boost::asio::io_context& context, std::string_view thread) {
    while (true) {
        try {
            context.run();
            return;
        } catch (const std::exception& failure) {
            log::error("thread.handler_failed",
                       {{"thread", thread}, {"error", std::string_view{failure.what()}}});
        }
    }
}

LoopThread::LoopThread(std::string name) : name_(std::move(name)) {}

LoopThread::~LoopThread() {
    stop();
}

void LoopThread::start() {
    thread_ = start_thread(name_, [this] { run_guarded(context_, name_); });
}

void LoopThread::join() {
    if (thread_.joinable()) thread_.join();
}

void LoopThread::stop(std::function<void()> last) {
    if (!thread_.joinable()) return;
    boost::asio::post(context_, [this, last = std::move(last)] {
        guard_.reset();
        if (last) last();
    });
    thread_.join();
}

}  // namespace oracode::async
