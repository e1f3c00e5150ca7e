// Sends notifications: what the store's outbox holds, to each target by itself, one after the other
// and in order for each alert and code. A target that hangs delays nobody but itself. Owned by the
// daemon's App; works on a thread of its own, which runs once there is a target.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "async/loop_thread.hpp"
#include "core/result.hpp"
#include "logging/outage.hpp"
#include "notify/endpoint.hpp"
#include "notify/planner.hpp"
#include "notify/target.hpp"
#include "store/reader.hpp"
#include "store/store_options.hpp"

namespace oracode::metrics {
class Metrics;
}
namespace oracode::store {
class Store;
}

namespace oracode::notify {

// How a target does, for /readyz.
struct TargetState {
    std::string server;  // "https://ntfy.sh": never the path, which may be a secret
    Planner::Health health;
};

// What came back from a target that was tried out.
struct TestResult {
    unsigned status = 0;  // 0: no answer came
    std::string error;    // empty: it was taken
    std::string body;     // the beginning of the answer's, less what is secret of the target
    Duration took{};
};

class Sender {
public:
    // What these refer to outlives this.
    struct Dependencies {
        store::Store& store;
        metrics::Metrics& metrics;
        Clock now;
        Duration grace{};                 // of being overdue, for the codes in what is sent
        std::function<bool()> polling{};  // whether Seam is asked at all, likewise; any thread
        WayOut way{};
    };
    Sender(Dependencies deps, std::vector<Target> targets);
    // As `stop`.
    ~Sender();
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;

    // Once, when the store has been started and nothing is written yet: the outbox learns of the
    // targets. What was left by the last run is sent.
    void start();
    // Ends the thread. What was under way is sent again, with the same id, after the next start.
    void stop();

    // Other targets from now on. What waits for one that is changed, or had answered 410, is sent
    // at once. One thread at a time, that of `start`.
    void replace(std::vector<Target> targets);

    // On the store's thread, after each commit; quick. Without targets a load of an atomic.
    void committed(const store::Commit& commit);

    using TestDone = std::function<void(Result<TestResult>)>;
    // Sends the target a test, now, and calls `done` on `home` with what came of it. Fails with
    // Errc::not_found, and with Errc::overloaded while too many of these are under way. Any thread.
    void test(std::string_view target, boost::asio::io_context& home, TestDone done);

    // By name. Any thread.
    [[nodiscard]] std::map<std::string, TargetState> states() const;

private:
    struct Lane;
    struct Trial;
    using LanePointer = std::shared_ptr<Lane>;

    // On the caller's thread.
    void announce(const std::vector<Target>& targets);
    // On the thread, all of them.
    [[nodiscard]] std::vector<store::NotificationTarget> adopt(const std::vector<Target>& targets);
    void announce_to_store(const std::vector<store::NotificationTarget>& targets);
    void look_at_all();
    void look(const LanePointer& lane);
    void look_later(const LanePointer& lane, Duration pause);
    void send(const LanePointer& lane, const store::PendingNotification& pending);
    void note(const Lane& lane, const store::PendingNotification& sent,
              const store::NotificationOutcome& outcome);
    void settle(const LanePointer& lane, const store::NotificationOutcome& outcome);
    void take_changes();
    void take_changes_again();
    void try_out(const std::string& name, boost::asio::io_context& home, const TestDone& done);
    void end(const std::shared_ptr<Trial>& trial, const Answer& came);

    Dependencies deps_;
    const std::vector<Target> first_targets_;
    std::atomic<bool> active_{false};         // there is a target
    std::atomic<bool> wants_changes_{false};  // one of them wants to know
    std::atomic<bool> woken_{false};
    std::atomic<std::int64_t> announced_{0};  // the change feed reaches up to here

    async::LoopThread thread_{"notify"};
    bool running_ = false;  // on the owner's thread
    // What follows is the thread's.
    WayOut way_;
    std::optional<store::Reader> reader_;
    std::vector<LanePointer> lanes_;
    boost::asio::steady_timer retry_{thread_.context()};
    boost::asio::steady_timer take_again_{thread_.context()};
    log::Outage reading_{"notify.outbox_unreadable", "notify.outbox_readable"};
    bool ready_ = false;   // the outbox knows the targets
    bool taking_ = false;  // changes are being brought into the outbox
    bool left_ = false;    // there were more than it has room for
    bool stopping_ = false;
    std::vector<std::shared_ptr<Trial>> trials_;

    mutable std::mutex mutex_;
    std::map<std::string, TargetState> states_;
};

}  // namespace oracode::notify
