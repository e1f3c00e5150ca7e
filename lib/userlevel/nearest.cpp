#include "userlevel/nearest.hpp"

#include <algorithm>
#include <array>

#include "userlevel/slot.hpp"

namespace oracode::userlevel {
namespace {

using std::chrono::days;

struct Span {
    Timestamp starts_at;
    Timestamp ends_at;
};

Duration distance(const Span& a, const Span& b) {
    return std::chrono::abs(a.starts_at - b.starts_at) + std::chrono::abs(a.ends_at - b.ends_at);
}

Timestamp days_on(const Zone& zone, Timestamp at, days count, End end) {
    return zone.instant(zone.day(at) + count, zone.time_of_day(at), end).value_or(at + count);
}

// Where to look. The distance is still measured from what was asked for.
Span search_near(const Zone& zone, Span requested, Timestamp now) {
    const Timestamp ends_at = std::max(requested.starts_at, requested.ends_at);
    const auto behind = std::chrono::ceil<days>(now - requested.starts_at);
    if (requested.ends_at > now || behind <= days{0}) return {requested.starts_at, ends_at};
    return {days_on(zone, requested.starts_at, behind, End::check_in),
            days_on(zone, ends_at, behind, End::check_out)};
}

class Nearest {
public:
    Nearest(const Slot& slot, const Zone& zone, Span near, Timestamp now)
        : slot_(slot), zone_(zone), near_(near), now_(now) {}

    void look() {
        const auto starts = zone_.around(near_.starts_at, slot_.check_in, End::check_in);
        const auto ends = zone_.around(near_.ends_at, slot_.check_out, End::check_out);
        for (const auto& starts_at : {starts.before, starts.after}) {
            if (!starts_at) continue;
            const bool before = consider(*starts_at, ends.before);
            const bool after = consider(*starts_at, ends.after);
            if (before || after) continue;
            // Too short a stay, or too long a one.
            consider(*starts_at, first_end(slot_, zone_, *starts_at));
            consider(*starts_at, last_end(slot_, zone_, *starts_at));
        }
    }

    void append_to(std::vector<Proposal>& out, const Span& requested) const {
        for (const auto& best : {before_, after_}) {
            if (!best) continue;
            out.push_back({*slot_.level, make_window(zone_, best->starts_at, best->ends_at),
                           std::chrono::round<std::chrono::seconds>(distance(*best, requested))});
        }
    }

private:
    // Whether that is a usable stay.
    bool consider(Timestamp starts_at, const std::optional<Timestamp>& ends_at) {
        if (!ends_at || *ends_at <= now_ || *ends_at <= starts_at) return false;
        if (!broken_lengths(slot_, zone_, starts_at, *ends_at).empty()) return false;
        const Span span{starts_at, *ends_at};
        const auto shift = (span.starts_at - near_.starts_at) + (span.ends_at - near_.ends_at);
        auto& best = shift <= Duration{0} ? before_ : after_;
        if (!best || distance(span, near_) < distance(*best, near_)) best = span;
        return true;
    }

    const Slot& slot_;
    const Zone& zone_;
    const Span near_;
    const Timestamp now_;
    std::optional<Span> before_;
    std::optional<Span> after_;
};

// Levels often share their times; a window is offered once, under the plain level before the
// biweekly one, else under the level that comes first.
void drop_repeated(std::vector<Proposal>& proposals) {
    const auto window = [](const Proposal& p) {
        return std::pair{p.window.starts_at, p.window.ends_at};
    };
    const auto key = [&](const Proposal& p) {
        return std::pair{window(p), p.time_slot.is_biweekly_mode};
    };
    std::stable_sort(proposals.begin(), proposals.end(),
                     [&](const Proposal& a, const Proposal& b) { return key(a) < key(b); });
    const auto same = [&](const Proposal& a, const Proposal& b) { return window(a) == window(b); };
    proposals.erase(std::unique(proposals.begin(), proposals.end(), same), proposals.end());
}

}  // namespace

std::vector<Proposal> nearest_windows(const Lock& lock, const Zone& zone, Timestamp starts_at,
                                      Timestamp ends_at, Timestamp now) {
    const Span requested{starts_at, ends_at};
    const Span near = search_near(zone, requested, now);
    std::vector<Proposal> proposals;
    for (const auto& level : lock.time_slots) {
        if (!is_usable(level)) continue;
        const auto slot = read_slot(level);
        if (!slot) continue;
        Nearest nearest{*slot, zone, near, now};
        nearest.look();
        nearest.append_to(proposals, requested);
    }
    drop_repeated(proposals);
    std::stable_sort(proposals.begin(), proposals.end(),
                     [](const Proposal& a, const Proposal& b) { return a.distance < b.distance; });
    if (proposals.size() > most_proposals) proposals.resize(most_proposals);
    return proposals;
}

}  // namespace oracode::userlevel
