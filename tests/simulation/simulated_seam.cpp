#include "simulation/simulated_seam.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace oracode::test {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr std::string_view account = "account1";

json::value text(Timestamp at) {
    return json::value(format_rfc3339(at));
}

}  // namespace

SimulatedSeam::SimulatedSeam(std::uint64_t seed, Timestamp start, Duration length) : random_(seed) {
    const auto codes = 2 + pick(5);
    for (std::uint64_t i = 0; i < codes; ++i) write_life(fmt::format("code{}", i), start, length);
    if (pick(3) == 0) {
        const auto at = start + within(length);
        future_.push_back({at, Step::disconnected, ""});
        future_.push_back({at + 1min + within(6h), Step::connected, ""});
    }
    std::stable_sort(future_.begin(), future_.end(),
                     [](const Happening& a, const Happening& b) { return a.at > b.at; });
}

void SimulatedSeam::write_life(const std::string& id, Timestamp start, Duration length) {
    auto& truth = truths_[id];
    truth.name = "Guest";
    truth.created_at = start + within(length * 3 / 4);
    truth.starts_at = truth.created_at - 1h + within(60h);
    truth.ends_at = std::max(truth.starts_at, truth.created_at) + 2h + within(length);
    const auto add = [&](Timestamp at, Step step) { future_.push_back({at, step, id}); };
    add(truth.created_at, Step::created);
    if (pick(3) == 0) add(truth.created_at + within(5min), Step::scheduled);
    if (pick(4) == 0) add(truth.created_at + within(20h), Step::renamed);
    auto at = std::max(truth.created_at + 1s, truth.starts_at - within(2h));
    add(at, Step::programming);
    while (pick(3) == 0) add(at += 1min + within(1h), pick(2) == 0 ? Step::delayed : Step::failed);
    if (pick(12) != 0) add(at += within(10min), Step::set);
    if (pick(6) == 0) {
        add(at += 1min + within(24h), Step::reverted);
        if (pick(2) == 0) add(at += 1min + within(2h), Step::set);
    }
    if (pick(8) == 0) add(at + within(3h), Step::extended);
    if (pick(4) == 0) {
        at += 1min + within(24h);
        if (pick(2) == 0) add(at, Step::removing);
        add(at + within(1h), pick(2) == 0 ? Step::removed : Step::deleted);
    }
}

std::optional<Timestamp> SimulatedSeam::next_change() const {
    if (future_.empty()) return std::nullopt;
    return future_.back().at;
}

void SimulatedSeam::advance(Timestamp now) {
    while (!future_.empty() && future_.back().at <= now) {
        const auto happening = future_.back();
        future_.pop_back();
        happen(happening);
    }
}

void SimulatedSeam::happen(const Happening& happening) {
    const auto at = happening.at;
    const auto& id = happening.id;
    if (happening.step == Step::disconnected) {
        emit("connected_account.disconnected", "", at);
        for (auto& [code, truth] : truths_) {
            if (truth.exists && !truth.gone)
                before_disconnect_[code] = std::exchange(truth.status, Status::unknown);
        }
        return;
    }
    if (happening.step == Step::connected) {
        emit("connected_account.connected", "", at);
        for (const auto& [code, status] : before_disconnect_) {
            if (truths_[code].status == Status::unknown) truths_[code].status = status;
        }
        before_disconnect_.clear();
        return;
    }
    auto& truth = truths_[id];
    // Seam ends nothing by itself here; what lies behind the code's end no longer matters to
    // anyone.
    if (truth.gone || at >= truth.ends_at) return;
    switch (happening.step) {
        case Step::created:
            truth.exists = true;
            return emit("access_code.created", id, at);
        case Step::scheduled:
            return emit("access_code.scheduled_on_device", id, at);
        case Step::programming:
        case Step::reverted:  // no event announces it
            truth.status = Status::setting;
            truth.silent_change_at = at;
            return;
        case Step::delayed:
            truth.status = Status::setting;
            return emit("access_code.delay_in_setting_on_device", id, at);
        case Step::failed:
            truth.status = Status::setting;
            return emit("access_code.failed_to_set_on_device", id, at);
        case Step::set:
            truth.status = Status::set;
            return emit("access_code.set_on_device", id, at, {{"code", "123456"}});
        case Step::renamed:
            truth.name = "Guest Lee";
            return emit("access_code.name_changed", id, at, {{"to", {{"name", truth.name}}}});
        case Step::extended:
            truth.ends_at += 24h;
            return emit(
                "access_code.time_frame_changed", id, at,
                {{"to", {{"starts_at", text(truth.starts_at)}, {"ends_at", text(truth.ends_at)}}}});
        case Step::removing:
            truth.status = Status::removing;
            return emit("access_code.delay_in_removing_from_device", id, at);
        case Step::removed:
        case Step::deleted:
            truth.status = Status::unset;
            truth.gone = true;
            truth.not_found = happening.step == Step::deleted || pick(2) == 0;
            return emit(happening.step == Step::removed ? "access_code.removed_from_device"
                                                        : "access_code.deleted",
                        id, at);
        case Step::disconnected:
        case Step::connected:
            return;
    }
}

