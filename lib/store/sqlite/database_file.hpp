// The database's file beside SQLite's own hold on it, to sync it gently. A disk that is given all
// pages at once keeps the log's syncs waiting behind them: 5 ms in place of 0.3.
//
// Closing it drops the locks that this process's connections hold on the file (POSIX), so that it
// is opened before the first of them or closed after the last that matters. Owned by the Writer;
// `sync` may be called from one thread at a time.
#pragma once

#include <string>
#include <system_error>

namespace oracode::store {

class DatabaseFile {
public:
    // The file exists. Throws StoreError.
    explicit DatabaseFile(const std::string& path);
    ~DatabaseFile();
    DatabaseFile(const DatabaseFile&) = delete;
    DatabaseFile& operator=(const DatabaseFile&) = delete;

    // Returns when what was written before is on the disk. After an error it may never be: the
    // kernel reports that once.
    [[nodiscard]] std::error_code sync();

private:
    int file_;
};

}  // namespace oracode::store
