#include "store/sqlite/idempotency_keys.hpp"

#include "store/sqlite/sqlite.hpp"
#include "store/sqlite/stored_id.hpp"

namespace oracode::store {

struct IdempotencyKeys::Statements {
    explicit Statements(Database& db)
        : reserve(db,
                  "INSERT INTO orders (idempotency_key, digest, ordered_at, starts_at, ends_at, "
                  "asked_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (idempotency_key) DO UPDATE SET "
                  "digest = excluded.digest, starts_at = excluded.starts_at, "
                  "ends_at = excluded.ends_at, asked_at = excluded.asked_at, "
                  "access_code_id = NULL, status = NULL, location = NULL, body = NULL"),
          made(db, "UPDATE orders SET access_code_id = ? WHERE idempotency_key = ?"),
          finish(db,
                 "INSERT INTO orders (idempotency_key, digest, ordered_at, status, location, body) "
                 "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (idempotency_key) DO UPDATE SET "
                 "digest = excluded.digest, status = excluded.status, location = "
                 "excluded.location, body = excluded.body"),
          release(db, "DELETE FROM orders WHERE idempotency_key = ?"),
          forget_old(db, "DELETE FROM orders WHERE ordered_at < ?") {}

    Statement reserve;
    Statement made;
    Statement finish;
    Statement release;
    Statement forget_old;
};

IdempotencyKeys::IdempotencyKeys(Database& database)
    : statements_(std::make_unique<Statements>(database)) {}
IdempotencyKeys::~IdempotencyKeys() = default;

bool IdempotencyKeys::reserve(const OrderKey& key, const OrderedCode& code, Timestamp now) {
    forget_old(now);
    statements_->reserve.run(std::string_view(key.key), std::string_view(key.digest), now,
                             code.starts_at, code.ends_at, code.requested_at);
    return true;
}

bool IdempotencyKeys::made(std::string_view key, std::string_view access_code_id) {
    const StoredId id(access_code_id);
    return statements_->made.run(id, key) != 0;
}

bool IdempotencyKeys::finish(const OrderKey& key, const OrderAnswer& answer, Timestamp now) {
    forget_old(now);
    statements_->finish.run(std::string_view(key.key), std::string_view(key.digest), now,
                            answer.status, std::string_view(answer.location),
                            std::string_view(answer.body));
    return true;
}

bool IdempotencyKeys::release(std::string_view key) {
    return statements_->release.run(key) != 0;
}

void IdempotencyKeys::forget_old(Timestamp now) {
    statements_->forget_old.run(now - order_memory);
}

}  // namespace oracode::store
