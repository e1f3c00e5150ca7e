// A week of oracoded in milliseconds: the planner, the state machine and the store's own rules
// against a simulated Seam, under a virtual clock, with everything going wrong that the seed says.
// Nothing here knows a thread or a socket.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "poller/planner.hpp"
#include "simulation/simulated_seam.hpp"
#include "store/ledger.hpp"

namespace oracode::test {

struct Faults {
    double dropped = 0;
    double doubled = 0;
    double delayed = 0;  // by up to 28 hours, the length of Svix's retries
    double crashes = 0;  // for each answer of Seam
    int outages = 0;     // of up to 72 hours each: silence, 429, a refused key
};

class World final : private poller::Agenda {
public:
    static constexpr Timestamp start{std::chrono::sys_days{std::chrono::year{2026} / 3 / 2}};
    static constexpr Duration week = std::chrono::days{7};
    // After the last fault: the longest backoff, the check of `set` codes, the hourly backfill,
    // each with its jitter.
    static constexpr Duration promised = std::chrono::hours{9};
    static constexpr unsigned requests_per_minute = 30;

    // Keeps its database at `path`.
    World(std::uint64_t seed, const Faults& faults, std::string path);
    ~World();

    // Lives through the week and the promised time after it.
    void run();

    // Every difference between what Seam knows and what the store knows, for people; empty: none.
    [[nodiscard]] std::string differences();
    // The most requests within any 60 s without a crash in between.
    [[nodiscard]] std::size_t busiest_minute() const { return busiest_minute_; }
    [[nodiscard]] std::size_t requests() const { return requests_; }
    [[nodiscard]] std::size_t events() const { return events_; }

private:
    enum class Trouble { none, silence, rate_limit, bad_key };
    struct Outage {
        Timestamp from, to;
        Trouble trouble;
    };

    std::vector<DueCode> due(Timestamp now, std::size_t limit) override {
        return reader_->due(now, limit);
    }
    std::optional<Timestamp> next_due() override { return reader_->next_due(); }
    LiveCodes live_codes(std::int64_t after, std::size_t limit) override {
        return reader_->live_codes(after, limit);
    }

    std::optional<DueCode> find(std::string_view id) override { return reader_->due_code(id); }

    void at(Timestamp when, std::function<void()> act);
    void boot();
    void seam_moves();
    void deliver(const boost::json::object& event);
    void receive(const std::string& body);
    void look();
    void wake(std::optional<Timestamp> when);
    void send(const poller::Request& request);
    [[nodiscard]] seam::CallResult<poller::Shown> answer(const poller::Request& request);
    bool carry_out(const poller::Effects& effects);
    void note_request();
    [[nodiscard]] Trouble trouble() const;
    [[nodiscard]] bool faulty() const { return now_ < start + week; }
    bool chance(double probability) {
        return std::uniform_real_distribution<>(0, 1)(random_) < probability;
    }
    Duration within(Duration span);
    template <class Act>
    void transact(Act act);

    std::mt19937_64 random_;
    const Faults faults_;
    const std::string path_;
    Timestamp now_ = start;
    SimulatedSeam seam_;
    std::vector<Outage> outages_;
    std::multimap<Timestamp, std::function<void()>> agenda_;
    std::unique_ptr<store::Ledger> ledger_;
    std::unique_ptr<Reader> reader_;
    std::optional<poller::Planner> planner_;
    std::uint64_t boots_ = 0;  // what belongs to an earlier run of the daemon is void
    std::uint64_t wakes_ = 0;
    bool busy_ = false;
    std::deque<Timestamp> minute_;
    std::size_t busiest_minute_ = 0;
    std::size_t requests_ = 0;
    std::size_t events_ = 0;
};

}  // namespace oracode::test
