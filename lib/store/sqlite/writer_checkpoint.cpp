// The Writer's care for SQLite's log: when it is copied into the database, and what follows where
// that fails.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "store/sqlite/incremental_checkpoint.hpp"
#include "store/sqlite/ledger.hpp"
#include "store/sqlite/sqlite.hpp"
#include "store/sqlite/writer.hpp"

namespace oracode::store {

std::int64_t Writer::log_size() const {
    return ledger_->database().wal_pages() * page_size_;
}

// Bytes.
std::int64_t Writer::left_to_copy() const {
    const auto& database = ledger_->database();
    const auto beside = incremental_ ? database.wal_pages() - incremental_->copied()
                                     : std::numeric_limits<std::int64_t>::max();
    return std::min(database.pages_to_copy(), beside) * page_size_;
}

void Writer::checkpoint_if_long() {
    if (!ledger_ || (incremental_ && incremental_->failed() && !end_incremental_checkpoint()))
        return;
    const auto size = log_size();
    // It was begun again.
    if (size < options_.log.checkpoint_at) checkpoint_at_ = options_.log.checkpoint_at;
    if (size >= checkpoint_at_ && size >= options_.log.longest) {
        checkpoint_without_long_reads();
    } else if (size >= checkpoint_at_ && !is_being_copied()) {
        checkpoint(false);
    } else if (size >= copy_at_) {
        copy_some();
    }
}

// Whether little will be left to copy and to sync before long.
bool Writer::is_being_copied() const {
    return incremental_ && log_size() < checkpoint_at_ + options_.log.checkpoint_at / 4 &&
           (incremental_->busy() || left_to_copy() > options_.log.rest());
}

// Copies what the log holds, unless that goes on.
void Writer::copy_some() {
    try {
        if (!incremental_)
            incremental_ = std::make_unique<IncrementalCheckpoint>(options_.path, file_);
    } catch (const std::exception& error) {
        note_checkpoint(false, error.what());
        copy_at_ = log_size() + options_.log.copied_at_once();
        return;
    }
    if (incremental_->busy() || left_to_copy() == 0) return;
    const auto size = log_size();
    // Synced sooner, pages that change again would be written to the disk once more.
    incremental_->copy(size >= checkpoint_at_);
    copy_at_ = std::max(size + options_.log.rest(),
                        std::min(size + options_.log.copied_at_once(), checkpoint_at_));
}

// False when a sync of what was copied has failed, and the database is given up.
bool Writer::end_incremental_checkpoint() {
    const auto failure = incremental_ ? incremental_->finish() : std::nullopt;
    incremental_.reset();
    if (!failure) return true;
    note_checkpoint(false, failure->what);
    if (failure->of_sync) give_up(failure->what);
    return !failure->of_sync;
}

// Whether all that the log held is in the database file, and synced.
bool Writer::checkpoint(bool truncate) {
    if (!end_incremental_checkpoint()) return false;
    // Readers or the disk may keep the log from being begun again for a while: then not after every
    // commit.
    checkpoint_at_ = log_size() + options_.log.checkpoint_at / 4;
    const bool complete = copy_log(truncate);
    if (ledger_) copy_at_ = log_size() + options_.log.copied_at_once();
    return complete;
}

bool Writer::copy_log(bool truncate) {
    bool complete = false;
    std::string failure;
    bool of_sync = false;
    try {
        complete = ledger_->database().checkpoint(truncate);
    } catch (const SqliteError& error) {
        failure = error.what();
        of_sync = error.of_sync();
    }
    note_checkpoint(complete, failure);
    if (of_sync) give_up(failure);
    return complete;
}

void Writer::checkpoint_without_long_reads() {
    {
        const std::scoped_lock lock(log_mutex_);
        emptying_log_ = true;
    }
    checkpoint(true);
    {
        const std::scoped_lock lock(log_mutex_);
        emptying_log_ = false;
    }
    log_emptied_.notify_all();
}

void Writer::wait_while_log_is_emptied() {
    std::unique_lock lock(log_mutex_);
    log_emptied_.wait(lock, [this] { return !emptying_log_; });
}

bool Writer::log_is_being_emptied() const {
    const std::scoped_lock lock(log_mutex_);
    return emptying_log_;
}

void Writer::note_checkpoint(bool complete, std::string_view failure) {
    {
        const std::scoped_lock lock(log_mutex_);
        checkpoint_failure_ = failure;
    }
    if (callbacks_.checkpointed) callbacks_.checkpointed({complete, failure});
}

std::optional<std::string> Writer::checkpoint_failure() const {
    const std::scoped_lock lock(log_mutex_);
    return checkpoint_failure_.empty() ? std::nullopt : std::optional{checkpoint_failure_};
}

// The log keeps pages as they were until others take their place: what was purged would stay
// readable. Who reads is waited for shortly, because deliveries wait meanwhile.
void Writer::empty_log() {
    try {
        if (ledger_ && !checkpoint(false)) return;
        if (ledger_) {
            ledger_->database().execute("PRAGMA busy_timeout = 50");
            if (!checkpoint(true)) {
                if (ledger_) ledger_->database().execute("PRAGMA busy_timeout = 2000");
                return;
            }
            ledger_->database().execute("PRAGMA busy_timeout = 2000");
        }
        log_to_empty_ = false;  // where it is not open: opening it again empties the log
    } catch (const SqliteError&) {
        close_ledger();
    }
}

}  // namespace oracode::store
