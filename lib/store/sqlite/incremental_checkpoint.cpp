#include "store/sqlite/incremental_checkpoint.hpp"

#include <exception>
#include <system_error>
#include <utility>

#include "core/thread.hpp"
#include "store/sqlite/database_file.hpp"
#include "store/sqlite/sqlite.hpp"

namespace oracode::store {
namespace {

constexpr const char* a_read = "SELECT 1 FROM sqlite_schema LIMIT 1";

}  // namespace

IncrementalCheckpoint::IncrementalCheckpoint(const std::string& path, DatabaseFile& file)
    : file_(file),
      reader_(std::make_unique<Database>(path, Database::Access::read_only)),
      copier_(std::make_unique<Database>(path, Database::Access::read_write)) {
    thread_ = start_thread("checkpoint", [this] { run(); });
}

IncrementalCheckpoint::~IncrementalCheckpoint() {
    finish();
}

std::optional<IncrementalCheckpoint::Failure> IncrementalCheckpoint::finish() {
    {
        const std::scoped_lock lock(mutex_);
        ending_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
    return failure_;
}

void IncrementalCheckpoint::copy(bool and_sync) {
    {
        const std::scoped_lock lock(mutex_);
        if (failure_) return;
        busy_ = true;
        and_sync_ = and_sync;
    }
    wake_.notify_one();
}

bool IncrementalCheckpoint::busy() const {
    const std::scoped_lock lock(mutex_);
    return busy_;
}

bool IncrementalCheckpoint::failed() const {
    const std::scoped_lock lock(mutex_);
    return failure_.has_value();
}

std::int64_t IncrementalCheckpoint::copied() const {
    const std::scoped_lock lock(mutex_);
    return copied_;
}

void IncrementalCheckpoint::run() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait(lock, [this] { return busy_ || ending_; });
        if (!busy_) return;
        const bool and_sync = and_sync_;
        lock.unlock();
        auto failure = copy_now(and_sync);
        lock.lock();
        busy_ = false;
        copied_ = copier_->checkpointed_pages();
        if (failure) failure_ = std::move(failure);
    }
}

// The read transaction also has the checkpoint stop where the log ended when it began: SQLite syncs
// only what was copied to the end.
std::optional<IncrementalCheckpoint::Failure> IncrementalCheckpoint::copy_now(bool and_sync) {
    bool copying = false;
    try {
        if (reader_->in_transaction()) reader_->execute("COMMIT");
        // The log's state is taken with the first read, and the log found.
        reader_->execute("BEGIN");
        reader_->execute(a_read);
        copier_->execute(a_read);
        copying = true;
        copier_->checkpoint(false);
        const auto unsynced = and_sync ? file_.sync() : std::error_code{};
        if (unsynced) return Failure{"sync: " + unsynced.message(), true};
        return std::nullopt;
    } catch (const SqliteError& error) {
        return Failure{error.what(), copying && error.of_sync()};
    } catch (const std::exception& error) {
        return Failure{error.what(), false};
    }
}

}  // namespace oracode::store
