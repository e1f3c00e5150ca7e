// What the poller asks Seam, what an answer shows, and what an answer asks of the store. Plain
// values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <boost/json/array.hpp>

#include "core/result.hpp"
#include "lifecycle/event.hpp"
#include "poller/backfill.hpp"
#include "seam/breaker.hpp"
#include "store/reader.hpp"
#include "store/statement_batch.hpp"

namespace oracode::poller {

// The key's workspace.
struct GetWorkspace {};
// A page of a list by ids.
struct ListCodes {
    std::vector<store::DueCode> codes;
    // Set when the list is part of the look at all codes: where that look began.
    std::optional<std::int64_t> swept_from = std::nullopt;
    std::optional<std::string> cursor = std::nullopt;  // of a page behind the first
    std::set<std::string> shown = {};                  // by the pages before
    std::size_t pages = 0;                             // before this one
    bool queued = false;                               // it waited among the planner's lists
};
struct GetCode {
    std::string access_code_id;
    lifecycle::Source source =
        lifecycle::Source::poll;  // track: the store may not know the code yet
    std::optional<Timestamp> starts_at = std::nullopt;
    std::string workspace_id = {};  // as the store knows it; empty: not known
    bool unmanaged = false;         // asks the endpoint of unmanaged codes
    bool other_unknown = false;     // the other endpoint did not know the code
    bool ended = false;             // as the store knows it
    bool missing = false;           // the last look did not find it
    bool discovered = false;        // not known to the store, and perhaps no offline code
};
// The question about a code that the store knows.
[[nodiscard]] GetCode get_of(const store::DueCode& code);
struct ListEvents {
    TimeRange window;
};
// Pages of all devices, and of the codes of one lock.
struct ListDevices {
    std::optional<std::string> cursor = std::nullopt;
};
struct ListLockCodes {
    std::string device_id;
    std::optional<std::string> cursor = std::nullopt;
};
using Request =
    std::variant<GetWorkspace, ListCodes, GetCode, ListEvents, ListDevices, ListLockCodes>;

// Seam's path.
[[nodiscard]] std::string_view name(const Request& request);

// Far beyond what an account or a lock holds: a list that goes on is a mistake of Seam's.
inline constexpr std::size_t most_pages = 1000;

// What an answer showed: codes, one object, events or devices.
struct Shown {
    boost::json::array items;
    Timestamp sent_at;  // when the request was sent, by our clock
    std::optional<Timestamp> received_at = std::nullopt;
    std::optional<Timestamp> seam_date = std::nullopt;  // the answer's Date header
    std::optional<std::string> next_page_cursor = std::nullopt;
    std::string seam_request_id = {};
};

using Statement = store::EventWithPayload;

// What came of a question about one code.
struct Settled {
    std::string access_code_id;
    Result<void> outcome;
};

// What an answer asks of the store. All of it is to be done before the next request is planned.
struct Effects {
    std::vector<Statement> statements;
    // Codes that were asked about in vain: their next poll backs off.
    std::vector<std::string> unanswered;
    std::optional<Timestamp> backfilled_to;
    bool events_lost = false;  // one microsecond holds more events than Seam shows
    std::optional<seam::BreakerState> breaker_changed;
    std::optional<Settled> settled;
};

}  // namespace oracode::poller
