#include "simulation/simulated_daemon.hpp"

#include <utility>

#include "seam/decode.hpp"
#include "simulation/promises.hpp"
#include "store/sqlite/sqlite.hpp"

namespace oracode::test {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

constexpr Duration look_after_recording = 100ms;  // as the daemon's own thread does

}  // namespace

SimulatedDaemon::SimulatedDaemon(Surroundings surroundings, poller::PlannerOptions planner,
                                 const std::string& path)
    : world_(std::move(surroundings)),
      ledger_(path, promises::policy, promises::alerts),
      reader_(path),
      api_(*this),
      port_(planner.events_page),
      loop_(poller::PollLoop::Dependencies{port_, *this, *this, *this, world_.clock, planner,
                                           promises::alerts, world_.random}) {
    port_.use(api_);
}

SimulatedDaemon::~SimulatedDaemon() = default;

void SimulatedDaemon::start() {
    loop_.set_key(true);
}

void SimulatedDaemon::receive(const std::string& body) {
    const auto now = world_.clock();
    auto event = seam::decode_event(body, now, lifecycle::Source::webhook);
    if (!event) return;
    auto id = event->access_code_id;
    write(
        [this, event = std::move(*event), body](Timestamp at) -> std::function<void()> {
            ledger_.record(event, body, at);
            return [this] {
                world_.later(look_after_recording, [this] {
                    if (!dead_) loop_.look();
                });
            };
        },
        {id});
}

const lifecycle::AccessCode* SimulatedDaemon::held(const std::string& access_code_id) {
    auto place = held_.find(access_code_id);
    if (place == held_.end()) {
        auto found = reader_.find(access_code_id);
        place = held_.emplace(access_code_id, std::nullopt).first;
        if (found) place->second = std::move(*found);
    }
    return place->second ? &*place->second : nullptr;
}

std::set<lifecycle::AlertKind> SimulatedDaemon::open_alerts(const std::string& access_code_id) {
    std::set<lifecycle::AlertKind> open;
    const auto page = reader_.alerts({.open = true, .access_code_id = access_code_id});
    for (const auto& alert : page.value().alerts) open.insert(alert.kind);
    return open;
}

void SimulatedDaemon::get(const std::string& path, const seam::Query& query, Done done) {
    json::object body;
    for (const auto& [key, value] : query) body[key] = value;
    ask(path, body, std::move(done));
}

void SimulatedDaemon::post(const std::string& path, const json::object& body, Done done) {
    ask(path, body, std::move(done));
}

void SimulatedDaemon::ask(const std::string& path, const json::object& body, Done done) {
    const auto sent_at = world_.clock();
    world_.call(path, json::serialize(body),
                [this, sent_at, done = std::move(done)](const SeamAnswer& answer) {
                    if (!dead_) done(classified(answer, sent_at));
                });
}

seam::CallResult<seam::Answer> SimulatedDaemon::classified(const SeamAnswer& answer,
                                                           Timestamp sent_at) const {
    const auto now = world_.clock();
    if (answer.status == 0) {
        seam::CallError error;
        error.detail = "no answer in time";
        error.sent_at = sent_at;
        return error;
    }
    seam::RawAnswer raw;
    raw.status = answer.status;
    raw.body = answer.body;
    raw.retry_after = answer.retry_after;
    raw.date = answer.date;
    return seam::classify(raw, sent_at, now);
}

void SimulatedDaemon::set(std::optional<Timestamp> at) {
    ++alarms_;
    if (!at) return;
    // A timer counts from here on, whatever becomes of the clock.
    world_.later(std::max<Duration>(*at - world_.clock(), 1ms), [this, mine = alarms_] {
        if (!dead_ && mine == alarms_) loop_.look();
    });
}

std::vector<store::DueCode> SimulatedDaemon::due(Timestamp now, std::size_t limit) {
    const auto first = next_due(now);
    return first && *first <= now ? reader_.due(now, limit) : std::vector<store::DueCode>{};
}
std::optional<Timestamp> SimulatedDaemon::next_due(Timestamp now) {
    const bool passed = next_due_ && *next_due_ && **next_due_ <= now;
    if (!next_due_ || passed) next_due_.emplace(reader_.next_due(now));
    return *next_due_;
}
store::LiveCodes SimulatedDaemon::live_codes(std::int64_t after, std::size_t limit) {
    return reader_.live_codes(after, limit);
}
std::optional<store::DueCode> SimulatedDaemon::find(std::string_view access_code_id) {
    return reader_.due_code(access_code_id);
}
std::vector<std::string> SimulatedDaemon::expired(Timestamp now, std::size_t limit) {
    const auto first = next_end();
    return first && *first <= now ? reader_.expired(now, limit) : std::vector<std::string>{};
}
std::optional<Timestamp> SimulatedDaemon::next_end() {
    if (!next_end_) next_end_.emplace(reader_.next_end());
    return *next_end_;
}
std::optional<Timestamp> SimulatedDaemon::next_start() {
    if (!next_start_) next_start_.emplace(reader_.next_start());
    return *next_start_;
}
std::optional<Timestamp> SimulatedDaemon::events_known_to() {
    return reader_.backfilled_to();
}

void SimulatedDaemon::record_all(store::StatementBatch batch, Kept done) {
    auto ids = batch.unanswered;
    for (const auto& statement : batch.statements) ids.push_back(statement.event.access_code_id);
    write(
        [this, batch = std::move(batch), done = std::move(done)](Timestamp at) {
            auto outcome = ledger_.record_all(batch, at);
            return std::function<void()>([done, outcome = std::move(outcome)] { done(outcome); });
        },
        std::move(ids));
}

void SimulatedDaemon::look_at_alerts(std::function<void(const Result<bool>&)> done) {
    write(
        [this, done = std::move(done)](Timestamp at) {
            const bool more = ledger_.look_at_alerts(at);
            return std::function<void()>([done, more] { done(more); });
        },
        {""});
}

void SimulatedDaemon::write(Write act, std::vector<std::string> access_code_ids) {
    queue_.emplace_back(std::move(act), std::move(access_code_ids));
    if (queue_.size() > 1) return;
    world_.later(1ms, [this] {
        if (!dead_) commit();
    });
}

// All that was queued in one transaction, as the store's thread does. A crash may come before it is
// durable, or between that and the answers.
void SimulatedDaemon::commit() {
    if (world_.crashes()) return;
    auto writes = std::exchange(queue_, {});
    std::vector<std::function<void()>> answers;
    {
        store::Transaction transaction(ledger_.database());
        for (const auto& [act, ids] : writes) answers.push_back(act(world_.clock()));
        ledger_.settle();
        transaction.commit();
        held_.clear();
        next_due_.reset();
        next_end_.reset();
        next_start_.reset();
    }
    for (const auto& [act, ids] : writes)
        for (const auto& id : ids) world_.written(id);
    if (world_.crashes()) return;
    for (const auto& answer : answers)
        if (!dead_) answer();
}

}  // namespace oracode::test
