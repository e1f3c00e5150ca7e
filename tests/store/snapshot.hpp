// Another connection's look at the database as it is when this is made, which holds checkpoints up.
#pragma once

#include <string>

#include <gtest/gtest.h>
#include <sqlite3.h>

namespace oracode::test {

class Snapshot {
public:
    explicit Snapshot(const std::string& path) {
        // As the daemon's readers do: one that may write would copy the log when it is closed last.
        sqlite3_open_v2(path.c_str(), &database_, SQLITE_OPEN_READONLY, nullptr);
        EXPECT_EQ(run("BEGIN; SELECT count(*) FROM events"), SQLITE_OK);
    }
    ~Snapshot() { sqlite3_close(database_); }
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

    // Keeps the connection, and with it the index of the log.
    void end() { EXPECT_EQ(run("COMMIT"), SQLITE_OK); }

private:
    int run(const char* sql) { return sqlite3_exec(database_, sql, nullptr, nullptr, nullptr); }

    sqlite3* database_ = nullptr;
};

}  // namespace oracode::test
