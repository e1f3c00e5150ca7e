#include "devices/lost_code.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "core/text.hpp"
#include "seam/decode.hpp"

namespace oracode::devices {
namespace {

// Candidates are codes of one name made within a few minutes. Where the order has no name and the
// list tells no times they can be many more, which is more requests than a caller waits for.
constexpr std::size_t most_candidates = 50;

enum class Likeness {
    other,     // another name, time of making or stay
    unclear,   // of the order's name, but without a window, or with one that overlaps the order's
    nearly,    // within `window_difference`
    the_same,  //
};

// Seam trims names, and providers cut long ones.
bool has_the_name(const Facts& facts, const std::optional<std::string>& name) {
    if (!name || !facts.name || !*facts.name) return true;
    const auto ours = trim(*name);
    const auto event = trim(**facts.name);
    constexpr std::size_t shortest_cut = 8;
    return event == ours || (event.size() >= shortest_cut && ours.starts_with(event));
}

bool is_candidate(const Event& event, const LostOrder& order) {
    const auto& created_at = event.facts.created_at;
    const bool after = !created_at || !*created_at ||
                       **created_at >= order.requested.requested_at - clock_difference;
    return after && has_the_name(event.facts, order.name) &&
           !order.is_another(event.access_code_id);
}

Likeness likeness(const Event& event, const LostOrder& order) {
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

class Search : public std::enable_shared_from_this<Search> {
public:
    Search(seam::Api& api, LostOrder order, std::function<void(SeamResult<Traces>)> done)
        : api_(api), order_(std::move(order)), done_(std::move(done)) {}

    void start() {
        list_codes(api_, order_.device_id, Source::create,
                   [self = shared_from_this()](SeamResult<std::vector<SeamsCode>> listed) {
                       if (!listed) return self->done_(listed.error());
                       self->listed(std::move(*listed));
                   });
    }

private:
    void listed(std::vector<SeamsCode> codes) {
        for (auto& code : codes) {
            const auto like = likeness(code.event, order_);
            if (like == Likeness::the_same) return done_(Traces{std::move(code), {}});
            // What the list tells of a window decides nothing yet.
            if (is_candidate(code.event, order_)) candidates_.push_back(code.event.access_code_id);
        }
        if (candidates_.size() > most_candidates) {
            seam::CallError error;
            error.detail =
                fmt::format("{} codes of the lock could be this one", candidates_.size());
            return done_(error);
        }
        fetch_next();
    }

    void fetch_next() {
        if (next_ == candidates_.size()) return done_(std::move(traces_));
        api_.get_access_code(candidates_[next_],
                             [self = shared_from_this()](seam::CallResult<seam::Found> answer) {
                                 self->fetched(std::move(answer));
                             });
    }

    void fetched(seam::CallResult<seam::Found> answer) {
        const auto& id = candidates_[next_++];
        if (!answer && answer.error().code != Errc::not_found) return done_(answer.error());
        // Listed but not to be had: Seam's own reads disagree.
        if (!answer) return doubt(id);
        auto event = seam::decode_access_code(answer->object, answer->sent_at, Source::create);
        if (!event || event->access_code_id != id) return doubt(id);
        const auto like = likeness(*event, order_);
        if (like == Likeness::unclear) return doubt(id);
        SeamsCode code{std::move(answer->object), std::move(*event)};
        if (like == Likeness::the_same) return done_(Traces{std::move(code), {}});
        if (like == Likeness::nearly && !traces_.code) traces_.code = std::move(code);
        fetch_next();
    }

    void doubt(const std::string& id) {
        traces_.doubtful = id;
        fetch_next();
    }

    seam::Api& api_;
    LostOrder order_;
    std::function<void(SeamResult<Traces>)> done_;
    std::vector<std::string> candidates_;
    std::size_t next_ = 0;
    Traces traces_;
};

}  // namespace

void find_lost_code(seam::Api& api, LostOrder order, std::function<void(SeamResult<Traces>)> done) {
    std::make_shared<Search>(api, std::move(order), std::move(done))->start();
}

}  // namespace oracode::devices
