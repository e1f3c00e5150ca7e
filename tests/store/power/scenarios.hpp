// The scenarios of power cuts, for the short form and the long one. With ORACODE_SEED in the
// environment each makes the one cut of that seed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "tests/store/power/power_cuts.hpp"
#include "tests/store/power/stories.hpp"

namespace oracode::test {

// That of the cut which is made alone, or of `first_seed`.
[[nodiscard]] std::uint64_t variant(std::uint64_t first_seed);

[[nodiscard]] CutTally cut_database(const Story& story, std::uint64_t first_seed, std::size_t count,
                                    Kept kept = Kept::everything,
                                    DiskReplay::Syncs syncs = DiskReplay::Syncs::count);

// Starts after a cut, each cut off again; ten cuts for each of them.
[[nodiscard]] CutTally cut_restarts(const Story& deliveries, std::uint64_t first_seed,
                                    std::size_t count);

// Lives with a failed sync, ten seeds for each, and so many of these as cuts.
struct LostSyncs {
    CutTally cuts;
    std::size_t given_up = 0;
    std::size_t in_background = 0;
};
struct LostSyncsOf {
    std::size_t lives = 0;
    std::size_t cuts = 0;  // of each life
};
// Those without a reader, and those with one.
[[nodiscard]] std::array<LostSyncs, 2> lose_syncs(std::uint64_t first_seed, LostSyncsOf count);

// While a backup is put in the place of a database that a crash has left.
struct RestoreCuts {
    CutTally cuts;
    std::size_t cut_off = 0;  // left the mark of an unfinished restore
};
[[nodiscard]] RestoreCuts cut_restore(std::uint64_t first_seed, std::size_t count);

}  // namespace oracode::test