void SimulatedSeam::emit(std::string_view type, const std::string& id, Timestamp at,
                         json::object more) {
    const auto created_at = at + Duration{static_cast<std::int64_t>(pick(3'000))};
    more["event_id"] = fmt::format("event{}", ++numbered_);
    more["event_type"] = type;
    more["workspace_id"] = "workspace1";
    more["connected_account_id"] = account;
    more["occurred_at"] = text(at);
    more["created_at"] = text(created_at);
    if (!id.empty()) {
        more["access_code_id"] = id;
        more["device_id"] = "device1";
    }
    events_.emplace_back(created_at, std::move(more));
}

std::vector<json::object> SimulatedSeam::take_events() {
    std::vector<json::object> fresh;
    for (; told_ < events_.size(); ++told_) fresh.push_back(events_[told_].second);
    return fresh;
}

json::object SimulatedSeam::object_of(const std::string& id, bool in_list) const {
    const auto& truth = truths_.at(id);
    json::object out{{"access_code_id", id},
                     {"device_id", "device1"},
                     {"workspace_id", "workspace1"},
                     {"connected_account_id", account},
                     {"name", truth.name},
                     {"code", "123456"},
                     {"type", "time_bound"},
                     {"status", name(truth.status)},
                     {"created_at", text(truth.created_at)},
                     {"errors", json::array()},
                     {"warnings", json::array()},
                     {"pending_mutations", json::array()}};
    // Real lists leave these out for some codes.
    if (in_list && std::hash<std::string>{}(id) % 2 == 0) return out;
    out["is_offline_access_code"] = true;
    out["starts_at"] = text(truth.starts_at);
    out["ends_at"] = text(truth.ends_at);
    return out;
}

json::array SimulatedSeam::list_access_codes(std::span<const std::string> ids) {
    json::array out;
    for (const auto& [id, truth] : truths_) {
        const bool asked = std::find(ids.begin(), ids.end(), id) != ids.end();
        // A list may leave out a code that exists, and bring one that nobody asked for.
        const bool listed = asked ? pick(10) != 0 : pick(10) == 0;
        if (truth.exists && !truth.gone && listed) out.push_back(object_of(id, true));
    }
    return out;
}

std::optional<json::object> SimulatedSeam::access_code(const std::string& id) const {
    const auto found = truths_.find(id);
    if (found == truths_.end() || !found->second.exists || found->second.not_found)
        return std::nullopt;
    return object_of(id, false);
}

json::array SimulatedSeam::list_events(const poller::Window& window) {
    std::vector<json::object> found;
    for (const auto& [created_at, event] : events_) {
        if (created_at >= window.from && created_at <= window.to) found.push_back(event);
    }
    std::shuffle(found.begin(), found.end(), random_);
    if (found.size() > events_page) found.resize(events_page);
    return json::array(found.begin(), found.end());
}

}  // namespace oracode::test
