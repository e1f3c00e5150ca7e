// The reading half of the store's SQL. Each thread has a Reader of its own, on a connection that
// can not write; it sees the last committed state. Refusals of SQLite are Errc::store_unavailable.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "lifecycle/access_code.hpp"
#include "lifecycle/apply.hpp"
#include "lifecycle/arrival.hpp"
#include "lifecycle/code_counts.hpp"
#include "store/alerts.hpp"
#include "store/code_revisions.hpp"
#include "store/notification.hpp"

namespace oracode::store {

// An event as it was received.
struct StoredEvent {
    std::string event_id;
    std::string event_type;
    Timestamp occurred_at;
    Timestamp created_at;
    Timestamp received_at;
    lifecycle::Source source{};
    std::string body;  // the payload: may carry the PIN

    friend bool operator==(const StoredEvent&, const StoredEvent&) = default;
};

struct History {
    // Those of the code itself and those of its account that changed it; by occurred_at, then
    // created_at, then event_id.
    std::vector<StoredEvent> events;
    std::vector<lifecycle::Transition> transitions;  // in the order in which they were recorded
};

struct Filter {
    std::vector<lifecycle::Status> statuses;  // any when empty
    std::optional<std::string> device_id;
    std::optional<std::string> external_id;
    // Whether the code's next step was expected by `overdue_at` and nothing was heard.
    std::optional<bool> overdue;
    Timestamp overdue_at;
    std::optional<bool> ready;  // whether the PIN opens the door at `ready_at`
    Timestamp ready_at;
    std::optional<bool> ended;
    std::optional<Timestamp> starts_before;  // codes without a start are in neither
    std::optional<Timestamp> starts_after;
    std::optional<Timestamp> updated_since;  // then or later
    // Part of the code's name or of its lock's (ASCII letters in either case), or the id of either.
    std::optional<std::string> search;
    std::size_t limit = 100;
    std::int64_t after = 0;  // `next` of the page before
};

struct CodePage {
    std::vector<lifecycle::AccessCode> codes;  // in the order in which they were first heard of
    std::optional<std::int64_t> next;
};

// Where a page of arrivals ended.
struct ArrivalPosition {
    Timestamp starts_at;
    std::int64_t code_no = 0;
};

struct ArrivalFilter {
    Timestamp starts_by;        // the window has begun, or begins, by this instant
    std::optional<bool> ready;  // whether the PIN opens the door at `ready_at`
    Timestamp ready_at;
    std::optional<std::string> device_id;
    std::size_t limit = 100;
    std::optional<ArrivalPosition> after;  // `next` of the page before
};

struct Arrival {
    lifecycle::AccessCode code;
    std::string device_object;  // Seam's JSON of the lock; empty where it is not known
};

struct ArrivalPage {
    std::vector<Arrival> arrivals;  // by `starts_at`
    std::optional<ArrivalPosition> next;
};

// An entry of the change feed.
struct Change {
    std::int64_t seq = 0;
    std::string access_code_id;
    std::string device_id;
    lifecycle::Transition transition;
    bool ready = false;                        // whether the code was, when the change was recorded
    std::optional<std::string> external_id{};  // that the code has now

    friend bool operator==(const Change&, const Change&) = default;
};

// An authentic delivery that could not be used.
struct QuarantinedDelivery {
    std::int64_t id = 0;
    Timestamp received_at;
    std::string reason;
    std::string message_id;
    std::int64_t size = 0;
    std::string body;  // as it was received, in a list left out: may carry a PIN

    friend bool operator==(const QuarantinedDelivery&, const QuarantinedDelivery&) = default;
};

// A code that Seam is to be asked about.
struct DueCode {
    std::string access_code_id;
    bool ended = false;  // asked about because it may live again: not to be found says nothing new
    std::optional<Timestamp> starts_at = std::nullopt;
    std::string workspace_id = {};  // empty: not known
    bool managed = true;
    bool missing = false;  // the last look did not find it
};

struct LiveCodes {
    std::vector<DueCode> codes;
    std::int64_t last = 0;  // where to go on
};

// What is kept beside the codes.
struct StorageFigures {
    std::int64_t quarantined = 0;  // deliveries that could not be used
    std::int64_t free_bytes = 0;   // of the database, to be used again
};

struct MarkedCode {
    lifecycle::AccessCode code;
    std::optional<CodeRevisions::Mark> mark;  // nullopt: it is being changed
};

class Reader {
public:
    // Opens the database of a running Store. Throws StoreError.
    explicit Reader(const std::string& path);
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    // Any thread, while the Reader lives: a statement that runs ends with a refusal.
    void interrupt();

