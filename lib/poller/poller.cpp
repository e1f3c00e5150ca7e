#include "poller/poller.hpp"

#include <algorithm>
#include <random>

#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <pthread.h>

#include "logging/log.hpp"
#include "metrics/metrics.hpp"
#include "seam/event_types.hpp"
#include "store/store.hpp"

namespace oracode::poller {
namespace {

// A busy listener wakes the poller with every commit; looking ten times a second is soon enough.
constexpr std::chrono::milliseconds look_after_recording{100};
constexpr std::chrono::seconds pause_after_store_failure{1};
constexpr std::chrono::seconds longest_wait_to_ask{10};  // somebody waits for the answer

std::vector<std::string> needed_event_types() {
    std::vector<std::string> names;
    for (const auto& type : seam::event_types()) names.emplace_back(type.name);
    return names;
}

Shown shown(seam::Page&& page) {
    return {std::move(page.items), page.sent_at};
}
Shown shown(seam::Found&& found) {
    return {boost::json::array{std::move(found.object)}, found.sent_at};
}

std::function<double()> random_numbers() {
    return [engine = std::mt19937_64(std::random_device{}())]() mutable {
        return std::uniform_real_distribution<>(0.0, 1.0)(engine);
    };
}

std::optional<Timestamp> unless_zero(std::int64_t ms) {
    return ms == 0 ? std::nullopt : std::optional{Timestamp{Duration{ms}}};
}

}  // namespace

// The effects of one answer on their way into the store.
struct Poller::Round {
    std::size_t open = 0;
    bool failed = false;
    std::size_t recovered = 0;  // events that no webhook had brought
    std::optional<Timestamp> backfilled_to;
    std::optional<GetCode> asked;
    Result<void> outcome;
};

Poller::Poller(Parts parts)
    : parts_(std::move(parts)), reader_(parts_.store.path()), asks_seam_(false) {
    const auto now = parts_.now();
    planner_.emplace(parts_.planner, now, reader_.backfilled_to(), random_numbers());
    make_client_if_needed();
    asks_seam_ = !parts_.client.api_key.empty();
}

// Only with a key: the authorities that a client trusts take a megabyte.
void Poller::make_client_if_needed() {
    if (client_ || parts_.client.api_key.empty()) return;
    auto client = seam::Client::make(context_.get_executor(), parts_.client, parts_.now);
    if (!client) throw std::invalid_argument(client.error().detail);
    client_ = std::move(*client);
    api_ = std::make_unique<seam::Api>(*client_);
}

Poller::~Poller() {
    stop();
}

void Poller::start() {
    boost::asio::post(context_, [this] {
        if (asks_seam_) compare_webhooks();
        look();
    });
    thread_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "poller");
        context_.run();
    });
}

void Poller::stop() {
    if (!thread_.joinable()) return;
    boost::asio::post(context_, [this] {
        stopping_ = true;
        timer_.cancel();
        if (client_) client_->shutdown();
        while (!waiting_.empty())
            tell(waiting_.begin()->first, Error{Errc::seam_unreachable, "the daemon is ending"});
        guard_.reset();
    });
    thread_.join();
}

void Poller::recorded() {
    if (woken_.exchange(true)) return;
    boost::asio::post(context_, [this] {
        const auto soon = std::chrono::steady_clock::now() + look_after_recording;
        if (!busy_ && !stopping_ && timer_.expiry() > soon) {
            timer_.expires_at(soon);
            timer_.async_wait([this](const boost::system::error_code& error) {
                woken_ = false;
                if (!error) look();
            });
        } else {
            woken_ = false;
        }
    });
}

void Poller::ask(std::string access_code_id, Source source, boost::asio::io_context& home,
                 Answered done) {
    boost::asio::post(context_, [this, id = std::move(access_code_id), source, &home,
                                 done = std::move(done)]() mutable {
        const auto state = planner_->breaker(parts_.now());
        waiting_.emplace(id, Waiting{&home, std::move(done)});
        if (stopping_ || state == seam::BreakerState::open)
            return tell(id, Error{Errc::seam_unreachable, "Seam does not answer at present"});
        if (!asks_seam_ || state == seam::BreakerState::bad_key)
            return tell(id, Error{Errc::seam_refused, "there is no API key that Seam takes"});
        const auto now = parts_.now();
        if (planner_->allowed_at(now) > now + longest_wait_to_ask)
            return tell(id, Error{Errc::seam_rate_limited, "Seam may not be asked for a while"});
        planner_->ask({id, source});
        look();
    });
}

