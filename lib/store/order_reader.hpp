// The reading half of what the store keeps for making codes, with the counts of a lock's codes. One
// thread; it sees the last committed state. Refusals of SQLite are Errc::store_unavailable.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "lifecycle/code_counts.hpp"
#include "store/stored_device.hpp"
#include "store/stored_order.hpp"

namespace oracode::store {

class OrderReader {
public:
    // Opens the database of a running Store. Throws StoreError.
    explicit OrderReader(const std::string& path);
    ~OrderReader();
    OrderReader(const OrderReader&) = delete;
    OrderReader& operator=(const OrderReader&) = delete;

    // Fails with Errc::not_found.
    [[nodiscard]] Result<StoredDevice> device(std::string_view device_id);
    // Up to `limit` ids, in a stable order behind `after` (empty: from the first), of the locks
    // that are kept and of those that have codes.
    [[nodiscard]] Result<std::vector<std::string>> device_ids(std::string_view after,
                                                              std::size_t limit);
    // Both cost what the lock itself has of codes, not what the store holds.
    // `overdue` is not counted.
    [[nodiscard]] Result<lifecycle::CodeCounts> count_codes(std::string_view device_id);
    [[nodiscard]] Result<std::vector<std::string>> live_codes(std::string_view device_id);

    // nullopt also for a key past `order_memory`, and for one whose order was refused.
    [[nodiscard]] Result<std::optional<StoredOrder>> order(std::string_view key, Timestamp now);

private:
    struct Statements;
    std::unique_ptr<Statements> statements_;
};

}  // namespace oracode::store
