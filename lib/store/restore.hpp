// Puts a copy of the database in the place of the one that is there, while no daemon runs. Any
// thread.
#pragma once

#include <cstdint>
#include <string>

#include "core/result.hpp"
#include "core/time.hpp"

namespace oracode::store {

struct Restored {
    std::string set_aside;  // what the database of before is called now; empty: none was there
    std::int64_t next_change = 0;  // numbers below were given out before, or never
    bool numbers_guessed = false;  // the database of before could not tell them
};

// Checks the copy at `file`, sets the database at `database` and its log aside, and puts the copy
// there, durably. Fails and leaves all as it was with Errc::conflict (no sound copy; a daemon runs)
// or Errc::store_unavailable (the disk refuses). A power cut in the middle leaves a mark that the
// daemon refuses to start with; to restore again goes on from it.
[[nodiscard]] Result<Restored> restore_database(const std::string& file,
                                                const std::string& database, Timestamp now);

// Why the database at `path` may not be opened: a restore was cut off. Empty: it may.
[[nodiscard]] std::string unfinished_restore(const std::string& path);

}  // namespace oracode::store
