#include "api/change_feed.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>

#include "api/change_messages.hpp"
#include "store/store.hpp"

namespace oracode::api {
namespace {

constexpr std::size_t most_in_a_batch = 256;
constexpr auto pause_after_failure = std::chrono::milliseconds{250};

}  // namespace

ChangeFeed::Subscription::~Subscription() {
    if (subscriber_) feed_->unsubscribe(subscriber_);
}

ChangeFeed::ChangeFeed(const store::Store& store) : store_(store), reader_(store.path()) {
    thread_.start();
}

ChangeFeed::~ChangeFeed() {
    stop();
}

void ChangeFeed::stop() {
    thread_.stop([this] {
        stopping_ = true;
        retry_.cancel();
    });
}

// Both sides touch `announced_` and `listening_` in opposite orders: either the writer sees the
// listener, or the listener sees the commit.
void ChangeFeed::committed(std::int64_t last_change) {
    announced_.store(last_change);
    if (listening_.load() != 0) wake();
}

void ChangeFeed::wake() {
    if (!woken_.exchange(true)) boost::asio::post(thread_.context(), [this] { deliver(); });
}

ChangeFeed::Subscription ChangeFeed::subscribe(boost::asio::io_context& home, Form form,
                                               OnBatch on_batch) {
    auto subscriber = std::make_shared<Subscriber>(Subscriber{home, form, std::move(on_batch)});
    const std::lock_guard lock(mutex_);
    listening_.fetch_add(1);
    if (subscribers_.empty())
        position_ = std::max({position_, announced_.load(), store_.last_change()});
    subscribers_.push_back(subscriber);
    return {*this, std::move(subscriber), position_};
}

void ChangeFeed::unsubscribe(const std::shared_ptr<Subscriber>& subscriber) {
    subscriber->active = false;
    const std::lock_guard lock(mutex_);
    listening_.fetch_sub(1);
    std::erase(subscribers_, subscriber);
}

BatchPointer ChangeFeed::read(std::int64_t after, bool with_messages) try {
    // Before the read: whatever was committed up to there is seen by it.
    const auto committed = announced_.load();
    auto changes = reader_.changes(after, most_in_a_batch);
    if (!changes) {
        reading_.failed(changes.error().detail);
        return nullptr;
    }
    reading_.over();
    auto batch = std::make_shared<ChangeBatch>();
    batch->after = after;
    batch->last = changes->empty() ? after : changes->back().seq;
    if (changes->size() < most_in_a_batch) batch->last = std::max(batch->last, committed);
    batch->changes = std::move(*changes);
    if (with_messages) {
        batch->ends.reserve(batch->changes.size());
        for (const auto& change : batch->changes) {
            append_message(batch->messages, change);
            batch->ends.push_back(batch->messages.size());
        }
    }
    return batch;
} catch (const std::exception& failure) {
    // Memory is short, or what is stored cannot be understood: it is tried again, as above.
    reading_.failed(failure.what());
    return nullptr;
}

// One batch of what is new, on the thread.
void ChangeFeed::deliver() {
    std::unique_lock lock(mutex_);
    woken_ = false;  // before the look: a commit from here on wakes again
    if (stopping_ || subscribers_.empty() || announced_.load() <= position_) return;
    const auto after = position_;
    const bool with_messages =
        std::ranges::any_of(subscribers_, [](const auto& s) { return s->form == Form::messages; });
    lock.unlock();
    if (const auto batch = read(after, with_messages)) return hand_out(batch);
    woken_ = true;
    retry_.expires_after(pause_after_failure);
    retry_.async_wait([this](const boost::system::error_code& error) {
        if (!error) deliver();
    });
}

// Posted under the lock: a subscriber that is gone from the list gets nothing more.
void ChangeFeed::hand_out(const BatchPointer& batch) {
    const std::lock_guard lock(mutex_);
    for (const auto& subscriber : subscribers_) {
        boost::asio::post(subscriber->home, [subscriber, batch] {
            if (subscriber->active) subscriber->on_batch(batch);
        });
    }
    position_ = std::max(position_, batch->last);
    if (announced_.load() > position_) wake();
}

}  // namespace oracode::api
