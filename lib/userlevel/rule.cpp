#include "userlevel/rule.hpp"

namespace oracode::userlevel {

std::string_view code(Rule rule) {
    switch (rule) {
        case Rule::starts_at_malformed:
            return "starts_at_malformed";
        case Rule::starts_at_without_offset:
            return "starts_at_without_offset";
        case Rule::ends_at_malformed:
            return "ends_at_malformed";
        case Rule::ends_at_without_offset:
            return "ends_at_without_offset";
        case Rule::max_time_rounding_unknown:
            return "max_time_rounding_unknown";
        case Rule::code_not_selectable:
            return "code_not_selectable";
        case Rule::one_time_use_not_supported:
            return "one_time_use_not_supported";
        case Rule::offline_codes_not_supported:
            return "offline_codes_not_supported";
        case Rule::no_time_slots:
            return "no_time_slots";
        case Rule::time_zone_unknown:
            return "time_zone_unknown";
        case Rule::starts_not_before_ends:
            return "starts_not_before_ends";
        case Rule::ends_in_the_past:
            return "ends_in_the_past";
        case Rule::no_matching_time_slot:
            return "no_matching_time_slot";
        case Rule::offset_not_of_the_lock:
            return "offset_not_of_the_lock";
        case Rule::time_slot_unreadable:
            return "time_slot_unreadable";
        case Rule::master_time_slot:
            return "master_time_slot";
        case Rule::one_time_use_time_slot:
            return "one_time_use_time_slot";
        case Rule::daily_times_differ:
            return "daily_times_differ";
        case Rule::daily_same_date:
            return "daily_same_date";
        case Rule::biweekly_too_long:
            return "biweekly_too_long";
        case Rule::too_many_days:
            return "too_many_days";
        case Rule::code_limit_reached:
            return "code_limit_reached";
        case Rule::creations_too_fast:
            return "creations_too_fast";
    }
    return "unnamed";
}

bool is_malformed(Rule rule) {
    return rule <= Rule::max_time_rounding_unknown;
}

}  // namespace oracode::userlevel
