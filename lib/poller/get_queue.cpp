#include "poller/get_queue.hpp"

#include <iterator>

namespace oracode::poller {

void GetQueue::add(GetCode code) {
    if (contains(code.access_code_id)) return;
    const Place place{code.starts_at.value_or(Timestamp::min()), code.access_code_id};
    places_.emplace(code.access_code_id, place);
    callers_.emplace(place, std::move(code));
    if (callers_.size() > most_waiting)
        remove(std::string(std::prev(callers_.end())->second.access_code_id));
}

void GetQueue::remove(std::string_view access_code_id) {
    const auto found = places_.find(access_code_id);
    if (found == places_.end()) return;
    callers_.erase(found->second);
    places_.erase(found);
}

void GetQueue::clear() {
    callers_.clear();
    places_.clear();
}

std::optional<GetCode> GetQueue::next() const {
    if (callers_.empty()) return std::nullopt;
    return callers_.begin()->second;
}

}  // namespace oracode::poller
