// The writing half of what the store keeps for making codes: locks as Seam showed them, and orders
// that came with an Idempotency-Key. Part of the Ledger, with its rules of thread and transaction.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/time.hpp"

namespace oracode {

// A lock as Seam showed it last.
struct StoredDevice {
    std::string device_id;
    Timestamp fetched_at;
    std::string object;  // the used part of Seam's JSON
};

// The answer that an order got, to be given again.
struct OrderAnswer {
    unsigned status = 0;
    std::string location;  // empty: none
    std::string body;

    friend bool operator==(const OrderAnswer&, const OrderAnswer&) = default;
};

// What Seam is asked to make for an order.
struct OrderedCode {
    Timestamp starts_at;
    Timestamp ends_at;
    Timestamp requested_at;

    friend bool operator==(const OrderedCode&, const OrderedCode&) = default;
};

struct StoredOrder {
    std::string digest;
    Timestamp ordered_at;
    std::optional<OrderedCode> requested;  // nullopt: Seam was never asked
    std::string access_code_id;            // empty: no code is known to have come of it
    std::optional<OrderAnswer> answer;     // nullopt: it got none

    friend bool operator==(const StoredOrder&, const StoredOrder&) = default;
};

// A key is remembered this long, whatever became of its order.
inline constexpr Duration order_memory = std::chrono::hours{24};

}  // namespace oracode

namespace oracode::store {

class Database;

class IdempotencyKeys {
public:
    explicit IdempotencyKeys(Database& database);
    ~IdempotencyKeys();
    IdempotencyKeys(const IdempotencyKeys&) = delete;
    IdempotencyKeys& operator=(const IdempotencyKeys&) = delete;

    // An older snapshot does not replace a newer one.
    bool keep_device(const StoredDevice& device);
    bool forget_device(std::string_view device_id);
    // Seam's whole list was seen from `since` on: locks not shown since then are gone.
    bool forget_devices_before(Timestamp since);

    // Seam is about to be asked for the order's code. Keys past `order_memory` go.
    bool ask(std::string_view key, std::string_view digest, const OrderedCode& code, Timestamp now);
    // That code was made.
    bool made(std::string_view key, std::string_view access_code_id);
    // The order has its answer.
    bool answer(std::string_view key, std::string_view digest, const OrderAnswer& answer,
                Timestamp now);
    // Nothing came of the order: its key is free again.
    bool drop(std::string_view key);

private:
    void forget_old(Timestamp now);

    struct Statements;
    std::unique_ptr<Statements> statements_;
};

}  // namespace oracode::store
