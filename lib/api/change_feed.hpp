// Hands those who wait for changes what was committed: one thread reads each change once, however
// many streams and waiting requests there are, and hands it to every I/O thread that has some.
// Without a listener a commit costs a load of an atomic. Owned by the daemon's App.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "async/loop_thread.hpp"
#include "logging/outage.hpp"
#include "store/reader.hpp"

namespace oracode::store {
class Store;
}

namespace oracode::api {

// Changes that were read together. Never altered once it is handed out.
struct ChangeBatch {
    std::int64_t after = 0;  // all changes behind this number, up to …
    std::int64_t last = 0;   // … this one
    std::vector<store::Change> changes;
    std::string messages;           // of an event stream, for those who want them
    std::vector<std::size_t> ends;  // where each change's message ends
};
using BatchPointer = std::shared_ptr<const ChangeBatch>;

class ChangeFeed {
    struct Subscriber;

public:
    enum class Form { changes, messages };
    using OnBatch = std::function<void(const BatchPointer&)>;

    // As long as it lives its owner gets every change behind `after`. Made, moved and destroyed on
    // the thread of its io_context, or when that does not run.
    class Subscription {
    public:
        Subscription(ChangeFeed& feed, std::shared_ptr<Subscriber> subscriber, std::int64_t after)
            : feed_(&feed), subscriber_(std::move(subscriber)), after_(after) {}
        Subscription(Subscription&&) = default;
        Subscription& operator=(Subscription&&) = delete;
        ~Subscription();

        [[nodiscard]] std::int64_t after() const { return after_; }

    private:
        ChangeFeed* feed_;
        std::shared_ptr<Subscriber> subscriber_;
        std::int64_t after_;
    };

    // Opens a Reader on the running store, which outlives this. Throws StoreError.
    explicit ChangeFeed(const store::Store& store);
    ~ChangeFeed();
    ChangeFeed(const ChangeFeed&) = delete;
    ChangeFeed& operator=(const ChangeFeed&) = delete;

    // On the store's thread, after each commit; quick.
    void committed(std::int64_t last_change);

    // From now on `on_batch` is called on `home` with batch after batch, without a hole between
    // them. A change committed before this call may be among them, one committed after it is.
    [[nodiscard]] Subscription subscribe(boost::asio::io_context& home, Form form,
                                         OnBatch on_batch);

    // How many event streams are open; counted by who opens them.
    std::atomic<int>& streams() { return streams_; }

    // Ends the thread: no subscriber is called any more.
    void stop();

private:
    struct Subscriber {
        boost::asio::io_context& home;
        Form form;
        OnBatch on_batch;
        bool active = true;  // on the home's thread
    };

    void wake();
    void deliver();
    void hand_out(const BatchPointer& batch);
    [[nodiscard]] BatchPointer read(std::int64_t after, bool with_messages);
    void unsubscribe(const std::shared_ptr<Subscriber>& subscriber);

    const store::Store& store_;
    store::Reader reader_;
    log::Outage reading_{"api.changes_unreadable", "api.changes_readable"};
    std::atomic<int> streams_{0};
    std::atomic<int> listening_{0};
    std::atomic<std::int64_t> announced_{0};
    std::atomic<bool> woken_{false};
    async::LoopThread thread_{"changes"};
    boost::asio::steady_timer retry_{thread_.context()};
    bool stopping_ = false;  // on the thread

    std::mutex mutex_;
    std::vector<std::shared_ptr<Subscriber>> subscribers_;
    std::int64_t position_ = 0;  // delivered up to here
};

}  // namespace oracode::api
