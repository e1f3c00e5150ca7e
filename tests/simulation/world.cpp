#include "simulation/world.hpp"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "seam/decode.hpp"
#include "store/sqlite.hpp"

namespace oracode::test {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

const PollPolicy policy{};

seam::CallError refusal(Errc code, unsigned status, Timestamp sent_at) {
    seam::CallError error;
    error.code = code;
    error.status = status;
    error.sent_at = sent_at;
    return error;
}

}  // namespace

World::World(std::uint64_t seed, const Faults& faults, std::string path)
    : random_(seed * 2 + 1), faults_(faults), path_(std::move(path)), seam_(seed * 2, start, week) {
    std::ofstream{path_};
    // One after the other, with time to recover in between: what lies beyond 72 h is not promised.
    for (int i = 0; i < faults_.outages; ++i) {
        const auto from = start + i * 84h + within(12h);
        outages_.push_back({from, from + within(72h), static_cast<Trouble>(1 + random_() % 3)});
    }
    boot();
    at(start, [this] { seam_moves(); });
}

World::~World() {
    reader_.reset();
    ledger_.reset();
    for (const auto* end : {"", "-wal", "-shm"}) std::filesystem::remove(path_ + end);
}

Duration World::within(Duration span) {
    return Duration{
        static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(span.count()))};
}

void World::at(Timestamp when, std::function<void()> act) {
    agenda_.emplace(when, std::move(act));
}

void World::run() {
    const auto end = start + week + promised;
    while (!agenda_.empty() && agenda_.begin()->first <= end) {
        auto next = agenda_.extract(agenda_.begin());
        now_ = std::max(now_, next.key());
        next.mapped()();
    }
    now_ = end;
    look();
}

// The daemon starts, for the first time or after a crash: only the database knows of before.
void World::boot() {
    ++boots_;
    busy_ = false;
    minute_.clear();
    reader_.reset();
    ledger_.reset();
    ledger_ = std::make_unique<store::Ledger>(path_, policy);
    reader_ = std::make_unique<Reader>(path_);
    poller::PlannerOptions options;
    options.requests_per_minute = requests_per_minute;
    options.events_page = SimulatedSeam::events_page;
    options.batch = 3;
    planner_.emplace(options, now_, reader_->backfilled_to(),
                     [this] { return std::uniform_real_distribution<>(0, 1)(random_); });
    wake(now_);
}

template <class Act>
void World::transact(Act act) {
    store::Transaction transaction(ledger_->database());
    act();
    transaction.commit();
}

void World::seam_moves() {
    seam_.advance(now_);
    for (const auto& event : seam_.take_events()) {
        ++events_;
        if (faulty() && chance(faults_.dropped)) continue;
        deliver(event);
        if (faulty() && chance(faults_.doubled)) deliver(event);
    }
    if (const auto next = seam_.next_change()) at(*next, [this] { seam_moves(); });
}

void World::deliver(const json::object& event) {
    const auto delay = faulty() && chance(faults_.delayed) ? within(28h) : within(5s);
    at(now_ + delay, [this, body = json::serialize(event)] { receive(body); });
}

void World::receive(const std::string& body) {
    const auto event = seam::decode_event(body, now_, Source::webhook);
    transact([&] { ledger_->record(*event, body, now_); });
    wake(now_);
}

void World::wake(std::optional<Timestamp> when) {
    if (!when) return;
    at(*when, [this, mine = ++wakes_, boot = boots_] {
        if (mine == wakes_ && boot == boots_) look();
    });
}

void World::look() {
    if (busy_) return;
    for (const auto& id : reader_->expired(now_, 100)) {
        Event over;
        over.source = Source::clock;
        over.access_code_id = id;
        over.occurred_at = now_;
        transact([&] { ledger_->record(over, "", now_); });
    }
    if (const auto request = planner_->next(now_, *this)) return send(*request);
    const auto end = reader_->next_end();
    const auto asks = planner_->wake_at();
    wake(end && asks ? std::min(end, asks) : (end ? end : asks));
}

