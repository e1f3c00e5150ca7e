// One statement about a code, from any source: a webhook, a poll answer, a backfilled event, a
// creation, the clock.
#pragma once

#include <optional>
#include <string>

#include "lifecycle/access_code.hpp"

namespace oracode::lifecycle {

// What a statement says beside the status. An absent member says nothing; a present null says
// "none".
struct Facts {
    template <class T>
    using Maybe = std::optional<std::optional<T>>;

    Maybe<std::string> name;
    Maybe<std::string> code;
    Maybe<std::string> type;
    Maybe<bool> is_offline_access_code;
    Maybe<Timestamp> starts_at;
    Maybe<Timestamp> ends_at;
    Maybe<Timestamp> created_at;
    Maybe<std::string> errors;
    Maybe<std::string> warnings;
    Maybe<std::string> pending_mutations;
    Maybe<std::string> dormakaba_oracode_metadata;
    Maybe<bool> is_waiting_for_code_assignment;
    Maybe<bool> is_scheduled_on_device;

    friend bool operator==(const Facts&, const Facts&) = default;
};

// Whether and how Seam showed the code when it was asked. `unmanaged`: by
// /access_codes/unmanaged/get. `missing`: neither endpoint knew it, in Seam's own error form, with
// a key of the code's workspace.
enum class Presence : std::uint8_t { managed, unmanaged, missing };

// Whom an event concerns: its own code, or every code under its account or device.
enum class Reach : std::uint8_t { code, account, device };

struct Event {
    Source source = Source::webhook;
    std::string
        event_id;  // empty when the statement is our own observation (poll, create, track, clock)
    std::string event_type;  // Seam's name; empty likewise
    std::string workspace_id;
    std::string access_code_id;  // empty for events that concern no single code
    std::string device_id;
    std::string connected_account_id;
    // For an answer of Seam: the moment at which the request was sent, by Seam's clock.
    Timestamp occurred_at;
    // The same moment by our own clock, which stamps what is recorded; absent: `occurred_at`.
    std::optional<Timestamp> requested_at;
    Timestamp created_at;  // with `event_id` the identity of an event

    Reach reach = Reach::code;
    std::optional<LifecycleStep> step;  // absent: leaves the status as it is
    Facts facts;
    bool refetch = false;              // the code has to be fetched to know what happened
    std::optional<Presence> presence;  // of an answer of Seam
    bool partial = false;              // a list that left out the window: the object is still due
    std::optional<std::string>
        external_id;  // the caller's own reference, when it is set or changed

    friend bool operator==(const Event&, const Event&) = default;
};

}  // namespace oracode::lifecycle