void Poller::tell(const std::string& access_code_id, const Result<void>& outcome) {
    const auto [first, last] = waiting_.equal_range(access_code_id);
    for (auto waiting = first; waiting != last; ++waiting)
        boost::asio::post(*waiting->second.home,
                          [done = std::move(waiting->second.done), outcome] { done(outcome); });
    waiting_.erase(first, last);
}

void Poller::look() {
    if (busy_ || stopping_) return;
    const auto now = parts_.now();
    if (end_expired(now)) return;
    if (!asks_seam_) return sleep_until(reader_.next_end());
    const auto request = planner_->next(now, *this);
    note_state(now);
    if (request) return send(*request);
    const auto end = reader_.next_end();
    const auto wake = planner_->wake_at();
    sleep_until(end && wake ? std::min(end, wake) : (end ? end : wake));
}

// True when there were codes to end, and `look` will be called again.
bool Poller::end_expired(Timestamp now) {
    Effects effects;
    for (auto& id : reader_.expired(now, parts_.planner.batch)) {
        Statement over;
        over.event.source = Source::clock;
        over.event.access_code_id = std::move(id);
        over.event.occurred_at = now;
        effects.statements.push_back(std::move(over));
    }
    if (effects.statements.empty()) return false;
    carry_out(std::move(effects), std::nullopt, {});
    return true;
}

void Poller::send(const Request& request) {
    busy_ = true;
    const auto done = [this, request](auto answer) {
        if (!answer) return answered(request, answer.error());
        answered(request, shown(std::move(*answer)));
    };
    if (const auto* list = std::get_if<ListCodes>(&request)) {
        seam::AccessCodeQuery query;
        for (const auto& code : list->codes) query.access_code_ids.push_back(code.access_code_id);
        api_->list_access_codes(query, done);
    } else if (const auto* get = std::get_if<GetCode>(&request)) {
        api_->get_access_code(get->access_code_id, done);
    } else {
        const auto& window = std::get<ListEvents>(request).window;
        seam::EventQuery query;
        query.since = window.from;
        query.until = window.to;
        query.event_types = needed_event_types();
        query.limit = static_cast<unsigned>(parts_.planner.events_page);
        api_->list_events(query, done);
    }
}

void Poller::answered(const Request& request, const seam::CallResult<Shown>& answer) {
    const auto now = parts_.now();
    parts_.metrics.polled(name(request), answer ? 200 : answer.error().status, parts_.now());
    if (!answer) log_failure(request, answer.error());
    auto effects = planner_->digest(request, answer, now);
    note_state(now);
    if (effects.breaker_changed) log_breaker(*effects.breaker_changed);
    if (effects.events_lost)
        log::error("backfill.page_full",
                   {{"meaning", "one millisecond has more events than Seam lists"}});
    std::optional<GetCode> asked;
    if (const auto* get = std::get_if<GetCode>(&request)) asked = *get;
    carry_out(std::move(effects), asked,
              answer ? Result<void>{} : Result<void>{seam::to_error(answer.error())});
}

void Poller::log_failure(const Request& request, const seam::CallError& error) {
    if (error.code == Errc::not_found) return;  // an answer like any other: the code is gone
    log::warn("poll.failed", {{"endpoint", name(request)}, {"error", seam::describe(error)}});
}

void Poller::log_breaker(seam::BreakerState state) {
    switch (state) {
        case seam::BreakerState::closed:
            return log::info("seam.answers_again");
        case seam::BreakerState::bad_key:
            return log::error(
                "seam.key_refused",
                {{"remedy", "put a valid key into seam.api_key_file and send SIGHUP"}});
        case seam::BreakerState::open:
        case seam::BreakerState::half_open:
            return log::error("seam.does_not_answer", {{"state", seam::name(state)}});
    }
}

