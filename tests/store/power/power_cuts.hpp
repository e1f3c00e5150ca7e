// Power cuts over a story: the disk after each, and what the product makes of it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "support/disk/disk_replay.hpp"
#include "tests/store/power/copied_log.hpp"
#include "tests/store/power/examination.hpp"
#include "tests/store/power/story.hpp"

namespace oracode::test {

struct CutTally {
    std::size_t cuts = 0;
    std::array<std::size_t, survival_count> survivals{};
    std::array<std::size_t, copied_log_count> copied{};
    std::vector<std::string> failures;  // with their seeds

    void add(const CutTally& other);
    [[nodiscard]] std::size_t while_log_was(CopiedLog copied_so_far) const {
        return copied.at(static_cast<std::size_t>(copied_so_far));
    }
};

// What is wrong with the disk in `folder`, after a cut at this record; empty: nothing. A real sync
// does nothing meanwhile.
using CutCheck =
    std::function<std::string(const std::filesystem::path& folder, std::size_t position)>;

// A seed is a cut: it says where, and what becomes of what was not synced. With ORACODE_SEED in the
// environment that one alone.
[[nodiscard]] CutTally cut_power(const Story& story, std::uint64_t first_seed, std::size_t count,
                                 const CutCheck& check,
                                 DiskReplay::Syncs syncs = DiskReplay::Syncs::count);

// Starts the product on what was left, twice: it shows a state that was committed, none older than
// what was promised, agrees with itself, and takes deliveries.
class DatabaseCheck {
public:
    // `story` outlives this.
    explicit DatabaseCheck(const Story& story, Kept kept = Kept::everything)
        : story_(story), kept_(kept) {}

    std::string operator()(const std::filesystem::path& folder, std::size_t position);

private:
    std::string first_start(const std::string& path, std::size_t position);
    [[nodiscard]] std::string second_start(const std::string& path) const;

    const Story& story_;
    Kept kept_;
    std::size_t digest_ = 0;
    std::set<std::size_t> examined_;
};

}  // namespace oracode::test
