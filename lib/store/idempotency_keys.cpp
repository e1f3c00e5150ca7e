#include "store/idempotency_keys.hpp"

#include "store/sqlite.hpp"
#include "store/stored_id.hpp"

namespace oracode::store {

struct IdempotencyKeys::Statements {
    explicit Statements(Database& db)
        : keep_device(db,
                      "INSERT INTO devices (device_id, fetched_at, object) VALUES (?, ?, ?) "
                      "ON CONFLICT (device_id) DO UPDATE SET fetched_at = excluded.fetched_at, "
                      "object = excluded.object WHERE excluded.fetched_at >= fetched_at"),
          forget_device(db, "DELETE FROM devices WHERE device_id = ?"),
          forget_devices(db, "DELETE FROM devices WHERE fetched_at < ?"),
          ask(db,
              "INSERT INTO orders (idempotency_key, digest, ordered_at, starts_at, ends_at, "
              "asked_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (idempotency_key) DO UPDATE SET "
              "digest = excluded.digest, starts_at = excluded.starts_at, "
              "ends_at = excluded.ends_at, asked_at = excluded.asked_at, access_code_id = NULL, "
              "status = NULL, location = NULL, body = NULL"),
          made(db, "UPDATE orders SET access_code_id = ? WHERE idempotency_key = ?"),
          answer(db,
                 "INSERT INTO orders (idempotency_key, digest, ordered_at, status, location, body) "
                 "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (idempotency_key) DO UPDATE SET "
                 "digest = excluded.digest, status = excluded.status, location = "
                 "excluded.location, body = excluded.body"),
          drop(db, "DELETE FROM orders WHERE idempotency_key = ?"),
          forget_old(db, "DELETE FROM orders WHERE ordered_at < ?") {}

    Statement keep_device;
    Statement forget_device;
    Statement forget_devices;
    Statement ask;
    Statement made;
    Statement answer;
    Statement drop;
    Statement forget_old;
};

IdempotencyKeys::IdempotencyKeys(Database& database)
    : statements_(std::make_unique<Statements>(database)) {}
IdempotencyKeys::~IdempotencyKeys() = default;

bool IdempotencyKeys::keep_device(const StoredDevice& device) {
    const StoredId id(device.device_id);
    statements_->keep_device.run(id, device.fetched_at, std::string_view(device.object));
    return true;
}

bool IdempotencyKeys::forget_device(std::string_view device_id) {
    const StoredId id(device_id);
    return statements_->forget_device.run(id) != 0;
}

bool IdempotencyKeys::forget_devices_before(Timestamp since) {
    return statements_->forget_devices.run(since) != 0;
}

bool IdempotencyKeys::ask(std::string_view key, std::string_view digest, const OrderedCode& code,
                          Timestamp now) {
    forget_old(now);
    statements_->ask.run(key, digest, now, code.starts_at, code.ends_at, code.requested_at);
    return true;
}

bool IdempotencyKeys::made(std::string_view key, std::string_view access_code_id) {
    const StoredId id(access_code_id);
    return statements_->made.run(id, key) != 0;
}

bool IdempotencyKeys::answer(std::string_view key, std::string_view digest,
                             const OrderAnswer& answer, Timestamp now) {
    forget_old(now);
    statements_->answer.run(key, digest, now, answer.status, std::string_view(answer.location),
                            std::string_view(answer.body));
    return true;
}

bool IdempotencyKeys::drop(std::string_view key) {
    return statements_->drop.run(key) != 0;
}

void IdempotencyKeys::forget_old(Timestamp now) {
    statements_->forget_old.run(now - order_memory);
}

}  // namespace oracode::store
