// When people are to be called: which causes for an alert a code gives. Pure. The kinds and their
// words are those of the API.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lifecycle/access_code.hpp"

namespace oracode::lifecycle {

// The numbers are stored.
enum class AlertKind : std::uint8_t {
    // About a code.
    not_in_order,
    failed,
    // About the daemon.
    seam_unreachable,
    seam_key,
    codes_missing,
    webhooks_failing,
    clock,
    disk,
    certificate
};
inline constexpr std::size_t alert_kind_count = 9;

[[nodiscard]] std::string_view name(AlertKind kind);
[[nodiscard]] std::optional<AlertKind> parse_alert_kind(std::string_view text);

struct AlertPolicy {
    Duration before = std::chrono::minutes{30};  // alerts.before
};

// Why a code needs a person, each a sentence for people without PINs; nullopt: it does not.
struct CodeAlerts {
    // From `before` ahead of its start to its end more keeps it from being ready than its start.
    std::optional<std::string> not_in_order;
    // Seam reports an error about the code itself, however far its start is.
    std::optional<std::string> failed;

    [[nodiscard]] const std::optional<std::string>& of(AlertKind kind) const {
        return kind == AlertKind::failed ? failed : not_in_order;
    }
    friend bool operator==(const CodeAlerts&, const CodeAlerts&) = default;
};

// None for a code that has ended, and for one that a caller untracked: it stands for a booking that
// was cancelled, since an Oracode code cannot be deleted. Changes with the code, and without a
// change of it only at its start − `before` and at its end.
[[nodiscard]] CodeAlerts alerts_of(const AccessCode& code, Timestamp now,
                                   const AlertPolicy& policy);

}  // namespace oracode::lifecycle