void World::send(const poller::Request& request) {
    note_request();
    busy_ = true;
    const auto sent_at = now_;
    // Seam looks at its truth somewhere between the request and its answer.
    at(now_ + 10ms + within(2s), [this, request, sent_at, boot = boots_] {
        if (boot != boots_) return;
        auto answered = answer(request);
        if (answered) {
            answered->sent_at = sent_at;
        } else {
            answered.error().sent_at = sent_at;
        }
        at(now_ + within(2s), [this, request, answered = std::move(answered), boot] {
            if (boot != boots_) return;
            busy_ = false;
            const auto effects = planner_->digest(request, answered, now_, *this);
            if (carry_out(effects)) look();
        });
    });
}

// False when the daemon crashed meanwhile.
bool World::carry_out(const poller::Effects& effects) {
    const auto crashes = [this] {
        const bool crash = faulty() && chance(faults_.crashes);
        if (crash) boot();
        return crash;
    };
    for (const auto& statement : effects.statements) {
        if (crashes()) return false;
        transact([&] { ledger_->record(statement.event, statement.payload, now_); });
    }
    for (const auto& id : effects.unanswered) {
        if (crashes()) return false;
        transact([&] { ledger_->postpone(id, now_); });
    }
    if (crashes()) return false;
    if (effects.backfilled_to) transact([&] { ledger_->note_backfill(*effects.backfilled_to); });
    return !crashes();
}

World::Trouble World::trouble() const {
    for (const auto& outage : outages_) {
        if (now_ >= outage.from && now_ < outage.to) return outage.trouble;
    }
    return Trouble::none;
}

seam::CallResult<poller::Shown> World::answer(const poller::Request& request) {
    switch (trouble()) {
        case Trouble::none:
            break;
        case Trouble::silence:
            return refusal(Errc::seam_unreachable, 0, now_);
        case Trouble::bad_key:
            return refusal(Errc::unauthenticated, 401, now_);
        case Trouble::rate_limit: {
            auto error = refusal(Errc::seam_rate_limited, 429, now_);
            if (chance(0.5)) error.retry_after = within(10min);
            return error;
        }
    }
    if (const auto* list = std::get_if<poller::ListCodes>(&request)) {
        std::vector<std::string> ids;
        for (const auto& code : list->codes) ids.push_back(code.access_code_id);
        return poller::Shown{seam_.list_access_codes(ids), now_};
    }
    if (const auto* get = std::get_if<poller::GetCode>(&request)) {
        const auto found = seam_.access_code(get->access_code_id);
        if (!found || get->unmanaged) {
            auto error = refusal(Errc::not_found, 404, now_);
            error.error_type = "access_code_not_found";
            return error;
        }
        return poller::Shown{json::array{*found}, now_};
    }
    if (std::holds_alternative<poller::GetWorkspace>(request))
        return poller::Shown{json::array{json::object{{"workspace_id", "workspace1"}}}, now_};
    if (!std::holds_alternative<poller::ListEvents>(request)) return poller::Shown{{}, now_};
    return poller::Shown{seam_.list_events(std::get<poller::ListEvents>(request).window), now_};
}

void World::note_request() {
    ++requests_;
    minute_.push_back(now_);
    while (minute_.front() <= now_ - 60s) minute_.pop_front();
    busiest_minute_ = std::max(busiest_minute_, minute_.size());
}

std::string World::differences() {
    std::string out;
    for (const auto& [id, truth] : seam_.truths()) {
        if (!truth.exists) continue;
        const auto code = reader_->find(id);
        if (!code) {
            out += fmt::format("{} is not known\n", id);
            continue;
        }
        if (now_ - truth.silent_change_at < promised) continue;  // its time is not up yet
        const bool over = truth.gone || now_ >= truth.ends_at;
        if (over != code->ended.has_value()) {
            out += fmt::format("{} has {}ended\n", id, over ? "" : "not ");
        } else if (!over && (code->status != truth.status || code->name.value != truth.name ||
                             code->starts_at.value != truth.starts_at ||
                             code->ends_at.value != truth.ends_at)) {
            out +=
                fmt::format("{} is {}, held for {} (name, window: {}, {})\n", id,
                            name(truth.status), name(code->status), code->name.value == truth.name,
                            code->ends_at.value == truth.ends_at);
        }
    }
    return out;
}

}  // namespace oracode::test
