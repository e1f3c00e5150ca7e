#include "simulation/fault_tally.hpp"

#include <fmt/format.h>

namespace oracode::test {
namespace {

constexpr std::array<std::string_view, fault_count> names{
    "read lags after created",
    "stale read",
    "left out of a list",
    "list without window",
    "start left out",
    "list in pages",
    "all codes not found",
    "removed and set again",
    "unmanaged and managed again",
    "lock unmanaged and managed again",
    "account lost",
    "code without event",
    "change without event",
    "error comes and goes silently",
    "set long before its start",
    "creation deferred",
    "early check-in",
    "extended at the last moment",
    "extended after its end: time_frame_changed",
    "extended after its end: changed",
    "extended after its end: mutations_requested",
    "extended after its end: modified_external_to_seam",
    "extended after its end: set_on_device",
    "extended after its end: converted_to_managed",
    "extended after its end: silently",
    "ongoing code",
    "code of another make",
    "code of another workspace",
    "more than 500 events in a second",
    "event on an exclusive bound",
    "list of events refused",
    "occurred_at ahead",
    "webhook lost",
    "webhook doubled",
    "webhook late",
    "no answer",
    "429",
    "401 of Seam's",
    "404 of another",
    "401 of another",
    "403 of another",
    "403 about one code",
    "502 of a gateway",
    "key of another workspace",
    "outage",
    "outage longer than the backfill",
    "crash",
    "daemon's clock off",
    "daemon's clock drifts",
    "daemon's clock steps ahead",
    "daemon's clock steps back",
    "Seam's clock ahead",
    "Seam's clock behind",
};

}  // namespace

std::string_view name(Fault fault) {
    return names.at(static_cast<std::size_t>(fault));
}

void FaultTally::add_world(const FaultTally& world) {
    ++added_;
    for (std::size_t i = 0; i < fault_count; ++i) {
        times_[i] += world.times_[i];
        if (world.times_[i] > 0) ++worlds_[i];
    }
}

std::string FaultTally::missing() const {
    std::string out;
    for (std::size_t i = 0; i < fault_count; ++i)
        if (times_[i] == 0) out += fmt::format("{}; ", names[i]);
    return out;
}

std::string FaultTally::table() const {
    std::string out;
    for (std::size_t i = 0; i < fault_count; ++i)
        out += fmt::format("{:<50} {:>7} of {} seeds, {:>9} times\n", names[i], worlds_[i], added_,
                           times_[i]);
    return out;
}

}  // namespace oracode::test
