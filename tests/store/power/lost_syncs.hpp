// A sync that fails, and then the power: what was written before it is not on the disk although
// every later sync succeeds, as Linux takes the pages for clean.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/store/power/power_cuts.hpp"

namespace oracode::test {

struct LostSync {
    std::int64_t nth = 1;
    bool with_reader = false;  // one that cuts checkpoints short
    bool of_database = false;  // of its file alone, not of the log
};

struct LostSyncTally {
    bool given_up = false;
    bool in_background = false;  // while the log was copied bit by bit
    CutTally cuts;
};

// One of those there are. Of four blocks of ten seeds two have a reader, and two count the syncs of
// the database alone, which are few.
[[nodiscard]] LostSync lost_sync_of(std::uint64_t seed);

// Delivers, with what is refused delivered again, and then cuts the power so often.
[[nodiscard]] LostSyncTally lose_sync(LostSync lost, std::uint64_t first_seed, std::size_t cuts);

}  // namespace oracode::test