void Poller::carry_out(Effects effects, std::optional<GetCode> asked, Result<void> outcome) {
    busy_ = true;
    auto round = std::make_shared<Round>();
    round->open = 1 + effects.statements.size() + effects.unanswered.size();
    round->backfilled_to = effects.backfilled_to;
    round->asked = std::move(asked);
    round->outcome = std::move(outcome);
    for (auto& statement : effects.statements) {
        const bool listed = statement.event.source == Source::backfill;
        parts_.store.record(std::move(statement.event), std::move(statement.payload), context_,
                            [this, round, listed](const Result<Recorded>& recorded) {
                                if (!recorded) {
                                    round->failed = true;
                                } else if (recorded->transition) {
                                    parts_.metrics.transition(*recorded->transition);
                                }
                                if (recorded) parts_.metrics.corrected(recorded->corrections);
                                if (listed && recorded && !recorded->duplicate) ++round->recovered;
                                finished(round);
                            });
    }
    for (auto& id : effects.unanswered) {
        parts_.store.postpone(std::move(id), parts_.now(), context_,
                              [this, round](const Result<bool>& postponed) {
                                  if (!postponed) round->failed = true;
                                  finished(round);
                              });
    }
    finished(round);
}

void Poller::finished(const std::shared_ptr<Round>& round) {
    if (--round->open > 0) return;
    if (const auto recovered = std::exchange(round->recovered, 0); recovered > 0) {
        parts_.metrics.backfilled(recovered);
        log::info("backfill.recovered", {{"events", recovered}});
    }
    // Only when every event of the stretch is durable may the next one begin behind it.
    if (round->backfilled_to && !round->failed) {
        ++round->open;
        const auto to = *std::exchange(round->backfilled_to, std::nullopt);
        return parts_.store.note_backfill(to, context_, [this, round](const Result<bool>& noted) {
            if (!noted) round->failed = true;
            finished(round);
        });
    }
    busy_ = false;
    if (round->asked) {
        const Result<void> kept = round->failed
                                      ? Result<void>{Error{Errc::store_unavailable, "not recorded"}}
                                      : round->outcome;
        tell(round->asked->access_code_id, kept);
    }
    if (!round->failed) return look();
    planner_->begin_again(reader_.backfilled_to(), parts_.now());
    sleep_until(parts_.now() + pause_after_store_failure);
}

void Poller::sleep_until(std::optional<Timestamp> at) {
    if (stopping_) return;
    if (!at) {
        timer_.expires_at(std::chrono::steady_clock::time_point::max());
        return;
    }
    timer_.expires_after(std::max(*at - parts_.now(), Duration{1}));
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) look();
    });
}

void Poller::note_state(Timestamp now) {
    breaker_ = planner_->breaker(now);
    if (const auto success = planner_->last_success())
        last_success_ms_ = success->time_since_epoch().count();
    if (const auto to = planner_->backfilled_to())
        backfilled_to_ms_ = to->time_since_epoch().count();
}

void Poller::compare_webhooks() {
    api_->list_webhooks([](const seam::CallResult<seam::Page>& answer) {
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
            const bool told = std::ranges::any_of(
                answer->items,
                [&](const boost::json::value& webhook) { return subscribes(webhook, type.name); });
            if (!told)
                log::warn("seam.event_type_not_subscribed",
                          {{"event_type", type.name},
                           {"remedy", "subscribe the webhook to it in Seam's console"}});
        }
    });
}

void Poller::set_api_key(std::string key) {
    boost::asio::post(context_, [this, key = std::move(key)]() mutable {
        try {
            parts_.client.api_key = key;
            make_client_if_needed();
        } catch (const std::invalid_argument& error) {
            return log::error("seam.unusable", {{"error", std::string_view{error.what()}}});
        }
        asks_seam_ = !key.empty();
        if (!client_) return;
        if (const auto done = client_->set_api_key(std::move(key)); !done)
            return log::error("seam.key_unusable", {{"error", done.error().detail}});
        planner_->key_changed();
        look();
    });
}

std::optional<std::string> Poller::trouble() const {
    if (!asks_seam_) return std::nullopt;
    switch (breaker_.load()) {
        case seam::BreakerState::closed:
        case seam::BreakerState::half_open:
            return std::nullopt;
        case seam::BreakerState::open:
            return "Seam does not answer";
        case seam::BreakerState::bad_key:
            return "Seam refuses the API key";
    }
    return std::nullopt;
}

std::optional<Timestamp> Poller::last_success() const {
    return unless_zero(last_success_ms_);
}
std::optional<Timestamp> Poller::backfilled_to() const {
    return unless_zero(backfilled_to_ms_);
}

std::vector<DueCode> Poller::due(Timestamp now, std::size_t limit) {
    return reader_.due(now, limit);
}
std::optional<Timestamp> Poller::next_due() {
    return reader_.next_due();
}
LiveCodes Poller::live_codes(std::int64_t after, std::size_t limit) {
    return reader_.live_codes(after, limit);
}

}  // namespace oracode::poller
