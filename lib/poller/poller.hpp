// The daemon's own initiative: ends codes whose time is over, asks Seam for codes whose event is
// overdue and for events that the webhooks missed. The PollLoop on a thread of its own, with a
// client, the store and a timer. Owned by App.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "async/loop_thread.hpp"
#include "poller/api_port.hpp"
#include "poller/poll_loop.hpp"
#include "poller/report.hpp"
#include "seam/keyed_client.hpp"
#include "store/reader.hpp"

namespace oracode::metrics {
class Metrics;
}
namespace oracode::store {
class Store;
}

namespace oracode::poller {

class Poller final : private StorePort, private Alarm {
public:
    struct Dependencies {
        store::Store& store;
        metrics::Metrics& metrics;
        Clock now;
        PlannerOptions planner;
        lifecycle::AlertPolicy alerts;
        seam::ClientOptions
            client;  // without an api_key nothing is asked, and codes end by the clock all the same
    };
    // Opens a Reader on the running store. Throws StoreError, and std::invalid_argument where a
    // client option cannot be used. What `deps` refers to outlives this.
    explicit Poller(Dependencies deps);
    ~Poller();

    void start();
    // Ends what is under way and the thread. Callers that still wait are answered.
    void stop();

    // To see whether it gets on.
    [[nodiscard]] async::LoopThread& thread() { return thread_; }

    // Any thread, cheap: something was recorded, and may be due.
    void recorded();

    using Answered = PollLoop::Answered;
    // Any thread: as PollLoop's, calling `done` on `home`.
    void ask(std::string access_code_id, lifecycle::Source source, boost::asio::io_context& home,
             Answered done);

    // Any thread.
    void set_api_key(std::string key);
    [[nodiscard]] bool asks_seam() const { return asks_seam_; }
    // What keeps polling from showing the truth, for people. nullopt: all is well.
    [[nodiscard]] std::optional<std::string> trouble() const;
    [[nodiscard]] PollState state() const { return report_.state(); }
    [[nodiscard]] std::optional<Timestamp> last_success() const;
    // Up to where all events that Seam lists are stored.
    [[nodiscard]] std::optional<Timestamp> backfilled_to() const;

private:
    // StorePort
    [[nodiscard]] std::vector<store::DueCode> due(Timestamp now, std::size_t limit) override;
    [[nodiscard]] std::optional<Timestamp> next_due(Timestamp now) override;
    [[nodiscard]] store::LiveCodes live_codes(std::int64_t after, std::size_t limit) override;
    [[nodiscard]] std::optional<store::DueCode> find(std::string_view access_code_id) override;
    [[nodiscard]] std::vector<std::string> expired(Timestamp now, std::size_t limit) override;
    [[nodiscard]] std::optional<Timestamp> next_end() override;
    [[nodiscard]] std::optional<Timestamp> next_start() override;
    [[nodiscard]] std::optional<Timestamp> events_known_to() override;
    void record_all(store::StatementBatch batch, Kept done) override;
    void look_at_alerts(std::function<void(const Result<bool>&)> done) override;
    // Alarm
    void set(std::optional<Timestamp> at) override;

    void compare_webhooks();

    Dependencies deps_;
    async::LoopThread thread_{"poller"};
    boost::asio::io_context& context_ = thread_.context();
    boost::asio::steady_timer timer_{context_};
    store::Reader reader_;
    ApiPort port_;
    seam::KeyedClient seam_;
    PollReport report_;
    std::optional<PollLoop> loop_;
    bool stopping_ = false;
    std::atomic<bool> asks_seam_;
    std::atomic<bool> woken_{false};
};

}  // namespace oracode::poller
