#include "notify/sender.hpp"

#include <algorithm>

#include <boost/asio/post.hpp>

#include "core/text.hpp"
#include "logging/log.hpp"
#include "metrics/metrics.hpp"
#include "notify/compose.hpp"
#include "store/store.hpp"
#include "webhook/message_id.hpp"

namespace oracode::notify {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr Duration pause_after_failure = 5s;
// The machine's clock may be set meanwhile.
constexpr Duration longest_sleep = 1min;

void log_turn(const Target& target, const Planner::Health& before, const Planner::Health& health) {
    using State = Planner::State;
    if (before.state == health.state) return;
    const auto server = target.url.display();
    if (health.state == State::failing)
        log::warn("notify.failing",
                  {{"target", target.name}, {"server", server}, {"error", health.last_error}});
    else if (health.state == State::gone)
        log::error("notify.gone", {{"target", target.name},
                                   {"server", server},
                                   {"error", health.last_error},
                                   {"meaning", "it is sent nothing until the next reload"}});
    else if (before.state != State::untried)
        log::info("notify.recovered", {{"target", target.name}, {"server", server}});
}

// What a target has answered may repeat what only it and this program know.
std::string beginning_of(std::string text, const Target& target) {
    constexpr std::size_t longest = 500;
    for (const std::string_view secret :
         {std::string_view(target.url.target), std::string_view(target.secret)}) {
        if (secret.size() < 2) continue;
        for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at))
            text.replace(at, secret.size(), "…");
    }
    return std::string(whole_characters(text, longest));
}

}  // namespace

// One target with what is under way to it.
struct Sender::Lane {
    Lane(asio::io_context& context, const Target& target, WayOut& way)
        : endpoint(context.get_executor(), target, way), timer(context) {}

    [[nodiscard]] const Target& target() const { return endpoint.target(); }

    Planner planner;
    Endpoint endpoint;
    asio::steady_timer timer;
    bool busy = false;  // with one notification, until what became of it is noted
};

// An attempt that a caller asked for, and that the outbox knows nothing of.
struct Sender::Trial {
    Trial(asio::io_context& context, const Target& target, WayOut& way)
        : endpoint(context.get_executor(), target, way) {}

    Endpoint endpoint;
    std::function<void(Result<TestResult>)> answer{};
    std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
};

Sender::Sender(Dependencies deps, std::vector<Target> targets)
    : deps_(std::move(deps)), first_targets_(std::move(targets)), way_(deps_.way) {
    announce(first_targets_);
}

Sender::~Sender() {
    stop();
}

void Sender::announce(const std::vector<Target>& targets) {
    const auto wants = [](const Target& target) {
        return target.wants(NotificationType::access_code_changed);
    };
    wants_changes_ = std::ranges::any_of(targets, wants);
    active_ = !targets.empty();
    std::vector<std::string> names;
    names.reserve(targets.size());
    for (const auto& target : targets) names.push_back(target.name);
    deps_.metrics.notification_targets(std::move(names));
    const std::lock_guard lock(mutex_);
    auto before = std::exchange(states_, {});
    for (const auto& target : targets) {
        auto& state = states_[target.name];
        if (const auto known = before.find(target.name); known != before.end())
            state = std::move(known->second);
        state.server = target.url.display();
    }
}

// The outbox knows the targets before anything is written that they want to know.
void Sender::start() {
    std::vector<store::NotificationTarget> wishes;
    for (const auto& target : first_targets_) wishes.push_back({target.name, target.types});
    announce_to_store(wishes);
    if (first_targets_.empty()) return;
    asio::post(thread_.context(), [this] { static_cast<void>(adopt(first_targets_)); });
    announced_ = deps_.store.last_change();
    running_ = true;
    thread_.start();
}

void Sender::stop() {
    thread_.stop([this] {
        stopping_ = true;
        retry_.cancel();
        take_again_.cancel();
        lanes_.clear();
        for (const auto& trial : std::exchange(trials_, {}))
            trial->answer(Error{Errc::store_unavailable, "shutting down"});
    });
}

void Sender::replace(std::vector<Target> targets) {
    announce(targets);
    if (targets.empty() && !running_) return;
    asio::post(thread_.context(), [this, targets = std::move(targets)] {
        if (stopping_) return;
        announce_to_store(adopt(targets));
    });
    if (running_) return;
    thread_.start();
    running_ = true;
}

