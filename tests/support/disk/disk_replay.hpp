// The disk as a power cut may leave it, built from a recording.
//
// What a sync has covered is there. What was written after it may be: none of it, all of it, any
// part, in another order, torn at the borders of sectors or pages, with the new size or the old
// one. Each file has its own luck: nothing but a sync orders one file before another. Names reach
// the disk in their order, as a journaling file system does it, up to any point behind the last
// sync of their folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "support/disk/disk_recording.hpp"

namespace oracode::test {

// What becomes of what was not synced.
enum class Survival : std::uint8_t { dropped, kept, prefix, subset, reordered, sectors, pages };
inline constexpr std::size_t survival_count = 7;
[[nodiscard]] std::string_view name(Survival survival);

class DiskReplay {
public:
    enum class Syncs { count, do_nothing };

    // `recording` outlives this.
    explicit DiskReplay(const DiskRecording& recording, Syncs syncs = Syncs::count);

    // Goes on until so many records are done; never back.
    void advance_to(std::size_t position);

    // Writes to `folder`, which is empty, what a cut at this moment may leave. The seed decides
    // what; the same seed the same.
    void save(const std::filesystem::path& folder, std::uint64_t seed) const;

    // What `save` does with this seed.
    [[nodiscard]] static Survival survival(std::uint64_t seed);

private:
    struct Change {  // of a file
        std::uint64_t offset = 0;
        std::string_view bytes{};
        bool truncates = false;
    };
    struct File {
        std::string durable;
        std::vector<Change> pending;
    };
    // A name leads to a file, or to a folder: nullopt.
    using Names = std::map<std::string, std::optional<std::size_t>>;

    static void apply(std::string& content, const Change& change);
    static void apply(Names& names, const DiskRecord& change);
    void sync_folder(const std::string& folder);
    [[nodiscard]] Names surviving_names(Survival survival, std::mt19937_64& random) const;
    [[nodiscard]] static std::string surviving(const File& file, Survival survival,
                                               std::mt19937_64& random);

    const DiskRecording& recording_;
    Syncs syncs_;
    std::size_t position_ = 0;
    std::vector<File> files_;
    Names names_;
    std::vector<const DiskRecord*> pending_names_;
};

}  // namespace oracode::test
