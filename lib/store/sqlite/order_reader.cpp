#include "store/order_reader.hpp"

#include "store/sqlite/reading.hpp"
#include "store/sqlite/stored_id.hpp"

namespace oracode::store {

struct OrderReader::Statements {
    explicit Statements(const std::string& path) : database(path, Database::Access::read_only) {
        prepare_for_reading(database);
        database.execute("PRAGMA cache_size = -2048");
    }

    Database database;
    Statement device{database,
                     "SELECT device_id, fetched_at, object FROM devices WHERE device_id = ?"};
    // Two seeks an id, however many codes each lock has.
    Statement next_device{
        database,
        "SELECT min(id) FROM (SELECT min(device_id) AS id FROM devices WHERE device_id > ?1 "
        "UNION ALL SELECT min(device_id) FROM access_codes INDEXED BY codes_by_device "
        "WHERE device_id > ?1)"};
    Statement counts{database,
                     "SELECT ended_reason IS NOT NULL, status, count(*) FROM access_codes "
                     "INDEXED BY codes_by_device WHERE device_id = ? GROUP BY 1, 2"};
    Statement live_codes{database,
                         "SELECT access_code_id FROM access_codes INDEXED BY codes_by_device "
                         "WHERE device_id = ? AND ended_reason IS NULL"};
    Statement order{database,
                    "SELECT digest, ordered_at, starts_at, ends_at, asked_at, access_code_id, "
                    "status, location, body FROM orders "
                    "WHERE idempotency_key = ? AND ordered_at >= ? "
                    // Version 0.1.0 kept refusals, too; they leave a key free.
                    "AND (status IS NULL OR status < 400)"};
};

OrderReader::OrderReader(const std::string& path)
    : statements_(std::make_unique<Statements>(path)) {}

OrderReader::~OrderReader() = default;

Result<StoredDevice> OrderReader::device(std::string_view device_id) try {
    const StoredId id(device_id);
    auto rows = statements_->device.query(id);
    if (!rows.next()) return Error{Errc::not_found, "no such lock"};
    return StoredDevice{read_id(rows, 0), rows.instant(1), std::string(rows.bytes(2))};
} catch (const SqliteError& error) {
    return refusal(error);
}

Result<std::vector<std::string>> OrderReader::device_ids(std::string_view after,
                                                         std::size_t limit) try {
    std::vector<std::string> ids;
    std::string last(after);
    while (ids.size() < limit) {
        // The empty text comes before every id in SQLite's order; as an id it would be NULL.
        const StoredId id(last);
        auto rows = last.empty() ? statements_->next_device.query(std::string_view(""))
                                 : statements_->next_device.query(id);
        if (!rows.next() || rows.is_null(0)) break;
        last = read_id(rows, 0);
        ids.push_back(last);
    }
    return ids;
} catch (const SqliteError& error) {
    return refusal(error);
}

Result<lifecycle::CodeCounts> OrderReader::count_codes(std::string_view device_id) try {
    lifecycle::CodeCounts counts;
    const StoredId id(device_id);
    auto rows = statements_->counts.query(id);
    while (rows.next()) {
        const auto status = static_cast<std::size_t>(rows.integer(1));
        if (rows.integer(0) != 0) {
            counts.ended += rows.integer(2);
        } else if (status < counts.live.size()) {
            counts.live.at(status) += rows.integer(2);
        }
    }
    return counts;
} catch (const SqliteError& error) {
    return refusal(error);
}

Result<std::vector<std::string>> OrderReader::live_codes(std::string_view device_id) try {
    std::vector<std::string> ids;
    const StoredId id(device_id);
    auto rows = statements_->live_codes.query(id);
    while (rows.next()) ids.push_back(read_id(rows, 0));
    return ids;
} catch (const SqliteError& error) {
    return refusal(error);
}

Result<std::optional<StoredOrder>> OrderReader::order(std::string_view key, Timestamp now) try {
    auto rows = statements_->order.query(key, now - order_memory);
    if (!rows.next()) return std::optional<StoredOrder>{};
    StoredOrder order;
    order.digest = rows.bytes(0);
    order.ordered_at = rows.instant(1);
    if (!rows.is_null(4))
        order.requested = OrderedCode{rows.instant(2), rows.instant(3), rows.instant(4)};
    order.access_code_id = read_id(rows, 5);
    if (!rows.is_null(6))
        order.answer = OrderAnswer{static_cast<unsigned>(rows.integer(6)),
                                   std::string(rows.bytes(7)), std::string(rows.bytes(8))};
    return std::optional{std::move(order)};
} catch (const SqliteError& error) {
    return refusal(error);
}

}  // namespace oracode::store
