#include "lifecycle/schedule.hpp"

#include <algorithm>

#include <boost/json.hpp>

namespace oracode {
namespace {

namespace json = boost::json;

// `deferring_creation.scheduled_at`: the moment at which Seam will start programming, the best
// deadline there is.
std::optional<Timestamp> programming_starts_at(const AccessCode& code) {
    const auto& text = code.pending_mutations.value;
    if (!text || *text == "[]") return std::nullopt;
    boost::system::error_code error;
    const auto mutations = json::parse(*text, error);
    if (error || !mutations.is_array()) return std::nullopt;
    for (const auto& mutation : mutations.get_array()) {
        const auto* object = mutation.if_object();
        const auto* kind = object ? object->if_contains("mutation_code") : nullptr;
        const auto* at = object ? object->if_contains("scheduled_at") : nullptr;
        if (kind && at && kind->is_string() && kind->get_string() == "deferring_creation" &&
            at->is_string())
            return parse_rfc3339(at->get_string());
    }
    return std::nullopt;
}

// 1 to 1.25, by the code and the attempt.
double jitter(const AccessCode& code) {
    std::uint64_t hash =
        14695981039346656037ULL + static_cast<std::uint64_t>(code.polls_without_news);
    for (const char c : code.access_code_id)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    hash = (hash ^ (hash >> 32)) *
           0x9E3779B97F4A7C15ULL;  // FNV alone leaves the upper bits of short ids alike
    return 1.0 + 0.25 * static_cast<double>(hash >> 40) / static_cast<double>(1 << 24);
}

Duration spread(const AccessCode& code, Duration delay) {
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::milli>(delay) *
                                                jitter(code));
}

Duration backoff(const AccessCode& code, const PollPolicy& policy) {
    const int doublings = std::clamp(code.polls_without_news - 1, 0, 20);
    return spread(code, std::min<Duration>(policy.retry_min * (1 << doublings), policy.retry_max));
}

}  // namespace

bool details_missing(const AccessCode& code) {
    if (!code.type.value) return true;
    return *code.type.value != "ongoing" && code.ends_at.stamp == Stamp{};
}

std::optional<Timestamp> expected_by(const AccessCode& code, const PollPolicy& policy) {
    if (code.ended || !code.tracked) return std::nullopt;
    switch (code.status) {
        case Status::unset: {
            if (const auto at = programming_starts_at(code)) return at;
            const auto created = code.created_at.value.value_or(code.status_since);
            return std::max(created, code.starts_at.value.value_or(created));
        }
        case Status::set:
            return code.ends_at.value;
        case Status::setting:
        case Status::removing:
        case Status::unknown:
            return code.status_since + policy.retry_min;
    }
    return std::nullopt;
}

std::optional<Timestamp> next_poll_at(const AccessCode& code, Timestamp now,
                                      const PollPolicy& policy) {
    if (code.ended || !code.tracked) return std::nullopt;
    const auto retry_at = [&] { return code.last_polled_at.value_or(now) + backoff(code, policy); };
    if (code.refetch || details_missing(code)) {
        // Once due it keeps its place among the codes that wait.
        if (code.polls_without_news == 0) return std::min(code.next_poll_at.value_or(now), now);
        return retry_at();
    }
    if (code.status == Status::set) {
        const auto at =
            std::max(code.last_polled_at.value_or(code.status_since), code.status_since) +
            spread(code, policy.set_check);
        if (code.ends_at.value && at >= *code.ends_at.value) return std::nullopt;
        return at;
    }
    const auto late_at = expected_by(code, policy).value_or(now) + policy.grace;
    return code.polls_without_news == 0 ? late_at : std::max(late_at, retry_at());
}

std::optional<Timestamp> due_at(const AccessCode& code) {
    if (code.ended) return std::nullopt;
    const auto& end = code.ends_at.value;
    if (!code.next_poll_at) return end;
    return end ? std::min(*code.next_poll_at, *end) : *code.next_poll_at;
}

void reschedule(AccessCode& code, Timestamp now, const PollPolicy& policy) {
    code.expected_by = expected_by(code, policy);
    code.next_poll_at = next_poll_at(code, now, policy);
}

}  // namespace oracode
