#include "devices/judge.hpp"

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

seam::CallError store_error(const Error& error) {
    seam::CallError told;
    told.code = error.code;
    told.detail = error.detail;
    return told;
}

}  // namespace

struct Judge::Case {
    Order order;
    Purpose purpose{};
    std::function<void(Asked<Judgement>)> done;
    Showing lock;
    std::size_t codes_not_ended = 0;
};

void Judge::judge(const Order& order, Purpose purpose, std::function<void(Asked<Judgement>)> done) {
    auto open = std::make_shared<Case>();
    open->order = order;
    open->purpose = purpose;
    open->done = std::move(done);
    parts_.directory.find(order.device_id, [this, open](Asked<Showing> shown) {
        if (!shown) return open->done(shown.error());
        open->lock = std::move(*shown);
        if (parts_.max_codes == 0) return weigh(open);
        count_codes(open);
    });
}

// Those of Seam's list, and those of ours that it does not show (yet): a code that is missing from
// a list may exist all the same.
void Judge::count_codes(const std::shared_ptr<Case>& open) {
    if (api_ == nullptr) return open->done(no_api_key());
    list_codes(*api_, open->order.device_id, Source::poll,
               [this, open](Asked<std::vector<SeamsCode>> listed) {
                   if (!listed) return open->done(listed.error());
                   const auto ours = parts_.reader.live_codes(open->order.device_id);
                   if (!ours) return open->done(store_error(ours.error()));
                   std::set<std::string> live(ours->begin(), ours->end());
                   const auto now = parts_.now();
                   for (const auto& code : *listed) {
                       if (is_live(code, now)) live.insert(code.told.access_code_id);
                   }
                   open->codes_not_ended = live.size();
                   weigh(open);
               });
}

userlevel::Verdict Judge::verdict_on(const Case& open) {
    const auto now = parts_.now();
    userlevel::Usage usage;
    usage.codes_not_ended = open.codes_not_ended;
    usage.max_codes = parts_.max_codes;
    if (open.purpose == Purpose::create)
        usage.created_last_minute = parts_.pace.within_a_minute(open.order.device_id, now);
    return userlevel::check(open.lock.device.lock, open.order.window, now, usage);
}

void Judge::weigh(const std::shared_ptr<Case>& open) {
    auto verdict = verdict_on(*open);
    if (open->lock.just_fetched || !blames_the_lock(verdict))
        return open->done(Judgement{std::move(verdict), open->lock});
    parts_.directory.fetch(open->order.device_id, [this, open, verdict = std::move(verdict)](
                                                      Asked<Showing> shown) mutable {
        if (shown) {
            open->lock = std::move(*shown);
            return open->done(Judgement{verdict_on(*open), open->lock});
        }
        if (shown.error().code == Errc::not_found) return open->done(shown.error());
        open->done(Judgement{std::move(verdict), open->lock});
    });
}

}  // namespace oracode::devices
