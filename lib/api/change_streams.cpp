#include "api/change_streams.hpp"

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <utility>

#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include "api/change_feed.hpp"
#include "api/change_messages.hpp"
#include "api/long_reads.hpp"
#include "store/store.hpp"

namespace oracode::api {
namespace {

// How long a client whose stream broke waits before it comes back.
constexpr auto reconnect_after = std::chrono::milliseconds{2'000};
// Of messages kept for readers that are a little behind; those further behind read the database.
constexpr std::size_t most_kept = 1024UL * 1024;
constexpr std::size_t largest_piece = 64UL * 1024;
constexpr std::size_t page_size = 200;

// What the database has behind a number.
struct ChangePage {
    std::int64_t oldest = 1;
    std::int64_t newest = 0;
    std::vector<store::Change> changes;
};

Result<ChangePage> read_page(store::Reader& reader, std::int64_t after, std::int64_t committed) {
    ChangePage page;
    const auto oldest = reader.oldest_change();
    if (!oldest) return oldest.error();
    page.oldest = *oldest;
    page.newest = committed;
    auto changes = reader.changes(std::max(after, *oldest - 1), page_size);
    if (!changes) return changes.error();
    page.changes = std::move(*changes);
    return page;
}

}  // namespace

// What the streams of the thread share; it goes with the last of them.
class ChangeStreams::Core : public std::enable_shared_from_this<Core> {
public:
    explicit Core(Dependencies deps) : deps_(deps), beat_(deps.context) {}

    void add(Stream& stream, http::Waker waker);
    void remove(Stream& stream);
    // Appends what was committed behind `position` and moves it. False where that is not kept here
    // any more.
    bool take(std::int64_t& position, std::string& out) const;
    [[nodiscard]] const Dependencies& deps() const { return deps_; }
    [[nodiscard]] std::int64_t end() const { return end_; }

private:
    void on_batch(const BatchPointer& batch);
    void wait_for_beat();
    void wake_all();

    const Dependencies deps_;
    std::unordered_map<Stream*, http::Waker> streams_;
    std::optional<ChangeFeed::Subscription> subscription_;
    std::deque<BatchPointer> recent_;
    std::size_t kept_ = 0;
    std::int64_t begin_ = 0;  // `recent_` has every change behind this number …
    std::int64_t end_ = 0;    // … up to this one
    boost::asio::steady_timer beat_;
};

class ChangeStreams::Stream final : public http::Body {
public:
    Stream(std::shared_ptr<Core> core, std::optional<std::int64_t> after, http::Waker waker)
        : core_(std::move(core)), waker_(std::move(waker)) {
        core_->add(*this, waker_);
        position_ = after.value_or(core_->deps().store.last_change());
        // The id makes a client that comes back before its first change miss nothing.
        pending_ = fmt::format("retry: {}\nid: {}\n\n", reconnect_after.count(), position_);
        if (after) fetch();
    }
    ~Stream() override { core_->remove(*this); }

    State next(std::string& out) override {
        if (failed_) return State::broken;
        if (!pending_.empty()) {
            out = std::exchange(pending_, {});
            return State::more;
        }
        if (fetching_) return State::waiting;
        if (!core_->take(position_, out)) {
            fetch();
            return State::waiting;
        }
        if (out.empty() && beat_due_) out = ": still here\n\n";
        beat_due_ = false;
        return out.empty() ? State::waiting : State::more;
    }
    [[nodiscard]] bool endless() const override { return true; }

    void beat() { beat_due_ = true; }

private:
    // Reads on from the database, on another thread.
    void fetch() {
        fetching_ = true;
        const auto& deps = core_->deps();
        const auto after = position_;
        // Whatever this thread has got is committed, and seen by the read.
        const auto committed = std::max(core_->end(), deps.store.last_change());
        deps.long_reads.fetch<ChangePage>(
            [after, committed](store::Reader& reader) {
                return read_page(reader, after, committed);
            },
            deps.context,
            [this, alive = std::weak_ptr(alive_)](const Result<ChangePage>& page) {
                if (alive.expired()) return;
                fetching_ = false;
                take(page);
                waker_.wake();
            });
    }

