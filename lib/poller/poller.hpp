// The daemon's own initiative: ends codes whose time is over, asks Seam for news that is overdue
// and for events that the webhooks missed. A thin loop around the Planner on a thread of its own.
// Owned by App.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "logging/outage.hpp"
#include "poller/planner.hpp"
#include "seam/client.hpp"
#include "seam/client_api.hpp"
#include "store/reader.hpp"

namespace oracode {
class Metrics;
class Store;
}  // namespace oracode

namespace oracode::poller {

class Poller final : private Agenda {
public:
    struct Parts {
        Store& store;
        Metrics& metrics;
        Clock now;
        PlannerOptions planner;
        seam::ClientOptions
            client;  // without an api_key nothing is asked, and codes end by the clock all the same
    };
    // Opens a Reader on the running store. Throws StoreError, and std::invalid_argument where a
    // client option cannot be used. What `parts` refers to outlives this.
    explicit Poller(Parts parts);
    ~Poller();

    void start();
    // Ends what is under way and the thread. Whoever still waits for an answer gets one.
    void stop();

    // Its thread's, to see whether it gets on.
    [[nodiscard]] boost::asio::io_context& context() { return context_; }

    // Any thread, cheap: something was recorded, and may be due.
    void recorded();

    using Answered = std::function<void(Result<void>)>;
    // Any thread: asks Seam for the code now, within the budget, and calls `done` on `home` once
    // what Seam said is recorded. Errc::not_found: Seam does not know it; Errc::seam_unreachable,
    // seam_refused, seam_rate_limited, unauthenticated: no answer to be had now.
    void ask(std::string access_code_id, Source source, boost::asio::io_context& home,
             Answered done);

    // Any thread.
    void set_api_key(std::string key);
    [[nodiscard]] bool asks_seam() const { return asks_seam_; }
    // What keeps polling from working, for people: a refused key, a Seam that does not answer.
    // nullopt: all is well.
    [[nodiscard]] std::optional<std::string> trouble() const;
    [[nodiscard]] std::optional<Timestamp> last_success() const;
    // Up to where all events that Seam lists are stored.
    [[nodiscard]] std::optional<Timestamp> backfilled_to() const;

private:
    struct Waiting {
        boost::asio::io_context* home;
        Answered done;
    };
    struct Round;

    // Agenda
    [[nodiscard]] std::vector<DueCode> due(Timestamp now, std::size_t limit) override;
    [[nodiscard]] std::optional<Timestamp> next_due() override;
    [[nodiscard]] LiveCodes live_codes(std::int64_t after, std::size_t limit) override;

    void make_client_if_needed();
    void compare_webhooks();
    void look();
    void look_and_plan();
    void pause_reading(const std::exception& failure);
    [[nodiscard]] std::optional<Timestamp> stored_backfill();
    bool end_expired(Timestamp now);
    void send(const Request& request);
    void answered(const Request& request, const seam::CallResult<Shown>& answer);
    void log_failure(const Request& request, const seam::CallError& error);
    void log_breaker(seam::BreakerState state);
    void carry_out(Effects effects, std::optional<GetCode> asked, Result<void> outcome);
    void finished(const std::shared_ptr<Round>& round);
    void tell(const std::string& access_code_id, const Result<void>& outcome);
    void sleep_until(std::optional<Timestamp> at);
    void note_state(Timestamp now);

    Parts parts_;
    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_{
        context_.get_executor()};
    boost::asio::steady_timer timer_{context_};
    Reader reader_;
    log::Outage reading_{"poller.cannot_read", "poller.reads_again"};
    std::unique_ptr<seam::Client> client_;
    std::unique_ptr<seam::Api> api_;
    std::optional<Planner> planner_;
    bool busy_ = false;
    bool stopping_ = false;
    std::multimap<std::string, Waiting> waiting_;
    std::atomic<bool> asks_seam_;
    std::atomic<bool> woken_{false};
    std::atomic<seam::BreakerState> breaker_{seam::BreakerState::closed};
    std::atomic<std::int64_t> last_success_ms_{0};  // 0: never
    std::atomic<std::int64_t> backfilled_to_ms_{0};
    std::thread thread_;
};

}  // namespace oracode::poller
