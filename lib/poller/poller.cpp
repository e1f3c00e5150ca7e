#include "poller/poller.hpp"

#include <algorithm>
#include <random>

#include <boost/asio/post.hpp>

#include "logging/log.hpp"
#include "seam/event_types.hpp"
#include "store/store.hpp"

namespace oracode::poller {
namespace {

// A busy listener wakes the poller with every commit; looking ten times a second is soon enough.
constexpr std::chrono::milliseconds look_after_recording{100};

std::function<double()> random_numbers() {
    return [engine = std::mt19937_64(std::random_device{}())]() mutable {
        return std::uniform_real_distribution<>(0.0, 1.0)(engine);
    };
}

}  // namespace

Poller::Poller(Dependencies deps)
    : deps_(std::move(deps)),
      reader_(deps_.store.path()),
      port_(deps_.planner.events_page),
      seam_(context_.get_executor(), deps_.client, deps_.now,
            [this](seam::Api& api) { port_.use(api); }),
      report_(deps_.metrics),
      asks_seam_(!deps_.client.api_key.empty()) {
    loop_.emplace(PollLoop::Dependencies{port_, *this, *this, report_, deps_.now, deps_.planner,
                                         deps_.alerts, random_numbers()});
}

Poller::~Poller() {
    stop();
}

void Poller::start() {
    boost::asio::post(context_, [this] {
        if (asks_seam_) compare_webhooks();
        loop_->set_key(asks_seam_);
    });
    thread_.start();
}

void Poller::stop() {
    thread_.stop([this] {
        stopping_ = true;
        loop_->stop();
        timer_.cancel();
        seam_.shutdown();
    });
}

void Poller::recorded() {
    if (woken_.exchange(true)) return;
    boost::asio::post(context_, [this] {
        const auto soon = std::chrono::steady_clock::now() + look_after_recording;
        if (!stopping_ && timer_.expiry() > soon) {
            timer_.expires_at(soon);
            timer_.async_wait([this](const boost::system::error_code& error) {
                woken_ = false;
                if (!error) loop_->look();
            });
        } else {
            woken_ = false;
        }
    });
}

void Poller::ask(std::string access_code_id, lifecycle::Source source,
                 boost::asio::io_context& home, Answered done) {
    boost::asio::post(context_, [this, id = std::move(access_code_id), source, &home,
                                 done = std::move(done)]() mutable {
        loop_->ask(id, source, [&home, done = std::move(done)](const Result<void>& outcome) {
            boost::asio::post(home, [done, outcome] { done(outcome); });
        });
    });
}

void Poller::compare_webhooks() {
    seam_.api()->list_webhooks([](const seam::CallResult<seam::ListPage>& answer) {
        if (!answer) return;  // the polls will say what is wrong
        const auto subscribes = [](const boost::json::value& webhook, std::string_view type) {
            const auto* types =
                webhook.is_object() ? webhook.get_object().if_contains("event_types") : nullptr;
            if (types == nullptr || !types->is_array()) return true;  // no list: everything
            return std::ranges::any_of(types->get_array(), [type](const boost::json::value& entry) {
                return entry.is_string() &&
                       (entry.get_string() == type || entry.get_string() == "*");
            });
        };
        if (answer->items.empty())
            return log::warn(
                "seam.no_webhook",
                {{"remedy", "oracodectl register-webhook https://YOUR.NAME/webhooks/seam"}});
        for (const auto& type : seam::event_types()) {
            const bool subscribed = std::ranges::any_of(
                answer->items,
                [&](const boost::json::value& webhook) { return subscribes(webhook, type.name); });
            if (!subscribed)
                log::warn("seam.event_type_not_subscribed",
                          {{"event_type", type.name},
                           {"remedy", "subscribe the webhook to it in Seam's console"}});
        }
    });
}

void Poller::set_api_key(std::string key) {
    boost::asio::post(context_, [this, key = std::move(key)] {
        if (!seam_.set_api_key(key)) return;
        const bool present = !key.empty();
        asks_seam_ = present;
        loop_->set_key(present);
    });
}

std::optional<std::string> Poller::trouble() const {
    if (report_.reading_fails()) return "the database cannot be read";
    return asks_seam_ ? poller::trouble(report_.state()) : std::nullopt;
}

std::optional<Timestamp> Poller::last_success() const {
    return report_.state().last_success;
}
std::optional<Timestamp> Poller::backfilled_to() const {
    return report_.state().backfilled_to;
}

std::vector<store::DueCode> Poller::due(Timestamp now, std::size_t limit) {
    return reader_.due(now, limit);
}
std::optional<Timestamp> Poller::next_due(Timestamp now) {
    return reader_.next_due(now);
}
store::LiveCodes Poller::live_codes(std::int64_t after, std::size_t limit) {
    return reader_.live_codes(after, limit);
}
std::optional<store::DueCode> Poller::find(std::string_view access_code_id) {
    return reader_.due_code(access_code_id);
}
std::vector<std::string> Poller::expired(Timestamp now, std::size_t limit) {
    return reader_.expired(now, limit);
}
std::optional<Timestamp> Poller::next_end() {
    return reader_.next_end();
}
std::optional<Timestamp> Poller::next_start() {
    return reader_.next_start();
}
std::optional<Timestamp> Poller::events_known_to() {
    try {
        return reader_.backfilled_to();
    } catch (const std::exception& failure) {
        report_.cannot_read(failure.what());
        return std::nullopt;  // the whole stretch is fetched again
    }
}

void Poller::record_all(store::StatementBatch batch, Kept done) {
    deps_.store.record_all(std::move(batch), context_, std::move(done));
}

void Poller::look_at_alerts(std::function<void(const Result<bool>&)> done) {
    deps_.store.look_at_alerts(context_, std::move(done));
}

void Poller::set(std::optional<Timestamp> at) {
    if (!at) {
        timer_.expires_at(std::chrono::steady_clock::time_point::max());
        return;
    }
    timer_.expires_after(std::max(*at - deps_.now(), Duration{1}));
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) loop_->look();
    });
}

}  // namespace oracode::poller
