// The event streams of one I/O thread: each change is read and put into words once for all of them,
// and each goes on at its own reader's speed. Used on that thread only.
#pragma once

#include <memory>
#include <optional>

#include "core/time.hpp"
#include "http/message.hpp"

namespace oracode::store {
class Store;
}

namespace oracode::api {

class ChangeFeed;
class LongReads;

class ChangeStreams {
public:
    struct Dependencies {
        ChangeFeed& feed;
        LongReads& long_reads;
        const store::Store& store;
        boost::asio::io_context& context;  // this thread's
        // Proxies and clients that receive nothing for longer take a connection for dead.
        Duration beat = std::chrono::seconds{15};
    };
    // What `deps` refers to outlives this and every stream.
    explicit ChangeStreams(Dependencies deps);
    ~ChangeStreams();

    // Answers with a stream that begins behind change `after`, with what is committed from now on
    // where there is none, and ends with the client or the daemon.
    void open(std::optional<std::int64_t> after, http::Reply reply);

private:
    class Core;
    class Stream;

    std::shared_ptr<Core> core_;
};

}  // namespace oracode::api
