// Copies SQLite's log into the database file while the writer goes on, so that no delivery waits
// for that. It has a thread and connections of its own and lives for one length of the log. The
// checkpoint that ends it, by the writer, has little left to copy and to sync.
//
// SQLite before 3.51.3 may lose what was committed where one connection begins the log again while
// another one copies it (sqlite.org/wal.html, "The WAL-Reset Bug"). Here a read transaction keeps
// the log from being begun again for as long as this lives; until then it keeps everything, so that
// nothing depends on the syncs made here.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace oracode::store {

class Database;
class DatabaseFile;

class IncrementalCheckpoint {
public:
    struct Failure {
        std::string what;
        bool of_sync = false;  // what was copied may never come to the disk
    };

    // The database at `path` is open; `file` is it, and outlives this. Throws SqliteError,
    // ThreadFailure or std::bad_alloc.
    IncrementalCheckpoint(const std::string& path, DatabaseFile& file);
    ~IncrementalCheckpoint();
    IncrementalCheckpoint(const IncrementalCheckpoint&) = delete;
    IncrementalCheckpoint& operator=(const IncrementalCheckpoint&) = delete;

    // Has copied what the log holds now and, if asked for, the database file synced. Nothing is
    // going on, and the log has become longer than `copied`: in a log that was copied whole the
    // read transaction would not be one that keeps it. After a failure it does nothing: another one
    // would take the place of a failed sync, which the kernel reports once.
    void copy(bool and_sync);
    [[nodiscard]] bool busy() const;
    [[nodiscard]] bool failed() const;
    // Pages of the log that are in the database file.
    [[nodiscard]] std::int64_t copied() const;
    // Waits for what goes on, and ends.
    std::optional<Failure> finish();

private:
    void run();
    std::optional<Failure> copy_now(bool and_sync);

    DatabaseFile& file_;
    const std::unique_ptr<Database> reader_;
    const std::unique_ptr<Database> copier_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    bool busy_ = false;
    bool and_sync_ = false;
    bool ending_ = false;
    std::int64_t copied_ = 0;
    std::optional<Failure> failure_;
    std::thread thread_;
};

}  // namespace oracode::store
