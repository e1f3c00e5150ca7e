// Reads that may take longer than an I/O thread can spare (pages, histories): one thread with a
// Reader of its own. Owned by the daemon's App; `fetch` may be called from any thread.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "async/loop_thread.hpp"
#include "core/result.hpp"
#include "http/message.hpp"
#include "logging/outage.hpp"
#include "store/reader.hpp"

namespace oracode::api {

class LongReads {
public:
    // Opens the database of a running Store. `name` is the thread's. `before_each` is called on the
    // thread before each read and may block for a moment. Throws StoreError.
    LongReads(std::string name, const std::string& database,
              std::function<void()> before_each = {});
    ~LongReads();

    using Read = std::function<http::Response(store::Reader&)>;
    // Whom an answer is for, as it outlives the request.
    struct Asker {
        std::string request_id;
        bool takes_gzip = false;

        [[nodiscard]] static Asker of(const http::Request& request);
    };
    // Runs `read` on the thread, compresses what it returns where that is worth it, and sends it;
    // 503 when too many wait already or the database cannot be read. Not at all where the client is
    // gone before its turn. To be called on the thread of the reply.
    void run(Read read, Asker asker, http::Reply reply);

    // Runs `read` on the thread, then `done` with what it returned on `home`; done with
    // Errc::overloaded when too many wait already, and with Errc::store_unavailable when the
    // database cannot be read or the thread is to end.
    template <class T>
    void fetch(std::function<Result<T>(store::Reader&)> read, boost::asio::io_context& home,
               std::function<void(Result<T>)> done) {
        if (!enter()) {
            boost::asio::post(home, [done = std::move(done)] {
                done(Error{Errc::overloaded, "too many long reads"});
            });
            return;
        }
        boost::asio::post(
            thread_.context(), [this, &home, read = std::move(read), done = std::move(done)] {
                leave();
                auto result = guarded<T>(read);
                boost::asio::post(home, [done, result = std::move(result)] { done(result); });
            });
    }

    // Breaks off what runs, refuses what waits and ends the thread.
    void stop();
    [[nodiscard]] bool is_stopping() const { return stopping_; }

private:
    [[nodiscard]] bool enter();
    void leave() { waiting_.fetch_sub(1); }
    [[nodiscard]] Error refuse(const std::exception& failure);

    template <class T>
    [[nodiscard]] Result<T> guarded(const std::function<Result<T>(store::Reader&)>& read) try {
        if (stopping_) return Error{Errc::store_unavailable, "the daemon is ending"};
        if (before_each_) before_each_();
        auto result = read(reader_);
        reading_.over();
        return result;
    } catch (const std::exception& failure) {
        return refuse(failure);
    }

    static constexpr int max_waiting = 1024;

    store::Reader reader_;
    const std::function<void()> before_each_;
    std::atomic<int> waiting_{0};
    std::atomic<bool> stopping_{false};
    log::Outage reading_{"api.read_failed", "api.reads_again"};
    async::LoopThread thread_;
};

}  // namespace oracode::api
