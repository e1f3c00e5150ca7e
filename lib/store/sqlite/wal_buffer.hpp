// A layer of SQLite's file access ("VFS") for the connection that writes: it gathers what is
// written to the write-ahead log and hands it on in one piece when the log is synced. SQLite writes
// two pieces for every changed page, neither of which lies on the file system's pages; together
// they cost a third of a commit's time.
//
// Nothing is seen or promised earlier or later than without it: with synchronous=FULL a commit
// syncs the log, which hands on all that was gathered, before other connections learn of the commit
// and before it returns. A failure to write comes up in that sync, as a failure to commit.
#pragma once

namespace oracode::store {

// Its name for sqlite3_open_v2; registers it when called for the first time. From any thread.
[[nodiscard]] const char* buffering_vfs();

}  // namespace oracode::store
