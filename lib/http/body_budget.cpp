#include "http/body_budget.hpp"

namespace oracode::http {

bool BodyBudget::Share::grow_to(std::size_t bytes) {
    if (budget_ == nullptr || bytes <= held_) return true;
    const auto more = bytes - held_;
    const bool large = bytes > budget_->allowance_;
    const auto used = budget_->used_.fetch_add(more) + more;
    if (used > (large ? budget_->most_ / 2 : budget_->most_)) {
        budget_->used_.fetch_sub(more);
        return false;
    }
    if (used > much) budget_->swollen_ = true;
    held_ = bytes;
    return true;
}

void BodyBudget::Share::release() {
    if (held_ > 0) budget_->used_.fetch_sub(std::exchange(held_, 0));
}

}  // namespace oracode::http
