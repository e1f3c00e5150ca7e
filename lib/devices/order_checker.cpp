#include "devices/order_checker.hpp"

#include <algorithm>
#include <set>

#include "devices/code_list.hpp"

namespace oracode::devices {
namespace {

using userlevel::Rule;

// Whether other data of the lock could give another verdict.
bool blames_the_lock(const userlevel::Verdict& verdict) {
    return std::ranges::any_of(verdict.violations, [](const userlevel::Violation& violation) {
        switch (violation.rule) {
            case Rule::starts_at_malformed:
            case Rule::starts_at_without_offset:
            case Rule::ends_at_malformed:
            case Rule::ends_at_without_offset:
            case Rule::max_time_rounding_unknown:
            case Rule::code_not_selectable:
            case Rule::one_time_use_not_supported:
            case Rule::starts_not_before_ends:
            case Rule::ends_in_the_past:
            case Rule::code_limit_reached:
            case Rule::creations_too_fast:
                return false;
            case Rule::offline_codes_not_supported:
            case Rule::no_time_slots:
            case Rule::time_zone_unknown:
            case Rule::no_matching_time_slot:
            case Rule::offset_not_of_the_lock:
            case Rule::time_slot_unreadable:
            case Rule::master_time_slot:
            case Rule::one_time_use_time_slot:
            case Rule::daily_times_differ:
            case Rule::daily_same_date:
            case Rule::biweekly_too_long:
            case Rule::too_many_days:
                return true;
        }
        return false;
    });
}

}  // namespace

struct OrderChecker::Case {
    Order order;
    Purpose purpose{};
    std::function<void(SeamResult<OrderCheck>)> done;
    LockSnapshot lock;
    std::size_t codes_not_ended = 0;
};

void OrderChecker::check(const Order& order, Purpose purpose,
                         std::function<void(SeamResult<OrderCheck>)> done) {
    auto open = std::make_shared<Case>();
    open->order = order;
    open->purpose = purpose;
    open->done = std::move(done);
    deps_.directory.find(order.device_id, [this, open](SeamResult<LockSnapshot> snapshot) {
        if (!snapshot) return open->done(snapshot.error());
        open->lock = std::move(*snapshot);
        if (deps_.max_codes == 0) return weigh(open);
        count_codes(open);
    });
}

// Those of Seam's list, and those of ours that it does not show (yet): a code that is missing from
// a list may exist all the same.
void OrderChecker::count_codes(const std::shared_ptr<Case>& open) {
    if (api_ == nullptr) return open->done(no_api_key());
    list_codes(*api_, open->order.device_id, lifecycle::Source::poll,
               [this, open](SeamResult<std::vector<SeamsCode>> listed) {
                   if (!listed) return open->done(listed.error());
                   const auto ours = deps_.reader.live_codes(open->order.device_id);
                   if (!ours) return open->done(seam::local_error(ours.error()));
                   std::set<std::string> live(ours->begin(), ours->end());
                   const auto now = deps_.now();
                   for (const auto& code : *listed) {
                       if (is_live(code, now)) live.insert(code.event.access_code_id);
                   }
                   open->codes_not_ended = live.size();
                   weigh(open);
               });
}

userlevel::Verdict OrderChecker::verdict_on(const Case& open) {
    const auto now = deps_.now();
    userlevel::Usage usage;
    usage.codes_not_ended = open.codes_not_ended;
    usage.max_codes = deps_.max_codes;
    if (open.purpose == Purpose::create)
        usage.created_last_minute = deps_.rate_limit.within_a_minute(open.order.device_id, now);
    return userlevel::check(open.lock.device.lock, open.order.window, now, usage);
}

void OrderChecker::weigh(const std::shared_ptr<Case>& open) {
    auto verdict = verdict_on(*open);
    if (open->lock.just_fetched || !blames_the_lock(verdict))
        return open->done(OrderCheck{std::move(verdict), open->lock});
    deps_.directory.fetch(open->order.device_id, [this, open, verdict = std::move(verdict)](
                                                     SeamResult<LockSnapshot> snapshot) mutable {
        if (snapshot) {
            open->lock = std::move(*snapshot);
            return open->done(OrderCheck{verdict_on(*open), open->lock});
        }
        if (snapshot.error().code == Errc::not_found) return open->done(snapshot.error());
        open->done(OrderCheck{std::move(verdict), open->lock});
    });
}

}  // namespace oracode::devices
