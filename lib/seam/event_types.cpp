#include "seam/event_types.hpp"

#include <algorithm>
#include <array>

namespace oracode::seam {
namespace {

constexpr EventMeaning says(lifecycle::LifecycleStep step) {
    return {lifecycle::Reach::code, step, false};
}

// The status stays, but only a fetch shows what happened.
constexpr EventMeaning says_look(lifecycle::LifecycleStep step = lifecycle::LifecycleStep::seen) {
    return {lifecycle::Reach::code, step, true};
}

// Codes of an account or a device have to be looked at; their status stays.
constexpr EventMeaning refetch_codes_of(lifecycle::Reach reach) {
    return {reach, std::nullopt, true};
}

// Names: Seam's API schema. `created` and `scheduled_on_device` are due for a fetch because neither
// carries the name and the window; `deleted_external_to_seam` and the failures mean `setting`
// because Seam keeps trying. `issued`, which Seam does not send yet, is verified by a fetch.
constexpr std::array table = std::to_array<EventType>({
    {"access_code.backup_access_code_pulled", says_look()},
    {"access_code.changed", says_look()},
    {"access_code.code_changed", says_look()},
    {"access_code.created", says_look(lifecycle::LifecycleStep::created)},
    {"access_code.delay_in_issuing", says(lifecycle::LifecycleStep::setting)},
    {"access_code.delay_in_removing_from_device", says(lifecycle::LifecycleStep::removing)},
    {"access_code.delay_in_setting_on_device", says(lifecycle::LifecycleStep::setting)},
    {"access_code.deleted", says(lifecycle::LifecycleStep::deleted)},
    {"access_code.deleted_external_to_seam", says_look(lifecycle::LifecycleStep::setting)},
    {"access_code.failed_to_expire", says_look()},
    {"access_code.failed_to_issue", says(lifecycle::LifecycleStep::setting)},
    {"access_code.failed_to_remove_from_device", says(lifecycle::LifecycleStep::removing)},
    {"access_code.failed_to_set_on_device", says(lifecycle::LifecycleStep::setting)},
    {"access_code.failed_to_update", says_look()},
    {"access_code.issued", says_look(lifecycle::LifecycleStep::set)},
    {"access_code.modified_external_to_seam", says_look()},
    {"access_code.mutations_requested", says_look()},
    {"access_code.name_changed", says_look()},
    {"access_code.removed_from_device", says(lifecycle::LifecycleStep::removed)},
    {"access_code.scheduled_on_device", says_look(lifecycle::LifecycleStep::created)},
    {"access_code.set_on_device", says(lifecycle::LifecycleStep::set)},
    {"access_code.time_frame_changed", says_look()},
    {"access_code.unmanaged.converted_to_managed", says_look()},
    {"access_code.unmanaged.created", says_look()},
    {"access_code.unmanaged.failed_to_convert_to_managed", says_look()},
    {"access_code.unmanaged.removed", says_look()},
    {"connected_account.completed_first_sync", refetch_codes_of(lifecycle::Reach::account)},
    {"connected_account.completed_first_sync_after_reconnection",
     refetch_codes_of(lifecycle::Reach::account)},
    {"connected_account.connected", refetch_codes_of(lifecycle::Reach::account)},
    {"connected_account.created", refetch_codes_of(lifecycle::Reach::account)},
    {"connected_account.deleted", refetch_codes_of(lifecycle::Reach::account)},
    {"connected_account.disconnected",
     {lifecycle::Reach::account, lifecycle::LifecycleStep::unknown, true}},
    {"connected_account.reauthorization_requested", refetch_codes_of(lifecycle::Reach::account)},
    {"connected_account.successful_login", refetch_codes_of(lifecycle::Reach::account)},
    {"device.connected", refetch_codes_of(lifecycle::Reach::device)},
    {"device.converted_to_unmanaged", refetch_codes_of(lifecycle::Reach::device)},
    {"device.deleted", refetch_codes_of(lifecycle::Reach::device)},
    {"device.disconnected", refetch_codes_of(lifecycle::Reach::device)},
    {"device.removed", refetch_codes_of(lifecycle::Reach::device)},
    {"device.unmanaged.converted_to_managed", refetch_codes_of(lifecycle::Reach::device)},
});

static_assert(std::ranges::is_sorted(table, std::ranges::less{}, &EventType::name));
static_assert(std::ranges::adjacent_find(table, {}, &EventType::name) == table.end());

}  // namespace

std::span<const EventType> event_types() {
    return table;
}

EventMeaning meaning_of(std::string_view event_type) {
    const auto* const found = std::ranges::lower_bound(table, event_type, {}, &EventType::name);
    if (found != table.end() && found->name == event_type) return found->meaning;
    return concerns_access_code(event_type) ? says_look() : EventMeaning{};
}

bool is_of_interest(std::string_view event_type) {
    const auto meaning = meaning_of(event_type);
    return concerns_access_code(event_type) || meaning.step || meaning.refetch;
}

bool concerns_access_code(std::string_view event_type) {
    return event_type.starts_with("access_code.");
}

}  // namespace oracode::seam
