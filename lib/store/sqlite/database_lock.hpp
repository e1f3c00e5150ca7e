// Keeps a second daemon off the same database for as long as it lives. Owned by the Store.
#pragma once

#include <string>

namespace oracode::store {

class DatabaseLock {
public:
    // Locks `<database>.lock`, made if missing. Throws StoreError when another process holds it.
    explicit DatabaseLock(const std::string& database);
    ~DatabaseLock();
    DatabaseLock(const DatabaseLock&) = delete;
    DatabaseLock& operator=(const DatabaseLock&) = delete;

private:
    int file_;
};

}  // namespace oracode::store