void Sender::committed(const store::Commit& commit) {
    if (!active_.load(std::memory_order_relaxed) || !commit.failure.empty()) return;
    const bool changed = announced_.exchange(commit.last_change) != commit.last_change;
    if (!commit.notified && !(changed && wants_changes_.load())) return;
    if (woken_.exchange(true)) return;
    asio::post(thread_.context(), [this] {
        woken_ = false;  // before the look: a commit from here on wakes again
        take_changes();
        look_at_all();
    });
}

// Lanes of targets that stay as they are go on with what is under way.
std::vector<store::NotificationTarget> Sender::adopt(const std::vector<Target>& targets) {
    const auto before = std::exchange(lanes_, {});
    std::vector<store::NotificationTarget> wishes;
    for (const auto& target : targets) {
        const auto known = std::ranges::find_if(
            before, [&](const auto& lane) { return lane->target().name == target.name; });
        const bool stays = known != before.end() && (*known)->target() == target &&
                           (*known)->planner.health().state != Planner::State::gone;
        lanes_.push_back(stays ? *known : std::make_shared<Lane>(thread_.context(), target, way_));
        wishes.push_back({target.name, target.types, known != before.end() && !stays});
    }
    const std::lock_guard lock(mutex_);
    for (const auto& lane : lanes_) {
        const auto state = states_.find(lane->target().name);
        if (state != states_.end()) state->second.health = lane->planner.health();
    }
    return wishes;
}

void Sender::announce_to_store(const std::vector<store::NotificationTarget>& targets) {
    deps_.store.set_notification_targets(
        targets, thread_.context(), [this, targets](const Result<bool>& noted) {
            if (stopping_) return;
            if (noted) {
                ready_ = true;
                take_changes();
                return look_at_all();
            }
            retry_.expires_after(pause_after_failure);
            retry_.async_wait([this, targets](const boost::system::error_code& error) {
                if (!error) announce_to_store(targets);
            });
        });
}

void Sender::look_at_all() {
    for (const auto& lane : lanes_) look(lane);
}

void Sender::look(const LanePointer& lane) {
    if (!ready_ || stopping_ || lane->busy) return;
    try {
        if (!reader_) reader_.emplace(deps_.store.path());
        const auto now = deps_.now();
        const auto next =
            lane->planner.next(reader_->pending_notifications(lane->target().name), now);
        reading_.over();
        if (next.send) return send(lane, *next.send);
        if (next.look_at) look_later(lane, std::min(*next.look_at - now, longest_sleep));
    } catch (const std::exception& failure) {
        reading_.failed(failure.what());
        look_later(lane, longest_sleep);
    }
}

void Sender::look_later(const LanePointer& lane, Duration pause) {
    lane->timer.expires_after(std::max(pause, Duration{1}));
    lane->timer.async_wait(
        [this, weak = std::weak_ptr(lane)](const boost::system::error_code& error) {
            const auto waiting = weak.lock();
            if (!error && waiting) look(waiting);
        });
}

void Sender::send(const LanePointer& lane, const store::PendingNotification& pending) {
    const auto now = deps_.now();
    const representation::View view{now, deps_.grace, false, !deps_.polling || deps_.polling()};
    std::optional<Message> message;
    lane->busy = true;
    try {
        message = compose(*reader_, pending, view);
    } catch (const std::exception& failure) {
        // A damaged page bars the way for this one alone.
        reading_.failed(failure.what());
        return settle(lane, after_failure(pending, "what it is about cannot be read", now));
    }
    if (!message)
        return settle(lane, {.id = pending.id,
                             .state = DeliveryState::failed,
                             .attempts = pending.attempts,
                             .last_error = "what it is about is not kept any more"});
    // The lane lives as long as its endpoint, which calls back.
    lane->endpoint.send(
        *message, now, [this, weak = std::weak_ptr(lane), pending](const Answer& answer) {
            const auto sending = weak.lock();
            if (!sending || stopping_) return;
            const auto before = sending->planner.health();
            const auto outcome = sending->planner.interpret(pending, answer.attempt, deps_.now());
            log_turn(sending->target(), before, sending->planner.health());
            note(*sending, pending, outcome);
            settle(sending, outcome);
        });
}

