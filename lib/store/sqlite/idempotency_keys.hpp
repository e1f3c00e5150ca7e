// Orders that came with an Idempotency-Key: the half that writes. Part of the Ledger, with its
// rules of thread and transaction.
#pragma once

#include <memory>
#include <string_view>

#include "core/time.hpp"
#include "store/stored_order.hpp"

namespace oracode::store {

class Database;

class IdempotencyKeys {
public:
    explicit IdempotencyKeys(Database& database);
    ~IdempotencyKeys();
    IdempotencyKeys(const IdempotencyKeys&) = delete;
    IdempotencyKeys& operator=(const IdempotencyKeys&) = delete;

    // Seam is about to be asked for the order's code. Keys past `order_memory` go.
    bool reserve(const OrderKey& key, const OrderedCode& code, Timestamp now);
    // That code was made.
    bool made(std::string_view key, std::string_view access_code_id);
    // The order has its answer. Keys past `order_memory` go.
    bool finish(const OrderKey& key, const OrderAnswer& answer, Timestamp now);
    // Nothing came of the order: its key is free again.
    bool release(std::string_view key);

private:
    void forget_old(Timestamp now);

    struct Statements;
    std::unique_ptr<Statements> statements_;
};

}  // namespace oracode::store
