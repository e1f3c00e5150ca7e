// Starting threads. Any thread may.
#pragma once

#include <csignal>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include <pthread.h>

namespace oracode {

// The system gives no thread: the limit of tasks is reached, or there is no memory for a stack.
class ThreadFailure : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// While it lives, threads are made that leave the signals of whoever runs the program (SIGTERM,
// SIGINT, SIGHUP) to the main thread, which waits for them: none of the others is interrupted.
class SignalsLeftToMain {
public:
    SignalsLeftToMain() {
        sigset_t asked;
        sigemptyset(&asked);
        for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&asked, signal);
        pthread_sigmask(SIG_BLOCK, &asked, &before_);
    }
    ~SignalsLeftToMain() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsLeftToMain(const SignalsLeftToMain&) = delete;
    SignalsLeftToMain& operator=(const SignalsLeftToMain&) = delete;

private:
    sigset_t before_{};
};

// Runs `body` on a thread called `name`, of at most 15 characters, as `ps -T` shows it. The caller
// joins or detaches it. Throws ThreadFailure, which names the thread.
template <class Body>
[[nodiscard]] std::thread start_thread(const std::string& name, Body body) {
    const SignalsLeftToMain signals;
    try {
        return std::thread([name, run = std::move(body)]() mutable {
            pthread_setname_np(pthread_self(), name.c_str());
            run();
        });
    } catch (const std::system_error& refused) {
        throw ThreadFailure("the thread \"" + name + "\" cannot be started (limit of tasks or " +
                            "memory?): " + refused.code().message());
    }
}

}  // namespace oracode