void Sender::note(const Lane& lane, const store::PendingNotification& sent,
                  const store::NotificationOutcome& outcome) {
    const auto& target = lane.target();
    const auto result = outcome.state == DeliveryState::pending ? "retried" : name(outcome.state);
    deps_.metrics.notified(target.name, result);
    if (outcome.state == DeliveryState::failed)
        log::warn("notify.given_up", {{"target", target.name},
                                      {"type", name(sent.type)},
                                      {"message_id", sent.message_id},
                                      {"attempts", outcome.attempts},
                                      {"error", outcome.last_error}});
    const std::lock_guard lock(mutex_);
    const auto state = states_.find(target.name);
    if (state != states_.end()) state->second.health = lane.planner.health();
}

// Until it is noted nothing more is sent: it would be sent again.
void Sender::settle(const LanePointer& lane, const store::NotificationOutcome& outcome) {
    deps_.store.settle_notification(
        outcome, thread_.context(),
        [this, weak = std::weak_ptr(lane), outcome](const Result<bool>& settled) {
            const auto settling = weak.lock();
            if (!settling || stopping_) return;
            if (!settled) {
                settling->timer.expires_after(pause_after_failure);
                settling->timer.async_wait(
                    [this, weak, outcome](const boost::system::error_code& error) {
                        const auto waiting = weak.lock();
                        if (!error && waiting) settle(waiting, outcome);
                    });
                return;
            }
            settling->busy = false;
            if (left_) take_changes();
            look(settling);
        });
}

void Sender::take_changes() {
    if (!ready_ || taking_ || stopping_ || !wants_changes_.load()) return;
    taking_ = true;
    const auto announced = announced_.load();
    deps_.store.take_changes_to_notify(
        thread_.context(), [this, announced](const Result<store::TakenChanges>& taken) {
            taking_ = false;
            if (stopping_) return;
            if (!taken) return take_changes_again();
            left_ = taken->left;
            if ((taken->left && taken->moved) || announced_.load() != announced) take_changes();
        });
}

// Also where nothing is committed or settled any more that would ask for it.
void Sender::take_changes_again() {
    take_again_.expires_after(pause_after_failure);
    take_again_.async_wait([this](const boost::system::error_code& error) {
        if (!error) take_changes();
    });
}

void Sender::test(std::string_view target, asio::io_context& home, TestDone done) {
    {
        const std::lock_guard lock(mutex_);
        if (!states_.contains(std::string(target)))
            return asio::post(home, [done = std::move(done)] {
                done(Error{Errc::not_found, "no such target"});
            });
    }
    asio::post(thread_.context(), [this, name = std::string(target), &home,
                                   done = std::move(done)] { try_out(name, home, done); });
}

void Sender::try_out(const std::string& name, asio::io_context& home, const TestDone& done) {
    constexpr std::size_t most_trials = 4;
    const auto answer = [&home, done](Result<TestResult> result) {
        asio::post(home, [done, result = std::move(result)] { done(result); });
    };
    const auto lane =
        std::ranges::find_if(lanes_, [&](const auto& one) { return one->target().name == name; });
    if (lane == lanes_.end()) return answer(Error{Errc::not_found, "no such target"});
    if (trials_.size() >= most_trials) return answer(Error{Errc::overloaded, "too many trials"});
    const auto trial = std::make_shared<Trial>(thread_.context(), (*lane)->target(), way_);
    trial->answer = answer;
    trials_.push_back(trial);
    auto message = test_message(name);
    message.id = webhook::fresh_message_id();
    message.at = deps_.now();
    trial->endpoint.send(message, message.at,
                         [this, weak = std::weak_ptr(trial)](const Answer& came) {
                             if (const auto ended = weak.lock()) end(ended, came);
                         });
}

void Sender::end(const std::shared_ptr<Trial>& trial, const Answer& came) {
    const auto took = std::chrono::steady_clock::now() - trial->began;
    trial->answer(TestResult{came.attempt.status, error_of(came.attempt),
                             beginning_of(came.body, trial->endpoint.target()),
                             std::chrono::duration_cast<Duration>(took)});
    // An endpoint must not go from within its own call.
    asio::post(thread_.context(), [this, trial] { std::erase(trials_, trial); });
}

std::map<std::string, TargetState> Sender::states() const {
    const std::lock_guard lock(mutex_);
    return states_;
}

}  // namespace oracode::notify
