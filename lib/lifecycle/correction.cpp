#include "lifecycle/correction.hpp"

namespace oracode::lifecycle {
namespace {

constexpr std::array<std::string_view, correction_count> names{
    "status", "window", "errors", "pin", "missing", "found", "ended", "revived", "managed"};

bool moved(const WindowEdge& before, const WindowEdge& after) {
    return before.value.has_value() && before.value != after.value;
}

}  // namespace

std::string_view name(Correction correction) {
    return names.at(static_cast<std::size_t>(correction));
}

Corrections corrections(const AccessCode& before, const AccessCode& after) {
    Corrections made{};
    if (before.version == 0) return made;
    const auto note = [&](Correction correction, bool is) {
        made.at(static_cast<std::size_t>(correction)) = is;
    };
    note(Correction::missing, before.missing_looks.empty() && !after.missing_looks.empty());
    note(Correction::found, !before.missing_looks.empty() && after.missing_looks.empty());
    note(Correction::revived, before.ended && !after.ended);
    if (before.refetch || before.managed.stamp == Stamp{}) return made;
    const bool both_live = !before.ended && !after.ended;
    note(Correction::status,
         both_live && before.status != after.status && after.status != Status::setting);
    note(Correction::ended, !before.ended && after.ended);
    note(Correction::window,
         moved(before.starts_at, after.starts_at) || moved(before.ends_at, after.ends_at));
    note(Correction::errors, visible_errors(before) != visible_errors(after));
    note(Correction::pin, before.code.value && before.code.value != after.code.value);
    note(Correction::managed, before.managed.value != after.managed.value);
    return made;
}

}  // namespace oracode::lifecycle
