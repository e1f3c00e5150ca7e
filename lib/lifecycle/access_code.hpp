// What the daemon knows about one offline access code. Plain values: copyable, comparable, no I/O.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"

namespace oracode::lifecycle {

// Seam's own words. The order is the order of a code's life; it decides between statements of the
// same instant.
enum class Status : std::uint8_t { unknown, unset, setting, set, removing };

// Where a statement came from. The numbers are stored.
enum class Source : std::uint8_t { webhook, poll, backfill, create, track, clock };

enum class EndReason : std::uint8_t { removed, deleted, expired };

[[nodiscard]] std::string_view name(Status status);
[[nodiscard]] std::string_view name(Source source);
[[nodiscard]] std::string_view name(EndReason reason);
[[nodiscard]] std::optional<Status> parse_status(std::string_view text);

// What one statement says about where a code stands. Declared in ascending order: of two statements
// of the same instant the later enumerator is believed. `seen` and `created` only hold while
// nothing else is known, whatever their instant. The numbers are stored.
enum class LifecycleStep : std::uint8_t {
    seen,
    created,
    unknown,
    unset,
    setting,
    set,
    removing,
    removed,
    deleted,
    planned  // an object that is unset and has its creation pending
};

// True for answers in which Seam shows the code itself, which outrank an event of the same instant.
[[nodiscard]] constexpr bool shows_the_object(Source source) {
    return source == Source::poll || source == Source::create || source == Source::track;
}

// One statement of Seam about a code's status.
struct Observation {
    Timestamp at;
    LifecycleStep step{};
    Source source{};

    friend bool operator==(const Observation&, const Observation&) = default;
};

// When a fact was stated, and whether by Seam's object itself.
struct Stamp {
    Timestamp at = Timestamp::min();
    bool by_object = false;

    friend auto operator<=>(const Stamp&, const Stamp&) = default;
};

// A fact that the latest statement decides. Equal stamps are decided by the greater value, so that
// the result does not depend on the order of arrival. A default-stamped fact has never been stated.
template <class T>
struct LatestValue {
    T value{};
    Stamp stamp;

    void merge(const T& other, Stamp when) {
        if (when > stamp || (when == stamp && other > value)) {
            value = other;
            stamp = when;
        }
    }
    friend bool operator==(const LatestValue&, const LatestValue&) = default;
};

// The start or the end of a window. That there is none any more is believed when two statements
// later than the value say so: one answer without it may be one that merely left it out.
struct WindowEdge {
    std::optional<Timestamp> value;
    Stamp stamp;                    // of the latest statement that named an instant
    std::array<Stamp, 2> denied{};  // the latest that said "none" after it, the last one first

    void merge(const std::optional<Timestamp>& instant, Stamp when);
    // Whether anything was said about it, also that there is none.
    [[nodiscard]] bool stated() const { return stamp != Stamp{} || denied[0] != Stamp{}; }
    // One statement denies the value, and the second is still to come.
    [[nodiscard]] bool doubted() const { return value.has_value() && denied[0] != Stamp{}; }
    friend bool operator==(const WindowEdge&, const WindowEdge&) = default;
};

struct Ended {
    EndReason reason{};
    Timestamp at;

    friend bool operator==(const Ended&, const Ended&) = default;
};

struct AccessCode {
    std::string access_code_id;
    std::string device_id;
    std::string workspace_id;
    std::string connected_account_id;

    LatestValue<std::optional<std::string>> name;
    LatestValue<std::optional<std::string>> code;  // the PIN: never logged
    LatestValue<std::optional<std::string>> type;
    LatestValue<std::optional<bool>> is_offline_access_code;
    WindowEdge starts_at;
    WindowEdge ends_at;
    LatestValue<std::optional<Timestamp>> created_at;
    // JSON texts as Seam sent them: arrays, and for the metadata an object. An object of Seam has
    // all errors and warnings; an event has those of the code alone, kept apart while no later
    // object is known.
    LatestValue<std::optional<std::string>> errors;
    LatestValue<std::optional<std::string>> warnings;
    LatestValue<std::optional<std::string>> event_errors;
    LatestValue<std::optional<std::string>> event_warnings;
    LatestValue<std::optional<std::string>> pending_mutations;
    LatestValue<std::optional<std::string>> dormakaba_oracode_metadata;
    LatestValue<std::optional<bool>> is_waiting_for_code_assignment;
    LatestValue<std::optional<bool>> is_scheduled_on_device;
    // By Seam's objects alone, so that its stamp is that of the latest one.
    LatestValue<bool> managed{.value = true, .stamp = {}};
    Stamp altered;  // the latest event of a change outside Seam; default: none

