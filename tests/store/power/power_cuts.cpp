#include "tests/store/power/power_cuts.hpp"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include "support/disk/watched_disk.hpp"
#include "tests/store/fixture.hpp"

namespace oracode::test {
namespace {

namespace fs = std::filesystem;

struct Cut {
    std::size_t position = 0;
    std::uint64_t seed = 0;
};

// The moments at which the log is partly in the database, for each state of its sync.
struct MomentsOfCopying {
    std::vector<std::size_t> unsynced;
    std::vector<std::size_t> synced;
};

MomentsOfCopying moments_of_copying(const std::vector<CopiedLog>& copied) {
    MomentsOfCopying moments;
    for (std::size_t at = 0; at < copied.size(); ++at) {
        if (copied[at] == CopiedLog::unsynced) moments.unsynced.push_back(at);
        if (copied[at] == CopiedLog::synced) moments.synced.push_back(at);
    }
    return moments;
}

// A third at the moment of an answer, a third while the log is copied bit by bit, the others
// anywhere.
Cut cut_of(const Story& story, const MomentsOfCopying& copying, std::uint64_t seed) {
    std::mt19937_64 random(seed ^ 0x9e3779b97f4a7c15U);
    const auto where = random() % 6;
    if (where < 2 && !story.promises.empty())
        return {story.promises[random() % story.promises.size()].position, seed};
    const auto& moments = where == 2 ? copying.unsynced : copying.synced;
    if ((where == 2 || where == 3) && !moments.empty())
        return {moments[random() % moments.size()], seed};
    return {random() % (story.disk.records.size() + 1), seed};
}

std::vector<Cut> cuts_of(const Story& story, const std::vector<CopiedLog>& copied,
                         std::uint64_t first_seed, std::size_t count) {
    const auto copying = moments_of_copying(copied);
    if (const char* const alone = std::getenv("ORACODE_SEED"))
        return {cut_of(story, copying, std::strtoull(alone, nullptr, 10))};
    std::vector<Cut> cuts;
    for (std::size_t i = 0; i < count; ++i) cuts.push_back(cut_of(story, copying, first_seed + i));
    std::sort(cuts.begin(), cuts.end(), [](auto& a, auto& b) { return a.position < b.position; });
    return cuts;
}

}  // namespace

void CutTally::add(const CutTally& other) {
    cuts += other.cuts;
    for (std::size_t i = 0; i < survivals.size(); ++i) survivals.at(i) += other.survivals.at(i);
    for (std::size_t i = 0; i < copied.size(); ++i) copied.at(i) += other.copied.at(i);
    failures.insert(failures.end(), other.failures.begin(), other.failures.end());
}

CutTally cut_power(const Story& story, std::uint64_t first_seed, std::size_t count,
                   const CutCheck& check, DiskReplay::Syncs syncs) {
    CutTally tally;
    const auto copied = copied_log(story.disk);
    DiskReplay disk(story.disk, syncs);
    for (const auto& cut : cuts_of(story, copied, first_seed, count)) {
        disk.advance_to(cut.position);
        const TemporaryFolder folder;
        disk.save(folder.path(), cut.seed);
        const auto survival = DiskReplay::survival(cut.seed);
        ++tally.cuts;
        ++tally.survivals.at(static_cast<std::size_t>(survival));
        ++tally.copied.at(static_cast<std::size_t>(copied.at(cut.position)));
        const WatchedDisk without_syncs(folder.path());
        std::string wrong;
        try {
            wrong = check(folder.path(), cut.position);
        } catch (const std::exception& error) {
            wrong = error.what();
        }
        if (!wrong.empty())
            tally.failures.push_back(fmt::format("seed {}, cut at {} of {}, unsynced {}: {}",
                                                 cut.seed, cut.position, story.disk.records.size(),
                                                 name(survival), wrong));
    }
    return tally;
}

std::string DatabaseCheck::operator()(const fs::path& folder, std::size_t position) {
    const auto path = (folder / database_name).string();
    if (auto wrong = first_start(path, position); !wrong.empty()) return wrong;
    return second_start(path);
}

std::string DatabaseCheck::first_start(const std::string& path, std::size_t position) {
    const auto now = at(2'000'000);
    store::Store store(StoryTeller::options(path, now));
    store.start();
    digest_ = digest_of_database(path);
    const auto state = story_.state_of(digest_);
    if (!state) {
        const auto wrong = complaint_about(path, story_.events, kept_);
        return "a state that was never committed: " + wrong;
    }
    const auto oldest = story_.oldest_state(position);
    if (*state < oldest) return fmt::format("lost: state {} instead of {}", *state, oldest);
    // What one look finds in the rows every other finds; the pages it lies in are others.
    if (!examined_.insert(digest_).second)
        return sql(path, "PRAGMA integrity_check") == "ok" ? "" : "the integrity check fails";
    return complaint_about(path, story_.events, kept_);
}

std::string DatabaseCheck::second_start(const std::string& path) const {
    const auto now = at(2'000'000);
    boost::asio::io_context home;
    store::Store store(StoryTeller::options(path, now));
    store.start();
    if (digest_of_database(path) != digest_) return "the second start shows something else";
    std::string wrong = "no answer";
    store.record(
        make_event("after the cut", "after the cut", lifecycle::LifecycleStep::set, 0), "{}", home,
        [&wrong](auto recorded) { wrong = recorded ? "" : "refused: " + recorded.error().detail; });
    home.run();
    return wrong;
}

}  // namespace oracode::test
