#include <algorithm>

#include "store/sqlite/reader_statements.hpp"
#include "store/sqlite/stored_id.hpp"

namespace oracode::store {
namespace {

constexpr unsigned bit(lifecycle::Status status) {
    return 1U << static_cast<unsigned>(status);
}

constexpr unsigned every_status = bit(lifecycle::Status::unknown) | bit(lifecycle::Status::unset) |
                                  bit(lifecycle::Status::setting) | bit(lifecycle::Status::set) |
                                  bit(lifecycle::Status::removing);
constexpr unsigned passing = bit(lifecycle::Status::unknown) | bit(lifecycle::Status::setting) |
                             bit(lifecycle::Status::removing);

}  // namespace

// What a filter leaves open is NULL. A code that has ended is `unset`.
std::string Reader::Statements::list_of(std::string_view source) {
    return fmt::format(
        "SELECT {} FROM access_codes {} code_no > ?1 AND (?2 >> status & 1) "
        "AND (?3 IS NULL OR ?3 = (awaited_by IS NOT NULL AND awaited_by <= ?4)) "
        "AND (?6 IS NULL OR device_id = ?6) "
        "AND (?7 IS NULL OR ?7 = (ended_reason IS NOT NULL)) "
        "AND (?8 IS NULL OR starts_at < ?8) AND (?9 IS NULL OR starts_at > ?9) "
        "AND (?10 IS NULL OR updated_at >= ?10) "
        "AND (?13 IS NULL OR external_id = ?13) "
        "AND (?11 IS NULL OR mentions(?11, name) OR access_code_id = ?12 "
        "OR mentions(?11, external_id) "
        "OR device_id = ?12 OR device_id IN (SELECT device_id FROM devices WHERE "
        "mentions(?11, coalesce(object ->> 'display_name', object ->> 'nickname', "
        "object ->> '$.properties.name')))) "
        "ORDER BY code_no LIMIT ?5",
        code_columns, source);
}

// The way that leaves out most. Those by update time alone look at every code: an index would be
// written with every event, and who wants to follow the codes has the change feed.
Statement& Reader::Statements::list(unsigned statuses, const Filter& filter) {
    if (filter.external_id) return list_of_external_id;
    if (filter.device_id) return list_of_device;
    if (filter.overdue == true) return list_overdue;
    if ((statuses & ~passing) == 0) return list_passing;
    // Most codes have started; those that have not are few.
    if (filter.starts_after) return list_by_start;
    const bool none_ended =
        (statuses & bit(lifecycle::Status::unset)) == 0 || filter.ended == false;
    return none_ended ? list_live : list_all;
}

Result<CodePage> Reader::list(const Filter& filter) try {
    unsigned statuses = 0;
    for (const auto status : filter.statuses) statuses |= bit(status);
    if (statuses == 0) statuses = every_status;
    if (filter.ready == true) statuses &= bit(lifecycle::Status::set);
    if (statuses == 0) return CodePage{};

    auto& statement = statements_->list(statuses, filter);
    const StoredId device(filter.device_id ? std::string_view(*filter.device_id) : "");
    const StoredId sought(filter.search ? std::string_view(*filter.search) : "");
    const auto words = filter.search ? std::optional(folded(*filter.search)) : std::nullopt;
    // One more than asked for shows whether there is a next page. Whether a code is ready is
    // decided by its errors too, which are not columns.
    const auto most = filter.ready ? -1 : static_cast<std::int64_t>(filter.limit) + 1;
    auto rows = statement.query(filter.after, statuses, filter.overdue, filter.overdue_at, most,
                                device, filter.ended, filter.starts_before, filter.starts_after,
                                filter.updated_since, words, sought, filter.external_id);
    CodePage page;
    std::int64_t last = filter.after;
    while (rows.next()) {
        auto row = decode_row(rows);
        if (filter.ready && *filter.ready != lifecycle::ready(row.code, filter.ready_at)) continue;
        if (page.codes.size() == filter.limit) {
            page.next = last;
            break;
        }
        last = row.code_no;
        page.codes.push_back(std::move(row.code));
    }
    return page;
} catch (const SqliteError& error) {
    return refusal(error);
}

Result<std::vector<Change>> Reader::changes(std::int64_t after, std::size_t limit) try {
    std::vector<Change> changes;
    auto rows = statements_->changes.query(after, limit);
    while (rows.next()) {
        auto& change = changes.emplace_back();
        change.seq = rows.integer(0);
        change.transition = decode_transition(rows);
        change.ready = rows.integer(6) != 0;
        change.access_code_id = read_id(rows, 9);
        change.device_id = read_id(rows, 10);
        change.external_id = rows.maybe_text(11);
    }
    return changes;
} catch (const SqliteError& error) {
    return refusal(error);
}

Result<std::int64_t> Reader::oldest_change() try {
    auto rows = statements_->oldest_change.query();
    return rows.next() ? rows.integer(0) : 1;
} catch (const SqliteError& error) {
    return refusal(error);
}

Result<lifecycle::CodeCounts> Reader::counts(Timestamp overdue_at) try {
    const Transaction snapshot(statements_->database, Transaction::Kind::read);
    lifecycle::CodeCounts counts;
    auto rows = statements_->counts.query();
    while (rows.next()) {
        const auto standing = static_cast<std::size_t>(rows.integer(0));
        (standing < counts.live.size() ? counts.live.at(standing) : counts.ended) = rows.integer(1);
    }
    auto overdue = statements_->overdue.query(overdue_at);
    if (overdue.next()) counts.overdue = overdue.integer(0);
    return counts;
} catch (const SqliteError& error) {
    return refusal(error);
}

Result<std::vector<QuarantinedDelivery>> Reader::quarantine(std::int64_t before,
                                                            std::size_t limit) try {
    std::vector<QuarantinedDelivery> items;
    auto rows = statements_->quarantine.query(before, limit);
    while (rows.next())
        items.push_back({rows.integer(0),
                         rows.instant(1),
                         std::string(rows.bytes(2)),
                         std::string(rows.bytes(3)),
                         rows.integer(4),
                         {}});
    return items;
} catch (const SqliteError& error) {
    return refusal(error);
}

Result<QuarantinedDelivery> Reader::quarantined(std::int64_t id) try {
    auto rows = statements_->quarantined.query(id);
    if (!rows.next()) return Error{Errc::not_found, "nothing of this number in quarantine"};
    return QuarantinedDelivery{rows.integer(0),
                               rows.instant(1),
                               std::string(rows.bytes(2)),
                               std::string(rows.bytes(3)),
                               rows.integer(4),
                               std::string(rows.bytes(5))};
} catch (const SqliteError& error) {
    return refusal(error);
}

}  // namespace oracode::store
