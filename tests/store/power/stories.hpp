// The lives of a database over which the power is cut. A variant of one is the same in every run.
#pragma once

#include <cstdint>
#include <filesystem>

#include "tests/store/power/story.hpp"

namespace oracode::test {

// The variant whose cuts have this seed.
[[nodiscard]] constexpr std::uint64_t variant_of(std::uint64_t seed) {
    return seed / 500;
}

// From no folder at all to the first answers, and an end in order.
[[nodiscard]] Story tell_creation(std::uint64_t variant);
// Deliveries, duplicates, answers of Seam, lost accounts, quarantine, alerts and notifications,
// over many checkpoints, some cut short by a reader; a restart in between.
[[nodiscard]] Story tell_deliveries(std::uint64_t variant);
// A start on what a power cut has left of `deliveries`, and what follows: the seed says where.
[[nodiscard]] Story tell_restart(const Story& deliveries, std::uint64_t seed);
// The first start on a database of release 0.1.0, closed in order, or with all in its log.
enum class OldDatabase { closed, in_its_log };
[[nodiscard]] Story tell_migrations(OldDatabase old);
// Copies are made between deliveries.
[[nodiscard]] Story tell_backups(std::uint64_t variant);
// Codes end, their PINs go, then they themselves, step by step, between deliveries.
[[nodiscard]] Story tell_retention(std::uint64_t variant);

// Sets a database up as 0.1.0 left it.
void make_old_database(const std::filesystem::path& folder, OldDatabase old);

}  // namespace oracode::test
