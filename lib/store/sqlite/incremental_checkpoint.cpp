#include "store/sqlite/incremental_checkpoint.hpp"

#include <utility>

#include "core/thread.hpp"
#include "store/sqlite/sqlite.hpp"

namespace oracode::store {

IncrementalCheckpoint::IncrementalCheckpoint(const std::string& path)
    : reader_(std::make_unique<Database>(path, Database::Access::read_only)),
      synced_(std::make_unique<Database>(path, Database::Access::read_only)) {
    move_on();
    thread_ = start_thread("database-sync", [this] { run(); });
}

IncrementalCheckpoint::~IncrementalCheckpoint() {
    finish();
}

std::optional<std::string> IncrementalCheckpoint::finish() {
    {
        const std::scoped_lock lock(mutex_);
        ending_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
    return failure_;
}

void IncrementalCheckpoint::move_on() {
    if (reader_->in_transaction()) reader_->execute("COMMIT");
    // The log's state is taken with the first read.
    reader_->execute("BEGIN; SELECT 1 FROM sqlite_schema LIMIT 1");
}

void IncrementalCheckpoint::sync() {
    {
        const std::scoped_lock lock(mutex_);
        syncing_ = true;
    }
    wake_.notify_one();
}

bool IncrementalCheckpoint::syncing() const {
    const std::scoped_lock lock(mutex_);
    return syncing_;
}

void IncrementalCheckpoint::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return syncing_ || ending_; });
        if (!syncing_) return;
        lock.unlock();
        std::optional<std::string> failure;
        try {
            synced_->sync();
        } catch (const SqliteError& error) {
            failure = error.what();
        }
        lock.lock();
        syncing_ = false;
        if (failure) failure_ = std::move(failure);
    }
}

}  // namespace oracode::store
