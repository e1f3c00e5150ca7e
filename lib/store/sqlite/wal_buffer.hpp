// A layer of SQLite's file access ("VFS") for the connection that writes: it gathers what is
// written to the write-ahead log and hands it on in one piece when the log is synced. SQLite writes
// two pieces for every changed page, neither of which lies on the file system's pages.
//
// What it is worth: the writer alone, recording events of random codes (tests/bench/store_bench, 5
// alternating pairs with and without it on two busy cores), takes 43 to 54 instead of 52 to 63 us
// of processor time an event: 1.26 times (median of the pairs; 1.12 to 1.42). Where it is worth
// less than a tenth, it should go.
//
// Nothing is seen or promised earlier or later than without it: with synchronous=FULL a commit
// syncs the log, which hands on all that was gathered, before other connections learn of the commit
// and before it returns. A failure to write comes up in that sync, as a failure to commit.
//
// It also insists on that the name of a log or a rollback journal is on the disk.
#pragma once

namespace oracode::store {

// Its name for sqlite3_open_v2; registers it when called for the first time. From any thread.
[[nodiscard]] const char* buffering_vfs();

}  // namespace oracode::store
