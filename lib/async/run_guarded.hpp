// Runs an event loop to its end although a handler throws: that handler is over, the loop goes on.
// What a handler let go of, a reply or a promise, answers for itself.
#pragma once

#include <exception>
#include <string_view>

#include <boost/asio/io_context.hpp>

namespace oracode::async {

// `failed(std::string_view why)` is called on this thread for each exception.
template <class Failed>
void run_guarded(boost::asio::io_context& context, Failed failed) {
    while (true) {
        try {
            context.run();
            return;
        } catch (const std::exception& failure) {
            failed(std::string_view{failure.what()});
        }
    }
}

}  // namespace oracode::async
