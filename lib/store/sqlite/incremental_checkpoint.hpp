// Copies SQLite's log into the database file a little at a time, so that no delivery waits for the
// whole of it. A read transaction keeps a checkpoint from copying more than the log held when it
// began, and so from syncing: what was copied is synced beside the commits, on a thread of its own.
// The checkpoint that ends it, without that transaction, has little left to copy and to sync; until
// then the log keeps everything, so that nothing depends on the syncs made here.
//
// Belongs to the writer's thread and lives for one length of the log. It never writes to the log,
// since SQLite before 3.51.3 must not write and checkpoint on two connections at once.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace oracode::store {

class Database;

class IncrementalCheckpoint {
public:
    // The database at `path` is open. Throws SqliteError, ThreadFailure or std::bad_alloc.
    explicit IncrementalCheckpoint(const std::string& path);
    ~IncrementalCheckpoint();
    IncrementalCheckpoint(const IncrementalCheckpoint&) = delete;
    IncrementalCheckpoint& operator=(const IncrementalCheckpoint&) = delete;

    // From now on checkpoints copy what the log holds at this moment. Throws SqliteError.
    void move_on();

    // Has the database file synced in the background, unless that is going on.
    void sync();
    [[nodiscard]] bool syncing() const;
    // Waits for a sync that runs, and ends. Why a sync failed; nullopt: none did.
    std::optional<std::string> finish();

private:
    void run();

    const std::unique_ptr<Database> reader_;
    const std::unique_ptr<Database> synced_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    bool syncing_ = false;
    bool ending_ = false;
    std::optional<std::string> failure_;
    std::thread thread_;
};

}  // namespace oracode::store
