// One run of the daemon, from its start to its crash, under a virtual clock: the real poll loop,
// the real client's judgement of answers and the real ledger on a real database. What the program
// does with threads, sockets and timers is done here by an agenda.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "poller/api_port.hpp"
#include "poller/poll_loop.hpp"
#include "seam/client_api.hpp"
#include "simulation/simulated_seam.hpp"
#include "store/sqlite/ledger.hpp"

namespace oracode::test {

// What a daemon needs of its world.
struct Surroundings {
    std::function<Timestamp()> clock;  // the daemon's own, which may be wrong
    // Calls the function after that time has truly passed; never from within.
    std::function<void(Duration, std::function<void()>)> later;
    // Sends a request and gives its answer, later.
    std::function<void(std::string path, std::string body, std::function<void(SeamAnswer)>)> call;
    // A code's row was written; empty: perhaps those of all.
    std::function<void(const std::string&)> written;
    // Whether the daemon dies at this point.
    std::function<bool()> crashes;
    std::function<double()> random;
};

class SimulatedDaemon final : private poller::StorePort,
                              private poller::Alarm,
                              private poller::PollObserver,
                              private seam::Caller {
public:
    // Its database is at `path`, and may hold what an earlier run has written.
    SimulatedDaemon(Surroundings surroundings, poller::PlannerOptions planner,
                    const std::string& path);
    ~SimulatedDaemon();

    void start();
    // A webhook's body, its signature checked.
    void receive(const std::string& body);
    void key_changed() { loop_.set_key(true); }
    // Nothing more is written or sent; what was under way is lost.
    void die() { dead_ = true; }

    // What the store has of the code; nullptr: nothing. Until the next write.
    [[nodiscard]] const lifecycle::AccessCode* held(const std::string& access_code_id);
    // Of the code, by AlertKind.
    [[nodiscard]] std::set<lifecycle::AlertKind> open_alerts(const std::string& access_code_id);

private:
    using Write = std::function<std::function<void()>(Timestamp)>;

    void get(const std::string& path, const seam::Query& query, Done done) override;
    void post(const std::string& path, const boost::json::object& body, Done done) override;
    void ask(const std::string& path, const boost::json::object& body, Done done) override;
    void set(std::optional<Timestamp> at) override;

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

    [[nodiscard]] seam::CallResult<seam::Answer> classified(const SeamAnswer& answer,
                                                            Timestamp sent_at) const;
    // `access_code_ids`: of the codes it concerns; an empty one: perhaps all.
    void write(Write act, std::vector<std::string> access_code_ids);
    void commit();

    Surroundings world_;
    store::Ledger ledger_;
    store::Reader reader_;
    seam::Api api_;
    poller::ApiPort port_;
    poller::PollLoop loop_;
    std::vector<std::pair<Write, std::vector<std::string>>> queue_;
    // Read since the last write: the loop looks every minute, mostly for nothing.
    std::map<std::string, std::optional<lifecycle::AccessCode>> held_;
    std::optional<std::optional<Timestamp>> next_due_;
    std::optional<std::optional<Timestamp>> next_end_;
    std::optional<std::optional<Timestamp>> next_start_;
    std::uint64_t alarms_ = 0;
    bool dead_ = false;
};

}  // namespace oracode::test