    // Fails with Errc::not_found.
    [[nodiscard]] Result<lifecycle::AccessCode> find(std::string_view access_code_id);
    // The same, and by what to see that it still holds; `revisions` are of the same store.
    [[nodiscard]] Result<MarkedCode> find(std::string_view access_code_id,
                                          const CodeRevisions& revisions);
    // Fails with Errc::not_found.
    [[nodiscard]] Result<History> history(std::string_view access_code_id);
    [[nodiscard]] Result<CodePage> list(const Filter& filter);
    // Codes that have not ended, by their start. Costs what is listed.
    [[nodiscard]] Result<ArrivalPage> arrivals(const ArrivalFilter& filter);
    // Costs the codes whose stay has begun or begins within a day. `before` is alerts.before.
    [[nodiscard]] Result<lifecycle::ArrivalCounts> arrivals_not_in_order(Timestamp now,
                                                                         Duration before);
    [[nodiscard]] Result<AlertPage> alerts(const AlertFilter& filter);
    // How many are open of each AlertKind. Costs what is open.
    [[nodiscard]] Result<std::array<std::int64_t, lifecycle::alert_kind_count>> open_alerts();
    // Those are overdue whose next step was expected by `overdue_at`. Costs what is overdue.
    [[nodiscard]] Result<lifecycle::CodeCounts> counts(Timestamp overdue_at);
    // The earliest moment behind `after` by which the next step of some code is expected; nullopt
    // where none is. Throws SqliteError.
    [[nodiscard]] std::optional<Timestamp> next_expected(Timestamp after);
    [[nodiscard]] Result<StorageFigures> kept();

    // Changes behind number `after`, in the order of their commits.
    [[nodiscard]] Result<std::vector<Change>> changes(std::int64_t after, std::size_t limit);
    // From this number on the feed is complete: a client that has seen all before it has missed
    // nothing. That of the next change where none is kept. Code that removes changes notes the
    // highest number removed as the progress `changes_removed`; without such a note only the oldest
    // go.
    [[nodiscard]] Result<std::int64_t> oldest_change();

    // Those with a number below `before`, the newest first.
    [[nodiscard]] Result<std::vector<QuarantinedDelivery>> quarantine(std::int64_t before,
                                                                      std::size_t limit);
    // Fails with Errc::not_found.
    [[nodiscard]] Result<QuarantinedDelivery> quarantined(std::int64_t id);

    // Of the target `name`. A refusal of the disk is thrown as StoreError.
    [[nodiscard]] PendingHeads pending_notifications(std::string_view name);
    // By target, as those have them that have any. Costs what is pending.
    [[nodiscard]] Result<std::map<std::string, std::int64_t>> count_pending_notifications();
    // Of the alert, in the order in which they were written.
    [[nodiscard]] Result<std::vector<AlertDelivery>> deliveries(std::int64_t alert);

    // What follows serves the poller; what it costs depends on what is due, not on what is stored.
    // A refusal of the disk is thrown as StoreError.

    // Codes whose `next_poll_at` has come, the most urgent first: those whose start is nearest,
    // where one that is not known counts as now. Last the looks after a code's end.
    [[nodiscard]] std::vector<DueCode> due(Timestamp now, std::size_t limit);
    // The earliest `next_poll_at`, or a moment before it: then the answer is another once that has
    // come.
    [[nodiscard]] std::optional<Timestamp> next_due(Timestamp now);
    // Codes that have not ended although their `ends_at` has come.
    [[nodiscard]] std::vector<std::string> expired(Timestamp now, std::size_t limit);
    // The earliest `ends_at` of a code that has not ended.
    [[nodiscard]] std::optional<Timestamp> next_end();
    // Tracked codes that have not ended, in the order in which they were first heard of, behind
    // `after`.
    [[nodiscard]] LiveCodes live_codes(std::int64_t after, std::size_t limit);
    // What the poller has to know of one code; nullopt: the code is not known.
    [[nodiscard]] std::optional<DueCode> due_code(std::string_view access_code_id);
    // The earliest start of a code that Store::look_at_alerts has not come to.
    [[nodiscard]] std::optional<Timestamp> next_start();
    // Up to where every event that Seam listed is stored.
    [[nodiscard]] std::optional<Timestamp> backfilled_to();

private:
    struct Statements;

    std::unique_ptr<Statements> statements_;
};

}  // namespace oracode::store
