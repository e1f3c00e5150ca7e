// The Writer's care for SQLite's log: when it is copied into the database, and what follows where
// that fails.
#include <utility>

#include "store/sqlite/incremental_checkpoint.hpp"
#include "store/sqlite/ledger.hpp"
#include "store/sqlite/sqlite.hpp"
#include "store/sqlite/writer.hpp"

namespace oracode::store {

std::int64_t Writer::log_size() const {
    return ledger_->database().wal_pages() * page_size_;
}

std::int64_t Writer::copied_at_once() const {
    return options_.log.checkpoint_at / 16;
}

void Writer::checkpoint_if_long() {
    if (!ledger_) return;
    const auto size = log_size();
    // It was begun again.
    if (size < options_.log.checkpoint_at) checkpoint_at_ = options_.log.checkpoint_at;
    if (size >= checkpoint_at_ && size >= options_.log.longest) {
        checkpoint_without_long_reads();
    } else if (size >= checkpoint_at_ && !waits_for_sync()) {
        checkpoint(false);
    } else if (size >= copy_at_) {
        copy_some();
    }
}

// Whether what was copied is just being synced: a checkpoint has little to sync after that.
bool Writer::waits_for_sync() const {
    return incremental_ && incremental_->syncing() &&
           log_size() < checkpoint_at_ + options_.log.checkpoint_at / 4;
}

// Copies what the log held when this was called last.
void Writer::copy_some() {
    copy_at_ = log_size() + copied_at_once();
    try {
        if (!incremental_) {
            incremental_ = std::make_unique<IncrementalCheckpoint>(options_.path);
            return;
        }
        copy_log(false);
        if (!incremental_) return;
        // Synced sooner, pages that change again would be written to the disk once more.
        if (log_size() >= options_.log.checkpoint_at * 3 / 4) incremental_->sync();
        incremental_->move_on();
    } catch (const std::exception&) {
        end_incremental_checkpoint();  // then the log is copied in one go, when it is long
    }
}

// False when a sync of what was copied has failed, and the database is given up.
bool Writer::end_incremental_checkpoint() {
    const auto failure = incremental_ ? incremental_->finish() : std::nullopt;
    incremental_.reset();
    if (!failure) return true;
    note_checkpoint(false, *failure);
    give_up(*failure);
    return false;
}

// Whether all that the log held is in the database file, and synced.
bool Writer::checkpoint(bool truncate) {
    if (!end_incremental_checkpoint()) return false;
    // Readers or the disk may keep the log from being begun again for a while: then not after every
    // commit.
    checkpoint_at_ = log_size() + options_.log.checkpoint_at / 4;
    const bool complete = copy_log(truncate);
    if (ledger_) copy_at_ = log_size() + copied_at_once();
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
