#include "lifecycle/observations.hpp"

#include <algorithm>
#include <tuple>

#include "lifecycle/apply.hpp"

namespace oracode::lifecycle {
namespace {

// The order in which statements are believed, the last word last.
bool before(const Observation& a, const Observation& b) {
    const auto key = [](const Observation& o) {
        const auto era = is_baseline(o.step) ? static_cast<int>(o.step)
                                             : static_cast<int>(LifecycleStep::unknown);
        return std::tuple{era, o.at, shows_the_object(o.source), o.step, o.source};
    };
    return key(a) < key(b);
}

// Keeps the list bounded. What goes first is a statement that only repeated its predecessor:
// without it the reading below comes out the same unless another statement arrives later that falls
// right between the two.
void shorten(std::vector<Observation>& observations) {
    if (observations.size() <= max_observations) return;
    const auto repeated = std::adjacent_find(
        observations.begin(), observations.end(),
        [](const Observation& a, const Observation& b) { return a.step == b.step; });
    if (repeated != observations.end()) {
        observations.erase(repeated + 1);
    } else {
        observations.erase(std::find_if(observations.begin(), observations.end(),
                                        [](const Observation& o) { return !is_baseline(o.step); }));
    }
}

}  // namespace

bool is_baseline(LifecycleStep step) {
    return step == LifecycleStep::seen || step == LifecycleStep::created;
}

void observe(std::vector<Observation>& observations, const Observation& statement) {
    const auto place =
        std::lower_bound(observations.begin(), observations.end(), statement, before);
    if (place != observations.end() && *place == statement) return;
    if (is_baseline(statement.step)) {
        // Of several sightings the earliest holds; the baseline stands first, so a later one has it
        // before itself.
        if (place != observations.begin() && std::prev(place)->step == statement.step) return;
        const auto inserted = observations.insert(place, statement);
        const auto rest = inserted + 1;
        if (rest != observations.end() && rest->step == statement.step) observations.erase(rest);
        return;
    }
    observations.insert(place, statement);
    shorten(observations);
}

void sort_observations(std::vector<Observation>& observations) {
    std::stable_sort(observations.begin(), observations.end(), before);
}

}  // namespace oracode::lifecycle
