// Locks as Seam showed them last: the half that writes. Part of the Ledger, with its rules of
// thread and transaction.
#pragma once

#include <memory>
#include <string_view>

#include "core/time.hpp"
#include "store/stored_device.hpp"

namespace oracode::store {

class Database;

class DeviceCache {
public:
    explicit DeviceCache(Database& database);
    ~DeviceCache();
    DeviceCache(const DeviceCache&) = delete;
    DeviceCache& operator=(const DeviceCache&) = delete;

    // An older snapshot does not replace a newer one.
    void put(const StoredDevice& device);
    // False: there was none.
    bool forget(std::string_view device_id);
    // Those shown before `since` are gone. False: there were none.
    bool forget_before(Timestamp since);

private:
    struct Statements;
    std::unique_ptr<Statements> statements_;
};

}  // namespace oracode::store
