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

// Where to look. The distance is still told from what was asked for.
Span search_near(Span asked, Timestamp now) {
    if (asked.ends_at <= now) {
        const auto on = std::chrono::ceil<days>(now - asked.starts_at);
        if (on > days{0})
            return {asked.starts_at + on, std::max(asked.ends_at, asked.starts_at) + on};
    }
    return {asked.starts_at, std::max(asked.starts_at, asked.ends_at)};
}

class Nearest {
public:
    Nearest(const Slot& slot, const Zone& zone, Span asked, Timestamp now)
        : slot_(slot), zone_(zone), asked_(asked), now_(now) {}

    void look(Span near) {
        const auto starts = zone_.around(near.starts_at, slot_.check_in, End::check_in);
        const auto ends = zone_.around(near.ends_at, slot_.check_out, End::check_out);
        for (const auto& starts_at : {starts.before, starts.after}) {
            if (!starts_at) continue;
            for (const auto& ends_at :
                 {ends.before, ends.after, first_end(slot_, zone_, *starts_at),
                  last_end(slot_, zone_, *starts_at)})
                if (ends_at) consider({*starts_at, *ends_at});
        }
    }

    void append_to(std::vector<Proposal>& out) const {
        for (const auto& best : {before_, after_}) {
            if (!best) continue;
            out.push_back({*slot_.level, make_window(zone_, best->starts_at, best->ends_at),
                           std::chrono::round<std::chrono::seconds>(distance(*best, asked_))});
        }
    }

private:
    void consider(Span span) {
        if (span.ends_at <= now_ || span.ends_at <= span.starts_at) return;
        if (!broken_lengths(slot_, zone_, span.starts_at, span.ends_at).empty()) return;
        const auto shift = (span.starts_at - asked_.starts_at) + (span.ends_at - asked_.ends_at);
        auto& best = shift <= Duration{0} ? before_ : after_;
        if (!best || distance(span, asked_) < distance(*best, asked_)) best = span;
    }

    const Slot& slot_;
    const Zone& zone_;
    const Span asked_;
    const Timestamp now_;
    std::optional<Span> before_;
    std::optional<Span> after_;
};

// Levels often share their times; a window is offered once, under the level that comes first.
void drop_repeated(std::vector<Proposal>& proposals) {
    const auto key = [](const Proposal& p) {
        return std::pair{p.window.starts_at, p.window.ends_at};
    };
    std::stable_sort(proposals.begin(), proposals.end(),
                     [&](const Proposal& a, const Proposal& b) { return key(a) < key(b); });
    const auto same = [&](const Proposal& a, const Proposal& b) { return key(a) == key(b); };
    proposals.erase(std::unique(proposals.begin(), proposals.end(), same), proposals.end());
}

}  // namespace

std::vector<Proposal> nearest_windows(const Lock& lock, const Zone& zone, Timestamp starts_at,
                                      Timestamp ends_at, Timestamp now) {
    const Span asked{starts_at, ends_at};
    const Span near = search_near(asked, now);
    std::vector<Proposal> proposals;
    for (const auto& level : lock.time_slots) {
        if (!is_usable(level)) continue;
        const auto slot = read_slot(level);
        if (!slot) continue;
        Nearest nearest{*slot, zone, asked, now};
        nearest.look(near);
        nearest.append_to(proposals);
    }
    drop_repeated(proposals);
    std::stable_sort(proposals.begin(), proposals.end(),
                     [](const Proposal& a, const Proposal& b) { return a.distance < b.distance; });
    if (proposals.size() > most_proposals) proposals.resize(most_proposals);
    return proposals;
}

}  // namespace oracode::userlevel
