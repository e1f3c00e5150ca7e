// Which faults a simulation has really made, so that none is only written down. A fault is noted
// where it takes effect, not where it is planned.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace oracode::test {

enum class Fault : std::uint8_t {
    read_lags_after_created,
    stale_read,
    left_out_of_list,
    list_without_window,
    start_left_out,
    next_page,
    all_codes_not_found,
    removed_and_set_again,
    unmanaged_and_managed_again,
    lock_unmanaged_and_managed_again,
    account_lost,
    code_without_event,
    change_without_event,
    error_comes_and_goes_silently,
    set_long_before_start,
    creation_deferred,
    early_check_in,
    extended_at_the_last_moment,
    extended_after_end_time_frame_changed,
    extended_after_end_changed,
    extended_after_end_mutations_requested,
    extended_after_end_modified_external,
    extended_after_end_set_on_device,
    extended_after_end_converted_to_managed,
    extended_after_end_silently,
    ongoing_code,
    code_of_another_make,
    code_of_another_workspace,
    more_than_500_events_in_a_second,
    event_on_an_exclusive_bound,
    event_list_refused,
    occurred_at_ahead,
    webhook_lost,
    webhook_doubled,
    webhook_late,
    no_answer,
    rate_limited,
    key_refused_401,
    foreign_404,
    foreign_401,
    foreign_403,
    code_forbidden_403,
    gateway_502,
    key_of_another_workspace,
    outage,
    outage_longer_than_backfill,
    crash,
    daemon_clock_off,
    daemon_clock_drifts,
    daemon_clock_steps_ahead,
    daemon_clock_steps_back,
    seam_clock_ahead,
    seam_clock_behind,
};
inline constexpr std::size_t fault_count = static_cast<std::size_t>(Fault::seam_clock_behind) + 1;

[[nodiscard]] std::string_view name(Fault fault);

// Of one world, or of many.
class FaultTally {
public:
    void note(Fault fault) { ++times_[static_cast<std::size_t>(fault)]; }
    // Adds what one world has made.
    void add_world(const FaultTally& world);

    // The faults that no world has made, for people; empty: none.
    [[nodiscard]] std::string missing() const;
    // A line for each fault: in how many worlds, and how often in all.
    [[nodiscard]] std::string table() const;

private:
    std::array<std::size_t, fault_count> times_{};
    std::array<std::size_t, fault_count> worlds_{};
    std::size_t added_ = 0;
};

}  // namespace oracode::test
