// Reads that may take longer than an I/O thread can spare (pages, histories): one thread with a
// Reader of its own. Owned by the daemon's App; `run` may be called from any thread.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include <boost/asio/thread_pool.hpp>

#include "http/message.hpp"
#include "store/reader.hpp"

namespace oracode::api {

class LongReads {
public:
    // Opens the database of a running Store. Throws StoreError.
    explicit LongReads(const std::string& database);
    ~LongReads();

    using Read = std::function<http::Response(Reader&)>;
    // Runs `read` on the thread and sends what it returns; 503 when too many wait already.
    void run(Read read, std::string request_id, http::Reply reply);

    // Answers what waits and ends the thread.
    void stop();

private:
    static constexpr int max_waiting = 1024;

    Reader reader_;
    std::atomic<int> waiting_{0};
    boost::asio::thread_pool thread_{1};
};

}  // namespace oracode::api
