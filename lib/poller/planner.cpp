#include "poller/planner.hpp"

#include <algorithm>
#include <utility>

#include "core/overloaded.hpp"
#include "poller/earlier.hpp"

namespace oracode::poller {
namespace {

// What is due and yet not asked for must not keep the loop turning.
constexpr Duration shortest_sleep = std::chrono::milliseconds{500};

// Whatever is urgent, the look at all codes and the walk over the locks get on.
constexpr unsigned quiet_turn = 8;

}  // namespace

std::string_view name(const Request& request) {
    return std::visit(
        Overloaded{[](const GetWorkspace&) { return std::string_view{"/workspaces/get"}; },
                   [](const ListCodes&) { return std::string_view{"/access_codes/list"}; },
                   [](const GetCode& get) {
                       return std::string_view{get.unmanaged ? "/access_codes/unmanaged/get"
                                                             : "/access_codes/get"};
                   },
                   [](const ListEvents&) { return std::string_view{"/events/list"}; },
                   [](const ListDevices&) { return std::string_view{"/devices/list"}; },
                   [](const ListLockCodes&) { return std::string_view{"/access_codes/list"}; }},
        request);
}

GetCode get_of(const store::DueCode& code) {
    return {.access_code_id = code.access_code_id,
            .starts_at = code.starts_at,
            .workspace_id = code.workspace_id,
            .unmanaged = !code.managed,
            .ended = code.ended,
            .missing = code.missing};
}

Planner::Planner(PlannerOptions options, Timestamp now, std::optional<Timestamp> known_to,
                 std::function<double()> random)
    : options_(options),
      budget_(options.requests_per_minute),
      breaker_(options.breaker, std::move(random)),
      known_to_(known_to),
      next_backfill_(now),
      discovery_(options.discover, now) {}

Timestamp Planner::allowed_at(Timestamp now) {
    return std::max(breaker_.next_allowed(now), budget_.next_allowed(now));
}

std::optional<Request> Planner::next(Timestamp now, Agenda& agenda) {
    wake_at_.reset();
    workspace_again_at_ = std::min(workspace_again_at_, now + options_.backfill_interval);
    // Our clock may have been set back since.
    for (auto* past : {&key_proven_at_, &witnesses_called_at_}) *past = std::min(*past, now);
    begin_backfill_if_due(now);
    discovery_.begin_if_due(now);
    if (const auto allowed = allowed_at(now); allowed > now) {
        wake_at_ = allowed;
        return std::nullopt;
    }
    auto request = choose(now, agenda);
    if (!request) {
        auto due = agenda.next_due(now);
        if (due) due = std::max(*due, now + shortest_sleep);
        wake_at_ = earlier(earlier(due, next_backfill_), discovery_.next_at());
        return std::nullopt;
    }
    if (!breaker_.allow(now) || !budget_.take(now)) {
        wake_at_ = now + Duration{1};
        return std::nullopt;
    }
    return request;
}

void Planner::begin_backfill_if_due(Timestamp now) {
    next_backfill_ = std::min(next_backfill_, now + options_.backfill_interval);
    if (backfill_.next() || now < next_backfill_) return;
    const auto to = now + clock_offset_;
    // Being away is noticed late, and being back too: by an interval, and by the pause after a
    // refused key.
    const auto slack = options_.backfill_interval + options_.breaker.bad_key_interval * 5 / 4 +
                       options_.backfill_overlap;
    const auto from = known_to_ ? std::max(std::min(*known_to_, to) - options_.backfill_overlap,
                                           to - options_.backfill - slack)
                                : to - options_.backfill;
    backfill_.begin(from, to);
    next_backfill_ = now + options_.backfill_interval;
}

std::optional<Request> Planner::choose(Timestamp now, Agenda& agenda) {
    // Every other probe of a refused key is one that no single code can spoil.
    if (breaker_.state(now) == seam::BreakerState::bad_key) {
        probes_workspace_ = !probes_workspace_;
        if (probes_workspace_) return GetWorkspace{};
    }
    if (confirming_) return *confirming_;
    if (!requested_.empty()) return requested_.front();
    if ((workspace_wanted_ || key_doubted_) && now >= workspace_again_at_) return GetWorkspace{};
    if (continuing_) return *continuing_;
    if (++turn_ % quiet_turn == 0)
        if (auto request = choose_in_quiet(agenda)) return request;
    constexpr std::size_t lanes = 3;
    for (std::size_t i = 0; i < lanes; ++i) {
        const auto lane = (lane_ + i) % lanes;
        std::optional<Request> request;
        if (lane == 0) {
            if (const auto window = backfill_.next()) request = ListEvents{*window};
        } else if (lane == 1) {
            request = choose_due(now, agenda);
        } else if (auto get = gets_.next(now)) {
            request = std::move(*get);
        }
        if (!request) continue;
        lane_ = lane + 1;
        return request;
    }
    return choose_in_quiet(agenda);
}

std::optional<Request> Planner::choose_due(Timestamp now, Agenda& agenda) {
    if (!lists_.empty()) return lists_.front();
    // Those that wait to be asked for singly are due all the same.
    auto due = without_foreign(agenda.due(now, options_.batch + gets_.size()), true);
    std::vector<store::DueCode> listed;
    for (auto& code : due) {
        if (listed.size() == options_.batch) break;
        // No list shows an unmanaged code, but those of a lock come back all at once.
        if (!gets_.contains(code.access_code_id)) listed.push_back(std::move(code));
    }
    if (listed.empty()) return std::nullopt;
    return ListCodes{std::move(listed)};
}

// What can wait: the look at all codes, and the walk over the locks.
std::optional<Request> Planner::choose_in_quiet(Agenda& agenda) {
    // What happened while the daemon was down is in the events first; the codes are compared after
    // them.
    while (sweeping_ && !backfill_.next()) {
        auto live = agenda.live_codes(swept_, options_.batch);
        sweeping_ = !live.codes.empty();
        if (!sweeping_) break;
        const auto from = std::exchange(swept_, live.last);
        auto listed = without_foreign(std::move(live.codes), false);
        if (!listed.empty()) return ListCodes{std::move(listed), from};
    }
    return discovery_.next();
}

bool Planner::is_foreign(const store::DueCode& code) const {
    return !key_workspace_.empty() && !code.workspace_id.empty() &&
           code.workspace_id != key_workspace_;
}

std::vector<store::DueCode> Planner::without_foreign(std::vector<store::DueCode> codes, bool due) {
    std::vector<store::DueCode> own;
    for (auto& code : codes) {
        if (!is_foreign(code)) {
            own.push_back(std::move(code));
            continue;
        }
        foreign_workspace_ = code.workspace_id;
        if (due) foreign_.insert(std::move(code.access_code_id));
    }
    return own;
}

std::vector<std::string> Planner::take_foreign() {
    std::vector<std::string> taken(foreign_.begin(), foreign_.end());
    foreign_.clear();
    return taken;
}

void Planner::get_later(const store::DueCode& code) {
    gets_.add(get_of(code));
}

// Up to a handful that the key can see, others each time.
std::vector<store::DueCode> Planner::other_live_codes(const std::string& access_code_id,
                                                      Agenda& agenda) {
    constexpr std::size_t handful = 5;
    std::vector<store::DueCode> others;
    bool from_the_first = witnesses_after_ == 0;
    while (others.empty()) {
        auto live = agenda.live_codes(witnesses_after_, handful + 1);
        if (live.codes.empty()) {
            if (std::exchange(from_the_first, true)) break;
            witnesses_after_ = 0;
            continue;
        }
        witnesses_after_ = live.last;
        for (auto& code : live.codes)
            if (!is_foreign(code) && code.access_code_id != access_code_id)
                others.push_back(std::move(code));
    }
    return others;
}

// Whether there are codes that can tell if Seam still finds any; they are asked for next.
bool Planner::call_witnesses(const std::string& access_code_id, Timestamp now, Agenda& agenda) {
    constexpr Duration pause = std::chrono::minutes{1};
    auto others = other_live_codes(access_code_id, agenda);
    if (others.empty()) return false;
    if (now < witnesses_called_at_ + pause) return true;
    witnesses_called_at_ = now;
    lists_.push_back({.codes = std::move(others), .queued = true});
    return true;
}

void Planner::forget(const std::string& access_code_id) {
    std::erase_if(requested_,
                  [&](const GetCode& other) { return other.access_code_id == access_code_id; });
    gets_.remove(access_code_id);
    if (confirming_ && confirming_->access_code_id == access_code_id) confirming_.reset();
}

void Planner::begin_again(std::optional<Timestamp> known_to, Timestamp now) {
    backfill_ = Backfill{};
    known_to_ = known_to;
    next_backfill_ = now;
}

void Planner::key_changed(Timestamp now) {
    breaker_.key_changed();
    // What this key does not find proves nothing before its own workspace is known.
    if (!key_workspace_.empty()) former_workspace_ = std::exchange(key_workspace_, {});
    workspace_wanted_ = true;
    workspace_again_at_ = now;
}

PollState Planner::state(Timestamp now) {
    PollState state;
    state.breaker = breaker_.state(now);
    state.answers_unusable = unusable_ >= options_.breaker.failures_to_open;
    state.last_success = last_success_;
    state.backfilled_to = known_to_;
    state.key_workspace = key_workspace_;
    state.foreign_workspace = foreign_workspace_;
    state.codes_missing = missing_.suspected(now);
    return state;
}

}  // namespace oracode::poller
