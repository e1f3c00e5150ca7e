#include "store/sqlite/device_cache.hpp"

#include "store/sqlite/sqlite.hpp"
#include "store/sqlite/stored_id.hpp"

namespace oracode::store {

struct DeviceCache::Statements {
    explicit Statements(Database& db)
        : put(db,
              "INSERT INTO devices (device_id, fetched_at, object) VALUES (?, ?, ?) "
              "ON CONFLICT (device_id) DO UPDATE SET fetched_at = excluded.fetched_at, "
              "object = excluded.object WHERE excluded.fetched_at >= fetched_at"),
          forget(db, "DELETE FROM devices WHERE device_id = ?"),
          forget_before(db, "DELETE FROM devices WHERE fetched_at < ?") {}

    Statement put;
    Statement forget;
    Statement forget_before;
};

DeviceCache::DeviceCache(Database& database)
    : statements_(std::make_unique<Statements>(database)) {}
DeviceCache::~DeviceCache() = default;

void DeviceCache::put(const StoredDevice& device) {
    const StoredId id(device.device_id);
    statements_->put.run(id, device.fetched_at, std::string_view(device.object));
}

bool DeviceCache::forget(std::string_view device_id) {
    const StoredId id(device_id);
    return statements_->forget.run(id) != 0;
}

bool DeviceCache::forget_before(Timestamp since) {
    return statements_->forget_before.run(since) != 0;
}

}  // namespace oracode::store
