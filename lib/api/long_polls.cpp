#include "api/long_polls.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace oracode::api {
namespace {

// Answered before other work of the thread has its turn.
constexpr std::size_t most_in_a_row = 64;

}  // namespace

struct LongPolls::Waiter {
    std::string access_code_id;
    Look look;
    http::Reply reply;
    boost::asio::steady_timer time_over;
};

LongPolls::LongPolls(ChangeFeed& feed, boost::asio::io_context& context)
    : feed_(feed), context_(context) {}
LongPolls::~LongPolls() = default;

void LongPolls::wait(std::string access_code_id, Duration at_most, Look look_now,
                     http::Reply reply) {
    if (auto answer = look_now(at_most <= Duration::zero())) return reply.send(std::move(*answer));
    const auto number = ++last_number_;
    auto made =
        std::make_unique<Waiter>(Waiter{std::move(access_code_id), std::move(look_now),
                                        std::move(reply), boost::asio::steady_timer(context_)});
    auto& waiter = *made;
    by_code_[waiter.access_code_id].insert(number);
    waiters_.emplace(number, std::move(made));
    if (!subscription_)
        subscription_.emplace(
            feed_.subscribe(context_, ChangeFeed::Form::changes,
                            [this](const BatchPointer& batch) { on_batch(*batch); }));
    // The number, not the waiter: it may be gone when the timer's last word arrives.
    waiter.time_over.expires_after(at_most);
    waiter.time_over.async_wait([this, number](const boost::system::error_code& error) {
        if (!error) look(number, true);
    });
    waiter.reply.watch([this, number](http::Interruption what) {
        if (what == http::Interruption::client_gone)
            static_cast<void>(take(number));
        else
            look(number, true);
    });
    // What was committed between the first look and the subscription reaches no one.
    look(number, false);
}

void LongPolls::on_batch(const ChangeBatch& batch) {
    const bool at_work = !due_.empty();
    for (const auto& change : batch.changes) {
        const auto found = by_code_.find(std::string_view(change.access_code_id));
        if (found != by_code_.end())
            due_.insert(due_.end(), found->second.begin(), found->second.end());
    }
    if (!at_work) look_at_due();
}

// A code that thousands wait for must not hold up the thread.
void LongPolls::look_at_due() {
    for (std::size_t i = 0; i < most_in_a_row && !due_.empty(); ++i) {
        const auto number = due_.front();
        due_.pop_front();
        look(number, false);
    }
    if (!due_.empty()) boost::asio::post(context_, [this] { look_at_due(); });
}

void LongPolls::look(Number number, bool last) {
    const auto found = waiters_.find(number);
    if (found == waiters_.end()) return;
    if (auto answer = found->second->look(last)) take(number)->reply.send(std::move(*answer));
}

std::unique_ptr<LongPolls::Waiter> LongPolls::take(Number number) {
    const auto found = waiters_.find(number);
    if (found == waiters_.end()) return nullptr;
    auto waiter = std::move(found->second);
    waiters_.erase(found);
    const auto same = by_code_.find(std::string_view(waiter->access_code_id));
    same->second.erase(number);
    if (same->second.empty()) by_code_.erase(same);
    if (waiters_.empty()) subscription_.reset();
    return waiter;
}

}  // namespace oracode::api
