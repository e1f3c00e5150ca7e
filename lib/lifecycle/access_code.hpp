// What the daemon knows about one offline access code. Plain values: copyable, comparable, no I/O.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"

namespace oracode {

// Seam's own words. The order is the order of a code's life; it decides between statements of the
// same instant.
enum class Status : std::uint8_t { unknown, unset, setting, set, removing };

// Who told us. The numbers are stored.
enum class Source : std::uint8_t { webhook, poll, backfill, create, track, clock };

enum class EndReason : std::uint8_t { removed, deleted, expired };

[[nodiscard]] std::string_view name(Status status);
[[nodiscard]] std::string_view name(Source source);
[[nodiscard]] std::string_view name(EndReason reason);
[[nodiscard]] std::optional<Status> parse_status(std::string_view text);

// What one statement says about where a code stands. Declared in ascending order: of two statements
// of the same instant the later enumerator is believed. `seen` and `created` only hold while
// nothing else is known, whatever their instant. The numbers are stored.
enum class News : std::uint8_t {
    seen,
    created,
    unknown,
    unset,
    setting,
    set,
    removing,
    removed,
    deleted
};

// True for answers in which Seam shows the code itself, which outrank an event of the same instant.
[[nodiscard]] constexpr bool shows_the_object(Source source) {
    return source == Source::poll || source == Source::create || source == Source::track;
}

// One statement of Seam about a code's status.
struct Observation {
    Timestamp at;
    News news{};
    Source source{};

    friend bool operator==(const Observation&, const Observation&) = default;
};

// When a fact was told, and whether by Seam's object itself.
struct Stamp {
    Timestamp at = Timestamp::min();
    bool by_object = false;

    friend auto operator<=>(const Stamp&, const Stamp&) = default;
};

// A fact that the latest statement decides. Equal stamps are decided by the greater value, so that
// the result does not depend on the order of arrival. A default-stamped fact has never been told.
template <class T>
struct Told {
    T value{};
    Stamp stamp;

    void merge(const T& other, Stamp when) {
        if (when > stamp || (when == stamp && other > value)) {
            value = other;
            stamp = when;
        }
    }
    friend bool operator==(const Told&, const Told&) = default;
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

    Told<std::optional<std::string>> name;
    Told<std::optional<std::string>> code;  // the PIN: never logged
    Told<std::optional<std::string>> type;
    Told<std::optional<bool>> is_offline_access_code;
    Told<std::optional<Timestamp>> starts_at;
    Told<std::optional<Timestamp>> ends_at;
    Told<std::optional<Timestamp>> created_at;
    // JSON texts as Seam sent them: arrays, and for the metadata an object.
    Told<std::optional<std::string>> errors;
    Told<std::optional<std::string>> warnings;
    Told<std::optional<std::string>> pending_mutations;
    Told<std::optional<std::string>> dormakaba_oracode_metadata;
    Told<std::optional<bool>> is_waiting_for_code_assignment;
    Told<bool> managed{.value = true, .stamp = {}};

    std::optional<std::string> external_id;  // the caller's own reference
    // Looks at Seam that did not find the code, one after the other; empty once it was found again.
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
    bool tracked = true;                  // false: somebody asked us to leave Seam alone about it
    std::int32_t polls_without_news = 0;  // answers and failures since something was last learned

    std::int64_t version = 0;  // how many distinct statements were applied; 0: never seen
    Timestamp updated_at;      // when the last of them was recorded

    friend bool operator==(const AccessCode&, const AccessCode&) = default;
};

// The lists that a reader sees: a `set` clears the setting errors and warnings told before it.
[[nodiscard]] std::string visible_errors(const AccessCode& code);
[[nodiscard]] std::string visible_warnings(const AccessCode& code);

// Set, inside its window, not ended, no errors: the PIN opens the door at `now`. A code whose
// window has not been told yet is not ready, as Seam sets codes up to 72 hours ahead of their
// start.
[[nodiscard]] bool ready(const AccessCode& code, Timestamp now);

// Past `expected_by` by more than `grace` without news.
[[nodiscard]] bool overdue(const AccessCode& code, Timestamp now, Duration grace);

}  // namespace oracode
