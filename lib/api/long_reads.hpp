// Reads that may take longer than an I/O thread can spare (pages, histories): one thread with a
// Reader of its own. Owned by the daemon's App; `run` may be called from any thread.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>

#include "core/result.hpp"
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

    // Runs `read` on the thread, then `done` with what it returned on `home`; done with
    // Errc::overloaded when too many wait already.
    template <class T>
    void fetch(std::function<Result<T>(Reader&)> read, boost::asio::io_context& home,
               std::function<void(Result<T>)> done) {
        if (!enter()) {
            boost::asio::post(home, [done = std::move(done)] {
                done(Error{Errc::overloaded, "too many long reads"});
            });
            return;
        }
        boost::asio::post(thread_, [this, &home, read = std::move(read), done = std::move(done)] {
            leave();
            boost::asio::post(home, [done, result = read(reader_)] { done(result); });
        });
    }

    // Answers what waits and ends the thread.
    void stop();

private:
    [[nodiscard]] bool enter();
    void leave() { waiting_.fetch_sub(1); }

    static constexpr int max_waiting = 1024;

    Reader reader_;
    std::atomic<int> waiting_{0};
    boost::asio::thread_pool thread_{1};
};

}  // namespace oracode::api
