#include "devices/lost_code.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.hpp"

namespace oracode::devices {
namespace {

// Candidates are codes of one name made within a few minutes. Where the order has no name and the
// list shows no times they can be many more, which is more requests than a caller waits for.
constexpr std::size_t most_candidates = 50;

enum class Likeness {
    other,     // another name, time of making or stay
    unclear,   // of the order's name, but without a window, or with one that overlaps the order's
    nearly,    // within `window_difference`
    the_same,  //
};

// Seam trims names, and providers cut long ones.
bool has_the_name(const lifecycle::Facts& facts, const std::optional<std::string>& name) {
    if (!name || !facts.name || !*facts.name) return true;
    const auto ours = trim(*name);
    const auto event = trim(**facts.name);
    constexpr std::size_t shortest_cut = 8;
    return event == ours || (event.size() >= shortest_cut && ours.starts_with(event));
}

bool is_candidate(const lifecycle::Event& event, const LostOrder& order) {
    const auto& created_at = event.facts.created_at;
    // Seam's clock says when the code was made, ours when it was ordered.
    const auto offset = event.occurred_at - event.requested_at.value_or(event.occurred_at);
    const bool after = !created_at || !*created_at ||
                       **created_at - offset >= order.requested.requested_at - clock_difference;
    return after && has_the_name(event.facts, order.name) &&
           !order.is_another(event.access_code_id, offset);
}

Likeness likeness(const lifecycle::Event& event, const LostOrder& order) {
    if (!is_candidate(event, order)) return Likeness::other;
    const auto& starts_at = event.facts.starts_at;
    const auto& ends_at = event.facts.ends_at;
    if (!starts_at || !*starts_at || !ends_at || !*ends_at) return Likeness::unclear;
    const auto& requested = order.requested;
    if (**starts_at == requested.starts_at && **ends_at == requested.ends_at)
        return Likeness::the_same;
    if (std::chrono::abs(**starts_at - requested.starts_at) <= window_difference &&
        std::chrono::abs(**ends_at - requested.ends_at) <= window_difference)
        return Likeness::nearly;
    const bool named = order.name && event.facts.name && *event.facts.name;
    const bool overlaps = **starts_at < requested.ends_at && requested.starts_at < **ends_at;
    return named && overlaps ? Likeness::unclear : Likeness::other;
}

}  // namespace

bool is_of_another_order(const lifecycle::AccessCode& known, Timestamp requested_at) {
    const auto earliest = requested_at - clock_difference;
    const auto& created_at = known.created_at.value;
    if (created_at && *created_at < earliest) return true;
    return std::ranges::any_of(known.observations, [earliest](const lifecycle::Observation& seen) {
        return seen.source == lifecycle::Source::create || seen.at < earliest;
    });
}

LostCodeSearch::Next LostCodeSearch::listed(std::vector<SeamsCode> codes) {
    for (auto& code : codes) {
        if (likeness(code.event, order_) == Likeness::the_same) return Traces{std::move(code), {}};
        // What the list says of a window decides nothing yet.
        if (is_candidate(code.event, order_)) candidates_.push_back(code.event.access_code_id);
    }
    if (candidates_.size() > most_candidates) {
        return seam::local_error(
            Errc::seam_unreachable,
            fmt::format("{} codes of the lock could be this one", candidates_.size()));
    }
    return next();
}

LostCodeSearch::Next LostCodeSearch::next() {
    if (next_ == candidates_.size()) return std::move(traces_);
    return Fetch{candidates_[next_]};
}

LostCodeSearch::Next LostCodeSearch::fetched(seam::CallResult<seam::Found> answer) {
    const auto& id = candidates_[next_++];
    if (!answer && answer.error().code != Errc::not_found) return answer.error();
    const auto doubt = [this, &id] {
        traces_.doubtful = id;
        return next();
    };
    // Listed but not to be had: Seam's own reads disagree.
    if (!answer) return doubt();
    auto event = decode_shown(*answer, lifecycle::Source::create);
    if (!event || event->access_code_id != id) return doubt();
    const auto like = likeness(*event, order_);
    if (like == Likeness::unclear) return doubt();
    SeamsCode code{std::move(*event)};
    if (like == Likeness::the_same) return Traces{std::move(code), {}};
    if (like == Likeness::nearly && !traces_.code) traces_.code = std::move(code);
    return next();
}

}  // namespace oracode::devices
