#include "lifecycle/schedule.hpp"

#include <algorithm>
#include <array>

#include "lifecycle/seam_words.hpp"

namespace oracode::lifecycle {
namespace {

std::optional<Timestamp> programming_starts_at(const AccessCode& code) {
    const auto& mutations = code.pending_mutations.value;
    return mutations ? seam_words::creation_deferred_to(*mutations) : std::nullopt;
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

// From `lead` before the start to the end: when a guest may stand at the door.
bool is_near(const AccessCode& code, Timestamp at, const PollPolicy& policy) {
    const auto& starts_at = code.starts_at.value;
    const auto& ends_at = code.ends_at.value;
    const bool before_end = ends_at ? at < *ends_at : code.type.value == "ongoing";
    return before_end && !(starts_at && at < *starts_at - policy.lead);
}

Duration backoff(const AccessCode& code, Timestamp last, const PollPolicy& policy) {
    const int doublings = std::clamp(code.polls_without_news - 1, 0, 20);
    // Something says that an ended code lives: its window may have changed, too.
    const bool near =
        code.ended ? code.refetch
                   : is_near(code, last, policy) || is_near(code, last + policy.retry_max, policy);
    const auto longest = near ? std::min(policy.retry_max, policy.check_set) : policy.retry_max;
    return spread(code, std::min<Duration>(policy.retry_min * (1 << doublings), longest));
}

Timestamp retry_at(const AccessCode& code, Timestamp now, const PollPolicy& policy) {
    const auto last = code.last_polled_at.value_or(now);
    return last + backoff(code, last, policy);
}

// Looks that no event caused are taken together, so that one request asks about many codes.
Timestamp on_the_grid(Timestamp at, Duration interval) {
    constexpr Duration coarsest = std::chrono::minutes{1};
    const auto step = std::max(Duration{1}, std::min(coarsest, interval / 15));
    return Timestamp{at.time_since_epoch() / step * step};
}

// The next comparison of a code about which nothing is awaited. The last one was at `last`.
Timestamp next_comparison(const AccessCode& code, Timestamp last, const PollPolicy& policy) {
    const auto seldom = on_the_grid(last + spread(code, policy.set_check), policy.set_check);
    // Without an end the stay, once begun, goes on.
    // Out of Seam's hands it is not ready, and no list shows it: every look costs a request.
    const auto longest = code.managed.value ? policy.check_set : 2 * policy.check_set;
    // 0.8 to 1 of the time, so that it is never longer.
    const auto often = Duration{
        static_cast<std::int64_t>(static_cast<double>(longest.count()) * jitter(code) / 1.25)};
    const auto share =
        std::chrono::duration_cast<Duration>(policy.check_set * (jitter(code) - 1.0));
    const auto near = code.starts_at.value ? *code.starts_at.value - policy.lead + share : last;
    return std::min(seldom, on_the_grid(std::max(near, last + often), policy.check_set));
}

// Not found: asked again after 1, 5 and 30 minutes, until it has ended.
Timestamp next_look_for_the_missing(const AccessCode& code) {
    using std::chrono::minutes;
    constexpr std::array<Duration, 3> after{minutes{1}, minutes{5}, minutes{30}};
    const auto& looks = code.missing_looks;
    const auto at = looks.front() + after.at(std::min(looks.size(), after.size()) - 1);
    // Also when some were not answered.
    return std::max(at, code.last_polled_at.value_or(looks.back()) + after.front());
}

constexpr Duration patience_after_the_end = std::chrono::hours{24};

// Looks alone have ended it. Should Seam have lost it for a while, nothing else would tell.
bool is_given_up(const AccessCode& code) {
    return code.ended->reason == EndReason::deleted && !code.missing_looks.empty() &&
           code.missing_looks.front() == code.ended->at;
}

std::optional<Timestamp> look_for_the_given_up(const AccessCode& code, Timestamp now,
                                               const PollPolicy& policy) {
    auto at = code.last_polled_at.value_or(now) + spread(code, policy.retry_max);
    // The last one got no answer that could be used.
    if (code.polls_without_news != 0) at = std::min(at, retry_at(code, now, policy));
    const auto until = code.ended->at + patience_after_the_end;
    return std::max(at, now) < until ? std::optional{at} : std::nullopt;
}

// A stay may have been extended without a word: one look after its end, tried for a day.
std::optional<Timestamp> look_after_the_end(const AccessCode& code, Timestamp now,
                                            const PollPolicy& policy) {
    if (is_given_up(code)) return look_for_the_given_up(code, now, policy);
    if (code.ended->reason != EndReason::expired || !code.ends_at.value) return std::nullopt;
    const auto end = *code.ends_at.value;
    // A list may show the code without its window.
    const bool looked = std::max(code.ends_at.stamp, code.ends_at.denied[0]).at >= end ||
                        (!code.missing_looks.empty() && code.missing_looks.back() >= end);
    if (looked) return std::nullopt;
    const bool tried = code.last_polled_at && *code.last_polled_at >= end;
    const auto at = tried ? retry_at(code, now, policy) : end + policy.grace;
    return std::max(at, now) < end + patience_after_the_end ? std::optional{at} : std::nullopt;
}

}  // namespace

bool details_missing(const AccessCode& code) {
    if (!code.type.value) return true;
    return *code.type.value != "ongoing" && !(code.starts_at.stated() && code.ends_at.stated());
}

std::optional<Timestamp> expected_by(const AccessCode& code, const PollPolicy& policy) {
    if (code.ended || !code.tracked) return std::nullopt;
    switch (code.status) {
        case Status::unset: {
            const auto created = code.created_at.value.value_or(code.status_since);
            // A code that the device itself starts is set at its start.
            const auto lead = code.is_scheduled_on_device.value == true ? Duration{} : policy.lead;
            const auto& starts_at = code.starts_at.value;
            const auto at = std::max(created, starts_at ? *starts_at - lead : created);
            return std::min(at, programming_starts_at(code).value_or(at));
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
    if (!code.tracked) return std::nullopt;
    const bool incomplete = !code.ended && code.missing_looks.empty() && details_missing(code);
    if (code.refetch || incomplete) {
        // Once due it keeps its place among the codes that wait.
        if (code.polls_without_news == 0) return std::min(code.next_poll_at.value_or(now), now);
        constexpr int patience_with_the_ended = 30;  // more than six hours
        if (code.ended && code.polls_without_news > patience_with_the_ended)
            return look_after_the_end(code, now, policy);
        return retry_at(code, now, policy);
    }
    if (code.ended) return look_after_the_end(code, now, policy);
    if (!code.missing_looks.empty()) return next_look_for_the_missing(code);
    const auto last = std::max(code.last_polled_at.value_or(code.status_since), code.status_since);
    if (code.status == Status::set) {
        auto at = next_comparison(code, last, policy);
        // The last one got no answer that could be used.
        if (code.polls_without_news != 0) at = std::min(at, retry_at(code, now, policy));
        if (code.ends_at.value && at >= *code.ends_at.value) return std::nullopt;
        return at;
    }
    const auto late_at = expected_by(code, policy).value_or(now) + policy.grace;
    if (code.polls_without_news != 0) return std::max(late_at, retry_at(code, now, policy));
    return std::min(late_at, on_the_grid(last + spread(code, policy.set_check), policy.set_check));
}

std::optional<Timestamp> due_at(const AccessCode& code) {
    if (code.ended) return code.next_poll_at;
    const auto& end = code.ends_at.value;
    if (!code.next_poll_at) return end;
    return end ? std::min(*code.next_poll_at, *end) : *code.next_poll_at;
}

void reschedule(AccessCode& code, Timestamp now, const PollPolicy& policy) {
    code.expected_by = expected_by(code, policy);
    code.next_poll_at = next_poll_at(code, now, policy);
}

}  // namespace oracode::lifecycle
