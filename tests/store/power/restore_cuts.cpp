// The power goes while a backup is put in the place of the database: either of the two is there
// whole, or a mark keeps the daemon from starting until the restore is repeated; and the database
// of before is never lost.
#include <filesystem>
#include <stdexcept>
#include <utility>

#include "store/copy.hpp"
#include "store/restore.hpp"
#include "tests/store/fixture.hpp"
#include "tests/store/power/scenarios.hpp"
#include "tests/store/power/script.hpp"

namespace oracode::test {
namespace {

namespace fs = std::filesystem;

const Timestamp now = at(3'000'000);

std::string count_events(const std::string& path) {
    return sql(path, "SELECT count(*) FROM events");
}

class RestoreUnderPowerCuts {
public:
    explicit RestoreUnderPowerCuts(std::uint64_t variant) : variant_(variant) {}

    // A database that a crash has left, with more than the backup beside it.
    void prepare(const fs::path& folder) {
        StoryTeller before;
        Script script(before, 10 * variant_ + 6);
        before.open();
        script.deliver(6);
        store::DatabaseCopy copy(before.path());
        if (!copy.make()) throw std::runtime_error("no copy");
        write_file((folder / "backup.db").string(), copy.read(0, copy.size()));
        in_backup_ = count_events(before.path());
        script.deliver(6);
        in_database_ = count_events(before.path());
        const auto path = folder / database_name;
        fs::create_directory(path.parent_path());
        fs::copy_file(before.path(), path);
        fs::copy_file(before.path() + "-wal", path.string() + "-wal");
    }

    Story record_restore() {
        StoryTeller teller([this](const fs::path& folder) { prepare(folder); });
        const auto backup = (teller.folder() / "backup.db").string();
        if (!store::restore_database(backup, teller.path(), now))
            throw std::runtime_error("not restored");
        done_ = teller.disk().position();
        return teller.end();
    }

    std::string check(const fs::path& folder, std::size_t position) {
        const auto path = (folder / database_name).string();
        const bool is_cut_off = !store::unfinished_restore(path).empty();
        if (is_cut_off) {
            ++cut_off_;
            if (position >= done_) return "the mark came back";
            if (starts(path)) return "it starts in spite of the mark";
            const auto again = store::restore_database((folder / "backup.db").string(), path, now);
            if (!again) return "it cannot be repeated: " + again.error().detail;
        }
        if (!starts(path)) return "it does not start";
        const auto found = count_events(path);
        if ((position >= done_ || is_cut_off) && found != in_backup_) return "not the backup";
        if (found != in_backup_ && found != in_database_) return "neither: " + found;
        if (sql(path, "PRAGMA integrity_check") != "ok") return "the integrity check fails";
        return old_database_is_kept(path) ? "" : "the database of before is lost";
    }

    [[nodiscard]] std::size_t cut_off() const { return cut_off_; }

private:
    static bool starts(const std::string& path) try {
        store::Store store(StoryTeller::options(path, now));
        return true;
    } catch (const store::StoreError&) {
        return false;
    }
    [[nodiscard]] bool old_database_is_kept(const std::string& path) const {
        for (const auto& entry : fs::directory_iterator(fs::path(path).parent_path())) {
            const auto file = entry.path().string();
            if (file.ends_with("-wal") || file.ends_with("-shm") || file.ends_with(".lock"))
                continue;
            if (count_events(file) == in_database_ && sql(file, "PRAGMA integrity_check") == "ok")
                return true;
        }
        return false;
    }

    const std::uint64_t variant_;
    std::string in_backup_;
    std::string in_database_;
    std::size_t done_ = 0;
    std::size_t cut_off_ = 0;
};

}  // namespace

RestoreCuts cut_restore(std::uint64_t first_seed, std::size_t count) {
    RestoreUnderPowerCuts restore(variant(first_seed));
    const auto story = restore.record_restore();
    auto cuts = cut_power(story, first_seed, count, [&](const auto& folder, std::size_t at) {
        return restore.check(folder, at);
    });
    return {std::move(cuts), restore.cut_off()};
}

}  // namespace oracode::test
