// The power goes while `oracodectl backup` writes: a backup is not there or whole, and those it has
// told of stay. The command runs in this process, so that its calls to the disk are recorded.
#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "ctl/commands.hpp"
#include "store/copy.hpp"
#include "support/daemon.hpp"
#include "support/disk/disk_replay.hpp"
#include "support/disk/watched_disk.hpp"

namespace oracode::test {
namespace {

namespace fs = std::filesystem;
using Files = std::map<std::string, std::string>;  // contents, by their names below the folder

Files files_in(const fs::path& folder) {
    Files files;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file())
            files[entry.path().lexically_relative(folder).string()] = contents(entry.path());
    return files;
}

bool is_draft(const std::string& name) {
    const auto end = name.rfind(".db.");
    return end != std::string::npos && name.size() == end + std::string(".db.XXXXXX").size();
}

class BackupUnderPowerCuts : public testing::Test {
protected:
    void SetUp() override {
        daemon_.start();
        disk_.emplace(folder_.path(), WatchedDisk::Recording::on);
    }

    // Makes a backup of more than the last one; from now on it is promised.
    void back_up(const std::string& target, const std::string& keep = "") {
        const auto number = std::to_string(moments_.size());
        ASSERT_EQ(daemon_.deliver(event_json({.type = "access_code.created",
                                              .access_code_id = "code-" + number,
                                              .event_id = "event-" + number})),
                  204U);
        std::ostringstream out;
        ctl::Session session{out, out, [this] { return now_; }, false, {}};
        session.global.set("--api", "http://127.0.0.1:" + std::to_string(daemon_.api_port()));
        ctl::Arguments arguments;
        arguments.set("FILE", (folder_.path() / target).string());
        if (!keep.empty()) arguments.set("--keep", keep);
        ASSERT_EQ(ctl::run(ctl::backup_command(), arguments, session), 0) << out.str();
        now_ += std::chrono::hours{1};

        moments_.push_back({disk_->position(), files_in(folder_.path())});
        for (const auto& [name, content] : moments_.back().files) {
            EXPECT_TRUE(store::check_copy((folder_.path() / name).string())) << name;
            made_.insert(content);
        }
    }

    // What is wrong after a cut of this seed; empty: nothing.
    [[nodiscard]] std::string complaint_after_cut(const DiskReplay& disk, std::size_t position,
                                                  std::uint64_t seed) const {
        const TemporaryFolder left;
        disk.save(left.path(), seed);
        auto found = files_in(left.path());
        std::erase_if(found, [](const auto& file) { return is_draft(file.first); });
        for (const auto& [name, content] : found)
            if (!made_.contains(content)) return name + " is not whole";
        // Between two moments what both of them have is there, in the form of the one or the other.
        const auto next = std::ranges::find_if(
            moments_, [&](const Moment& moment) { return moment.position > position; });
        if (next == moments_.begin()) return {};
        for (const auto& [name, content] : std::prev(next)->files) {
            const bool stays = next == moments_.end() || next->files.contains(name);
            if (stays && !found.contains(name)) return name + " is lost";
            if (next == moments_.end() && found[name] != content) return name + " is an older one";
        }
        return {};
    }

    void expect_whole_after_cuts(std::uint64_t first_seed) {
        const auto recording = disk_->recording();
        disk_.reset();
        ASSERT_GT(recording.records.size(), 10U);
        std::vector<std::string> wrong;
        for (std::size_t position = 0; position <= recording.records.size(); ++position) {
            DiskReplay disk(recording);
            disk.advance_to(position);
            for (std::uint64_t seed = first_seed; seed < first_seed + 3; ++seed) {
                const auto found = complaint_after_cut(disk, position, seed + 3 * position);
                if (!found.empty())
                    wrong.push_back(fmt::format("cut at {} of {}, seed {}: {}", position,
                                                recording.records.size(), seed, found));
            }
        }
        EXPECT_THAT(wrong, testing::IsEmpty());
    }

private:
    struct Moment {  // when a command had ended
        std::size_t position = 0;
        Files files;
    };

    Daemon daemon_;
    TemporaryFolder folder_;
    std::optional<WatchedDisk> disk_;
    Timestamp now_ = parse_rfc3339("2026-03-05T15:00:00Z").value();
    std::vector<Moment> moments_;
    std::set<std::string> made_;
};

TEST_F(BackupUnderPowerCuts, OfOneFileIsTheOldOneOrTheNewOne) {
    for (int i = 0; i < 3; ++i) back_up("backup.db");
    expect_whole_after_cuts(1'000);
}

TEST_F(BackupUnderPowerCuts, OfAFolderKeepsAsManyAsItHasTold) {
    for (int i = 0; i < 4; ++i) back_up("copies", "2");
    expect_whole_after_cuts(2'000);
}

}  // namespace
}  // namespace oracode::test