    void take(const Result<ChangePage>& page) {
        if (!page) {
            failed_ = true;  // the client comes back and goes on where this ended
            return;
        }
        const bool unheard_of = position_ > page->newest;
        if (position_ < page->oldest - 1 || unheard_of) {
            const auto from = unheard_of ? page->newest + 1 : page->oldest;
            append_gap_message(pending_, position_, from);
            position_ = from - 1;
        }
        for (const auto& change : page->changes) {
            if (change.seq <= position_) continue;
            append_message(pending_, change);
            position_ = change.seq;
        }
        if (page->changes.size() < page_size) position_ = std::max(position_, page->newest);
    }

    const std::shared_ptr<Core> core_;
    const http::Waker waker_;
    const std::shared_ptr<char> alive_ = std::make_shared<char>();
    std::int64_t position_ = 0;  // sent, or in `pending_`, up to here
    std::string pending_;
    bool fetching_ = false;
    bool failed_ = false;
    bool beat_due_ = false;
};

void ChangeStreams::Core::add(Stream& stream, http::Waker waker) {
    deps_.feed.streams().fetch_add(1);
    if (streams_.empty()) {
        subscription_.emplace(deps_.feed.subscribe(deps_.context, ChangeFeed::Form::messages,
                                                   [this](const auto& batch) { on_batch(batch); }));
        begin_ = end_ = subscription_->after();
        wait_for_beat();
    }
    streams_.emplace(&stream, std::move(waker));
}

void ChangeStreams::Core::remove(Stream& stream) {
    deps_.feed.streams().fetch_sub(1);
    streams_.erase(&stream);
    if (!streams_.empty()) return;
    subscription_.reset();
    recent_.clear();
    kept_ = 0;
    beat_.cancel();
}

void ChangeStreams::Core::on_batch(const BatchPointer& batch) {
    if (batch->last <= end_) return;
    auto to_send = batch;
    if (to_send->messages.empty() && !to_send->changes.empty()) {
        // It was read before a stream wanted messages.
        auto worded = std::make_shared<ChangeBatch>(*batch);
        for (const auto& change : worded->changes) {
            append_message(worded->messages, change);
            worded->ends.push_back(worded->messages.size());
        }
        to_send = std::move(worded);
    }
    if (recent_.empty()) begin_ = end_ = std::max(end_, to_send->after);
    end_ = to_send->last;
    kept_ += to_send->messages.size();
    recent_.push_back(std::move(to_send));
    while (kept_ > most_kept && recent_.size() > 1) {
        kept_ -= recent_.front()->messages.size();
        begin_ = recent_.front()->last;
        recent_.pop_front();
    }
    wake_all();
}

bool ChangeStreams::Core::take(std::int64_t& position, std::string& out) const {
    if (position < begin_) return false;
    for (const auto& batch : recent_) {
        if (batch->last <= position) continue;
        const auto& changes = batch->changes;
        const auto first = static_cast<std::size_t>(
            std::ranges::upper_bound(changes, position, {}, &store::Change::seq) - changes.begin());
        const auto begin = first == 0 ? 0 : batch->ends[first - 1];
        out.append(batch->messages, begin, std::string::npos);
        position = batch->last;
        if (out.size() >= largest_piece) break;
    }
    return true;
}

// A stream that is woken may turn out to have lost its client and leave the list.
void ChangeStreams::Core::wake_all() {
    std::vector<http::Waker> wakers;
    wakers.reserve(streams_.size());
    for (const auto& [stream, waker] : streams_) wakers.push_back(waker);
    for (const auto& waker : wakers) waker.wake();
}

void ChangeStreams::Core::wait_for_beat() {
    beat_.expires_after(deps_.beat);
    beat_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
        const auto self = weak.lock();
        if (error || !self || self->streams_.empty()) return;
        for (const auto& [stream, waker] : self->streams_) stream->beat();
        self->wake_all();
        self->wait_for_beat();
    });
}

ChangeStreams::ChangeStreams(Dependencies deps) : core_(std::make_shared<Core>(deps)) {}
ChangeStreams::~ChangeStreams() = default;

void ChangeStreams::open(std::optional<std::int64_t> after, http::Reply reply) {
    http::Response head;
    head.content_type = "text/event-stream";
    head.headers.emplace_back("Cache-Control", "no-store");
    head.headers.emplace_back("Vary", "Accept");
    head.headers.emplace_back("X-Accel-Buffering", "no");  // nginx would hold messages back
    auto stream = std::make_unique<Stream>(core_, after, reply.waker());
    reply.stream(std::move(head), std::move(stream));
}

}  // namespace oracode::api
