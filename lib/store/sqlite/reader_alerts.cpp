#include "store/sqlite/reader_statements.hpp"
#include "store/sqlite/stored_id.hpp"

namespace oracode::store {

Result<AlertPage> Reader::alerts(const AlertFilter& filter) try {
    const StoredId code(filter.access_code_id ? std::string_view(*filter.access_code_id) : "");
    auto& s = *statements_;
    // One more than asked for shows whether there is a next page.
    const auto most = filter.limit + 1;
    auto rows = filter.access_code_id
                    ? s.alerts_of_code.query(filter.before, filter.open, filter.kind, most, code)
                : filter.open == true
                    ? s.alerts_open.query(filter.before, filter.open, filter.kind, most)
                    : s.alerts.query(filter.before, filter.open, filter.kind, most);
    AlertPage page;
    while (rows.next()) {
        if (page.alerts.size() == filter.limit) {
            page.next = page.alerts.back().id;
            break;
        }
        page.alerts.push_back({.id = rows.integer(0),
                               .kind = rows.word<lifecycle::AlertKind>(1),
                               .access_code_id = read_id(rows, 5),
                               .device_id = read_id(rows, 6),
                               .opened_at = rows.instant(2),
                               .closed_at = rows.maybe_instant(3),
                               .detail = std::string(rows.bytes(4))});
    }
    return page;
} catch (const SqliteError& error) {
    return refusal(error);
}

Result<std::array<std::int64_t, lifecycle::alert_kind_count>> Reader::open_alerts() try {
    std::array<std::int64_t, lifecycle::alert_kind_count> open{};
    auto rows = statements_->open_alerts.query();
    while (rows.next()) open.at(static_cast<std::size_t>(rows.integer(0))) = rows.integer(1);
    return open;
} catch (const SqliteError& error) {
    return refusal(error);
}

std::optional<Timestamp> Reader::next_start() {
    auto rows = statements_->next_start.query();
    return rows.next() ? rows.maybe_instant(0) : std::nullopt;
}

}  // namespace oracode::store
