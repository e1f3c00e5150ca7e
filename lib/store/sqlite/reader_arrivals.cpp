#include "store/sqlite/reader_statements.hpp"
#include "store/sqlite/stored_id.hpp"

namespace oracode::store {

Result<ArrivalPage> Reader::arrivals(const ArrivalFilter& filter) try {
    const StoredId device(filter.device_id ? std::string_view(*filter.device_id) : "");
    const auto after = filter.after.value_or(ArrivalPosition{Timestamp::min(), 0});
    // One more than asked for shows whether there is a next page.
    const auto most = filter.ready ? -1 : static_cast<std::int64_t>(filter.limit) + 1;
    auto rows =
        statements_->arrivals.query(after.starts_at, after.code_no, filter.starts_by, device, most);
    ArrivalPage page;
    ArrivalPosition last = after;
    while (rows.next()) {
        auto row = decode_row(rows);
        if (filter.ready && *filter.ready != lifecycle::ready(row.code, filter.ready_at)) continue;
        if (page.arrivals.size() == filter.limit) {
            page.next = last;
            break;
        }
        last = {*row.code.starts_at.value, row.code_no};
        page.arrivals.push_back({std::move(row.code), std::string(rows.bytes(code_column_count))});
    }
    return page;
} catch (const SqliteError& error) {
    return refusal(error);
}

Result<lifecycle::ArrivalCounts> Reader::arrivals_not_in_order(Timestamp now, Duration before) try {
    lifecycle::ArrivalCounts counts{};
    auto rows = statements_->starting.query(now + lifecycle::longest_arrival_span);
    while (rows.next()) lifecycle::count_arrival(counts, decode_code(rows), now, before);
    return counts;
} catch (const SqliteError& error) {
    return refusal(error);
}

}  // namespace oracode::store