    std::optional<std::string> external_id;  // the caller's own reference
    // Looks at Seam since the latest object that did not find the code, in their order.
    std::vector<Timestamp> missing_looks;

    // Every statement about the status, in the order in which it is believed; the fields below
    // follow from it.
    std::vector<Observation> observations;
    std::optional<Timestamp> clock_at;  // latest instant at which our own clock looked at this code

    Status status = Status::unknown;
    Timestamp status_since;
    Source status_source{};
    std::optional<Ended> ended;

    bool refetch = false;  // something happened that only a fetch can tell
    std::optional<Timestamp> expected_by;
    std::optional<Timestamp> next_poll_at;
    std::optional<Timestamp> last_polled_at;
    bool tracked = true;                  // false: a caller untracked it
    std::int32_t polls_without_news = 0;  // answers and failures since something was last learned

    std::int64_t version = 0;  // how many distinct statements were applied; 0: never seen
    // When the last of them was recorded; a partial one that changed nothing does not count.
    Timestamp updated_at;

    friend bool operator==(const AccessCode&, const AccessCode&) = default;
};

// The lists that a reader sees: a `set` clears the setting errors and warnings stated before it.
[[nodiscard]] std::string visible_errors(const AccessCode& code);
[[nodiscard]] std::string visible_warnings(const AccessCode& code);

// Why a PIN does not open the door, in the words of the API.
enum class Obstacle : std::uint8_t {
    ended,
    not_set,
    no_window,  // it is not known yet
    not_started,
    error,     // about the code itself: an offline code does not mind that its device is offline
    changing,  // Seam is about to change or delete it
    no_pin,    // it waits for its assignment
    missing,
    unmanaged,
    altered  // outside Seam
};
inline constexpr std::size_t obstacle_count = 10;

[[nodiscard]] std::string_view name(Obstacle obstacle);

// A set of obstacles.
class Obstacles {
public:
    constexpr Obstacles() = default;
    constexpr void add(Obstacle obstacle) { bits_ |= bit(obstacle); }
    [[nodiscard]] constexpr bool has(Obstacle obstacle) const {
        return (bits_ & bit(obstacle)) != 0;
    }
    [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
    // True when there is one besides `obstacle`.
    [[nodiscard]] constexpr bool more_than(Obstacle obstacle) const {
        return (bits_ & ~bit(obstacle)) != 0;
    }
    // In the order of their declaration.
    [[nodiscard]] std::vector<Obstacle> list() const;
    [[nodiscard]] constexpr unsigned bits() const { return bits_; }
    friend constexpr bool operator==(Obstacles, Obstacles) = default;

private:
    static constexpr unsigned bit(Obstacle obstacle) {
        return 1U << static_cast<unsigned>(obstacle);
    }
    unsigned bits_ = 0;
};

// All that keeps the PIN from opening the door at `now`. Parses JSON only where Seam stated errors,
// warnings or mutations.
[[nodiscard]] Obstacles not_ready(const AccessCode& code, Timestamp now);

// Nothing keeps the PIN from opening the door at `now`. A code whose window is not known yet is not
// ready, as Seam sets codes of some makes up to 72 hours ahead of their start.
[[nodiscard]] inline bool ready(const AccessCode& code, Timestamp now) {
    return not_ready(code, now).empty();
}

// The first of the consecutive looks that did not find the code.
[[nodiscard]] std::optional<Timestamp> missing_since(const AccessCode& code);

// Past `expected_by` by more than `grace` without an event.
[[nodiscard]] bool overdue(const AccessCode& code, Timestamp now, Duration grace);

// The first moment behind `now` at which `not_ready` or `overdue` may come out differently without
// any news; Timestamp::max() where there is none.
[[nodiscard]] Timestamp next_turn(const AccessCode& code, Timestamp now, Duration grace);

}  // namespace oracode::lifecycle
