#include "poller/get_queue.hpp"

#include <iterator>

namespace oracode::poller {

void GetQueue::add(GetCode code) {
    if (contains(code.access_code_id)) return;
    const Place place{code.starts_at.value_or(Timestamp::min()), code.access_code_id};
    places_.emplace(code.access_code_id, place);
    waiting_.emplace(place, std::move(code));
    if (waiting_.size() > most_waiting)
        remove(std::string(std::prev(waiting_.end())->second.access_code_id));
}

void GetQueue::remove(std::string_view access_code_id) {
    const auto found = places_.find(access_code_id);
    if (found == places_.end()) return;
    waiting_.erase(found->second);
    places_.erase(found);
}

void GetQueue::clear() {
    waiting_.clear();
    places_.clear();
}

std::optional<GetCode> GetQueue::next(Timestamp now) const {
    if (waiting_.empty()) return std::nullopt;
    const auto first = waiting_.begin();
    auto nearest = waiting_.lower_bound({now, {}});
    if (!first->second.starts_at || nearest == first) return first->second;
    const auto before = std::prev(nearest);
    if (nearest == waiting_.end() || now - before->first.first <= nearest->first.first - now)
        nearest = before;
    return nearest->second;
}

}  // namespace oracode::poller
