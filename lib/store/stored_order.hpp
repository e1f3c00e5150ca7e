// What is remembered of an order for a code, by its Idempotency-Key. Plain values; any thread.
#pragma once

#include <optional>
#include <string>

#include "core/time.hpp"

namespace oracode::store {

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

// An Idempotency-Key with the digest of the order that came with it.
struct OrderKey {
    std::string key;
    std::string digest;
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

}  // namespace oracode::store
