#include "lifecycle/alert.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lifecycle/seam_words.hpp"

namespace oracode::lifecycle {
namespace {

constexpr std::array<std::string_view, alert_kind_count> kind_names{
    "not_in_order", "failed", "seam_unreachable", "seam_key", "codes_missing", "webhooks_failing",
    "clock",        "disk",   "certificate"};

std::string minutes_text(Timestamp at) {
    auto text = format_rfc3339(at).substr(0, 16);
    std::ranges::replace(text, 'T', ' ');
    return text + " UTC";
}

bool has_entries(const std::optional<std::string>& list) {
    return list && *list != "[]";
}

std::string errors_text(const AccessCode& code) {
    const auto codes = seam_words::error_codes(visible_errors(code));
    return codes.empty() ? std::string("Seam reports an error")
                         : fmt::format("Seam reports {}", fmt::join(codes, ", "));
}

std::string in_words(Obstacle obstacle, const AccessCode& code) {
    switch (obstacle) {
        case Obstacle::not_set:
            return "it is not registered with the lock";
        case Obstacle::no_window:
            return "its times are not known";
        case Obstacle::error:
            return errors_text(code);
        case Obstacle::changing:
            return "Seam is about to change it";
        case Obstacle::no_pin:
            return "it waits for a PIN";
        case Obstacle::missing:
            return fmt::format("Seam has not found it since {}",
                               minutes_text(missing_since(code).value_or(code.updated_at)));
        case Obstacle::unmanaged:
            return "Seam does not manage it any more";
        case Obstacle::altered:
            return "it was changed outside Seam";
        case Obstacle::ended:
        case Obstacle::not_started:
            break;
    }
    return {};
}

std::string as_sentence(std::string text, const AccessCode& code) {
    if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
        text.front() = static_cast<char>(text.front() - 'a' + 'A');
    return fmt::format("{} ({} since {}).", text, name(code.status),
                       minutes_text(code.status_since));
}

std::string what_is_wrong(Obstacles obstacles, const AccessCode& code) {
    std::string text;
    for (const auto obstacle : obstacles.list()) {
        const auto words = in_words(obstacle, code);
        if (words.empty()) continue;
        if (!text.empty()) text += "; ";
        text += words;
    }
    return as_sentence(std::move(text), code);
}

}  // namespace

std::string_view name(AlertKind kind) {
    return kind_names.at(static_cast<std::size_t>(kind));
}

std::optional<AlertKind> parse_alert_kind(std::string_view text) {
    const auto found = std::ranges::find(kind_names, text);
    if (found == kind_names.end()) return std::nullopt;
    return static_cast<AlertKind>(found - kind_names.begin());
}

CodeAlerts alerts_of(const AccessCode& code, Timestamp now, const AlertPolicy& policy) {
    const auto& starts_at = code.starts_at.value;
    const auto& ends_at = code.ends_at.value;
    if (code.ended || !code.tracked || (ends_at && now >= *ends_at)) return {};
    const bool close = starts_at && now >= *starts_at - policy.before;
    if (!close && !has_entries(code.errors.value) && !has_entries(code.event_errors.value))
        return {};
    const auto obstacles = not_ready(code, now);
    CodeAlerts alerts;
    if (close && obstacles.more_than(Obstacle::not_started))
        alerts.not_in_order = what_is_wrong(obstacles, code);
    if (obstacles.has(Obstacle::error)) alerts.failed = as_sentence(errors_text(code), code);
    return alerts;
}

}  // namespace oracode::lifecycle
