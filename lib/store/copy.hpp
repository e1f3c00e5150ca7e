// A consistent copy of the database while deliveries go on: made into a file beside it, which only
// its descriptor holds once it is complete. Made and read on one thread, `cancel` from any.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "core/result.hpp"

namespace oracode::store {

class Database;

class DatabaseCopy {
public:
    explicit DatabaseCopy(std::string database) : database_(std::move(database)) {}
    ~DatabaseCopy();
    DatabaseCopy(const DatabaseCopy&) = delete;
    DatabaseCopy& operator=(const DatabaseCopy&) = delete;

    // Takes as long as reading and writing the whole database takes. Fails with
    // Errc::store_unavailable: no space, cancelled; then nothing is left of it.
    [[nodiscard]] Result<void> make();
    void cancel();

    [[nodiscard]] std::uint64_t size() const { return size_; }
    // At most `most` bytes from `offset` on; none when they cannot be read.
    [[nodiscard]] std::string read(std::uint64_t offset, std::size_t most) const;

    // Removes what copies that were cut off by a crash have left beside the database.
    static void remove_leftovers(const std::string& database);

private:
    std::string database_;
    std::mutex mutex_;
    Database* running_ = nullptr;
    bool cancelled_ = false;
    int descriptor_ = -1;
    std::uint64_t size_ = 0;
};

// Whether `path` is a whole and sound database of this program. Fails with Errc::conflict and what
// is wrong with it.
[[nodiscard]] Result<void> check_copy(const std::string& path);

}  // namespace oracode::store
