#include "lifecycle/access_code.hpp"

#include <algorithm>
#include <array>

#include "lifecycle/seam_words.hpp"

namespace oracode::lifecycle {
namespace {

constexpr std::array<std::string_view, 5> status_names{"unknown", "unset", "setting", "set",
                                                       "removing"};
constexpr std::array<std::string_view, 6> source_names{"webhook", "poll",  "backfill",
                                                       "create",  "track", "clock"};
constexpr std::array<std::string_view, 3> end_reason_names{"removed", "deleted", "expired"};

bool stated_before_a_set(const AccessCode& code, const Stamp& stated) {
    return std::any_of(code.observations.begin(), code.observations.end(),
                       [&](const Observation& o) {
                           return o.step == LifecycleStep::set &&
                                  (o.at > stated.at || (o.at == stated.at && !stated.by_object));
                       });
}

using Filter = std::string (*)(const std::string&);

std::string no_entry(const std::string& list) {
    return list.starts_with('[') ? "[]" : list;
}

bool is_empty(const LatestValue<std::optional<std::string>>& stated) {
    return !stated.value || *stated.value == "[]";
}

// Two JSON arrays in one.
std::string joined(std::string first, const std::string& second) {
    if (first == "[]") return second;
    if (second == "[]") return first;
    first.back() = ',';
    return first.append(second, 1);
}

std::string after_sets(const AccessCode& code,
                       const LatestValue<std::optional<std::string>>& stated, Filter outlives) {
    if (is_empty(stated)) return "[]";
    if (!stated_before_a_set(code, stated.stamp)) return *stated.value;
    return outlives(*stated.value);
}

// What the object states, less what a later event knows better, and with what it adds.
std::string visible(const AccessCode& code,
                    const LatestValue<std::optional<std::string>>& by_object,
                    const LatestValue<std::optional<std::string>>& by_event, Filter outlives,
                    Filter outlives_event) {
    auto list = after_sets(code, by_object, outlives);
    if (by_event.stamp <= by_object.stamp) return list;
    if (list != "[]") list = outlives_event(list);
    return joined(std::move(list), after_sets(code, by_event, outlives));
}

}  // namespace

std::string_view name(Status status) {
    return status_names.at(static_cast<std::size_t>(status));
}
std::string_view name(Source source) {
    return source_names.at(static_cast<std::size_t>(source));
}
std::string_view name(EndReason reason) {
    return end_reason_names.at(static_cast<std::size_t>(reason));
}

std::optional<Status> parse_status(std::string_view text) {
    const auto found = std::find(status_names.begin(), status_names.end(), text);
    if (found == status_names.end()) return std::nullopt;
    return static_cast<Status>(found - status_names.begin());
}

void WindowEdge::merge(const std::optional<Timestamp>& instant, Stamp when) {
    if (instant) {
        if (when < stamp || (when == stamp && value && *instant <= *value)) return;
        value = instant;
        stamp = when;
        for (auto& denial : denied) {
            if (denial <= stamp) denial = Stamp{};
        }
    } else if (when > stamp && when != denied[0] && when > denied[1]) {
        denied[1] = std::min(denied[0], when);
        denied[0] = std::max(denied[0], when);
    }
    if (denied[1] != Stamp{}) value.reset();
}

std::string visible_errors(const AccessCode& code) {
    return visible(code, code.errors, code.event_errors, seam_words::errors_outliving_setting,
                   seam_words::errors_of_others);
}
std::string visible_warnings(const AccessCode& code) {
    return visible(code, code.warnings, code.event_warnings, seam_words::warnings_outliving_setting,
                   no_entry);
}

bool overdue(const AccessCode& code, Timestamp now, Duration grace) {
    if (code.status == Status::set) return false;  // its end is our own clock's affair
    return !code.ended && code.expected_by && now >= *code.expected_by + grace;
}

Timestamp next_turn(const AccessCode& code, Timestamp now, Duration grace) {
    auto next = Timestamp::max();
    const auto consider = [&](const std::optional<Timestamp>& at, Duration later) {
        if (at && *at + later > now) next = std::min(next, *at + later);
    };
    consider(code.starts_at.value, {});
    consider(code.ends_at.value, {});
    consider(code.expected_by, grace);
    return next;
}

}  // namespace oracode::lifecycle
