#include "tests/store/power/scenarios.hpp"

#include <cstdlib>

#include "tests/store/power/lost_syncs.hpp"

namespace oracode::test {
namespace {

std::uint64_t first_or_alone(std::uint64_t first_seed) {
    const char* const alone = std::getenv("ORACODE_SEED");
    return alone != nullptr ? std::strtoull(alone, nullptr, 10) : first_seed;
}

}  // namespace

std::uint64_t variant(std::uint64_t first_seed) {
    return variant_of(first_or_alone(first_seed));
}

CutTally cut_database(const Story& story, std::uint64_t first_seed, std::size_t count, Kept kept,
                      DiskReplay::Syncs syncs) {
    DatabaseCheck check(story, kept);
    return cut_power(
        story, first_seed, count,
        [&](const auto& folder, std::size_t position) { return check(folder, position); }, syncs);
}

CutTally cut_restarts(const Story& deliveries, std::uint64_t first_seed, std::size_t count) {
    const auto from = first_or_alone(first_seed);
    CutTally tally;
    for (auto seed = from - from % 10; seed < from + (from == first_seed ? count : 1); seed += 10)
        tally.add(cut_database(tell_restart(deliveries, seed), seed, 10));
    return tally;
}

std::array<LostSyncs, 2> lose_syncs(std::uint64_t first_seed, LostSyncsOf count) {
    const auto from = first_or_alone(first_seed);
    std::array<LostSyncs, 2> sums;
    for (std::size_t i = 0; i < (from == first_seed ? count.lives : 1); ++i) {
        const auto seed = from + 10 * i;
        const auto lost = lost_sync_of(seed);
        const auto tally = lose_sync(lost, seed, count.cuts);
        auto& sum = sums.at(lost.with_reader ? 1 : 0);
        sum.cuts.add(tally.cuts);
        if (tally.given_up) ++sum.given_up;
        if (tally.in_background) ++sum.in_background;
    }
    return sums;
}

}  // namespace oracode::test
