#include "poller/backfill.hpp"

namespace oracode::poller {

void Backfill::begin(Window window) {
    open_.assign(1, window);
    end_ = window.to;
}

std::optional<Window> Backfill::next() const {
    if (open_.empty()) return std::nullopt;
    return open_.back();
}

bool Backfill::answered(std::size_t events, std::size_t page_limit) {
    if (open_.empty()) return false;
    const auto window = open_.back();
    open_.pop_back();
    if (events < page_limit) return false;
    if (window.from >= window.to) return true;
    const auto middle = window.from + (window.to - window.from) / 2;
    open_.push_back({middle + Duration{1}, window.to});
    open_.push_back({window.from, middle});
    return false;
}

std::optional<Timestamp> Backfill::finished_to() const {
    return open_.empty() ? end_ : std::nullopt;
}

}  // namespace oracode::poller
