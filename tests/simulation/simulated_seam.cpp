#include "simulation/simulated_seam.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "simulation/life_writer.hpp"

namespace oracode::test {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

}  // namespace

SimulatedSeam::SimulatedSeam(std::uint64_t seed, Timestamp start, Duration length,
                             SeamTemper temper, FaultTally& tally)
    : random_(seed), temper_(temper), tally_(tally) {
    LifeWriter(*this, start, length).write();
}

Duration SimulatedSeam::within(Duration span) {
    return Duration{static_cast<std::int64_t>(
        pick(static_cast<std::uint64_t>(std::max<std::int64_t>(span.count(), 1))))};
}

void SimulatedSeam::plan(Timestamp at, std::function<void(Timestamp)> act) {
    future_.emplace(at, std::move(act));
}

std::optional<Timestamp> SimulatedSeam::next_change() const {
    if (future_.empty()) return std::nullopt;
    return future_.begin()->first;
}

void SimulatedSeam::advance(Timestamp now) {
    while (!future_.empty() && future_.begin()->first <= now) {
        auto next = future_.extract(future_.begin());
        next.mapped()(next.key());
    }
}

void SimulatedSeam::change(const std::string& id, Timestamp at,
                           const std::function<void(CodeState&)>& act) {
    auto& code = codes_.at(id);
    auto state = code.now();
    act(state);
    if (state == code.now()) return;
    code.states.emplace_back(at, std::move(state));
    changed_.insert(id);
}

void SimulatedSeam::emit(std::string_view type, const std::string& id, Timestamp at,
                         json::object more, std::optional<std::chrono::microseconds> after) {
    auto& code = codes_.at(id);
    more["access_code_id"] = id;
    more["device_id"] = code.device_id;
    more["workspace_id"] = code.workspace_id;
    more["connected_account_id"] = code.account_id;
    code.reported_at = at;
    changed_.insert(id);
    // Written a moment after it happened, to the microsecond.
    add_event(type, std::move(more), at,
              after.value_or(std::chrono::microseconds{static_cast<std::int64_t>(pick(900'000))}));
}

void SimulatedSeam::emit_for_account_or_device(std::string_view type, std::string_view device_id,
                                               Timestamp at) {
    json::object event{{"workspace_id", "workspace1"}, {"connected_account_id", "account1"}};
    if (!device_id.empty()) event["device_id"] = device_id;
    for (auto& [id, code] : codes_) {
        if (code.workspace_id != "workspace1") continue;
        if (!device_id.empty() && code.device_id != device_id) continue;
        changed_.insert(id);
    }
    add_event(type, std::move(event), at, std::chrono::milliseconds{1});
}

void SimulatedSeam::add_event(std::string_view type, json::object event, Timestamp at,
                              std::chrono::microseconds after) {
    const auto created_at = Microseconds{clock(at)} + after;
    const auto whole = std::chrono::floor<std::chrono::seconds>(created_at);
    const auto seconds = format_rfc3339(std::chrono::time_point_cast<Duration>(whole));
    event["event_id"] = fmt::format("event{}", ++numbered_);
    event["event_type"] = type;
    const auto ahead = within(temper_.ahead);
    if (ahead > 1s) tally_.note(Fault::occurred_at_ahead);
    event["occurred_at"] = format_rfc3339(clock(at) + ahead);
    event["created_at"] =
        fmt::format("{}.{:06}Z", seconds.substr(0, 19), (created_at - whole).count());
    const auto* code_id = event.if_contains("access_code_id");
    to_deliver_.push_back({json::serialize(event), std::string(type),
                           code_id != nullptr ? std::string(code_id->get_string()) : std::string{},
                           at});
    events_.emplace(created_at, std::move(event));
}

std::vector<Webhook> SimulatedSeam::take_events() {
    return std::exchange(to_deliver_, {});
}

std::set<std::string> SimulatedSeam::take_changed() {
    return std::exchange(changed_, {});
}

}  // namespace oracode::test
