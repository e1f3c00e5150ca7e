// Each call to the disk fails in its turn.
#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <set>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "tests/store/power/faulty_life.hpp"
#include "tests/support/soak_time.hpp"

namespace oracode::test {
namespace {

// The ways in which a call can fail.
std::vector<DiskFault> faults_of(DiskCall call) {
    std::vector<DiskFault> faults;
    for (const bool lasting : {false, true}) {
        faults.push_back({.call = call, .lasting = lasting, .error = EIO});
        if (call == DiskCall::read) continue;
        faults.push_back({.call = call, .lasting = lasting, .error = ENOSPC});
        if (call == DiskCall::write)
            faults.push_back(
                {.call = call, .lasting = lasting, .error = ENOSPC, .short_write = true});
    }
    return faults;
}

struct SweepTally {
    std::int64_t lives = 0;
    std::int64_t struck = 0;
    std::size_t promised = 0;
    std::size_t refused = 0;
    std::set<std::string> files;
    std::int64_t in_background = 0;  // lives in which a sync beside the commits failed

    void add(const SweepTally& other) {
        lives += other.lives;
        struck += other.struck;
        promised += other.promised;
        refused += other.refused;
        in_background += other.in_background;
        files.insert(other.files.begin(), other.files.end());
    }
    void add(const FaultyLife& life) {
        add({1, life.struck(), life.promised(), life.refused(), life.struck_files(),
             life.struck_threads().contains("checkpoint") ? 1 : 0});
    }
    [[nodiscard]] std::string text() const {
        return fmt::format(
            "{} lives, {} with a failed sync beside the commits, {} calls failed, {} promised, "
            "{} refused",
            lives, in_background, struck, promised, refused);
    }
};

struct Sweep {
    FaultyPhase phase{};
    DiskCall call{};
    std::uint64_t seed = 0;  // which of the ways comes first
    int deliveries = 6;      // of each thread
    // Of the many reads of the same kind some: each where this is 0.
    std::int64_t read_stride = 5;
    std::string file{};  // calls of this alone, unless it is empty
};

// The first call, the second, and so on, each in one of the ways, until there is none left to fail.
SweepTally fail_each(const Sweep& sweep) {
    const auto faults = faults_of(sweep.call);
    const bool leaves_out = sweep.call == DiskCall::read && sweep.read_stride > 0;
    SweepTally tally;
    // How many calls a life makes depends on how its threads meet.
    for (std::int64_t nth = 1, missed = 0; missed < 3 && !testing::Test::HasFailure();) {
        auto fault = faults[(static_cast<std::size_t>(nth) + sweep.seed) % faults.size()];
        fault.nth = nth;
        fault.file = sweep.file;
        FaultyLife life(sweep.deliveries);
        EXPECT_EQ(life.live(sweep.phase, fault), "")
            << name(sweep.phase) << ", " << name(sweep.call) << " " << nth << ", lasting "
            << fault.lasting << ", error " << fault.error << ", seed " << sweep.seed;
        missed = life.struck() == 0 ? missed + 1 : 0;
        if (missed == 0) tally.add(life);
        nth += leaves_out ? 1 + nth / sweep.read_stride : 1;
    }
    return tally;
}

// Whose calls of this kind there are in any run of that phase.
std::set<std::string> files_of(FaultyPhase phase, DiskCall call) {
    const std::string database = database_name;
    const auto log = database + "-wal";
    // Reopening empties the log where no reader keeps it from that.
    if (call == DiskCall::truncate)
        return phase == FaultyPhase::closing ? std::set{log} : std::set<std::string>{};
    // Which of them is opened anew depends on the threads: SQLite keeps the descriptor of a
    // database that another connection has locked, and takes it again.
    if (call == DiskCall::open && phase != FaultyPhase::starting) return {};
    if (phase == FaultyPhase::closing) {
        if (call == DiskCall::read) return {log};
        if (call == DiskCall::write) return {database};
    }
    return {database, log};
}

class IoFaults : public testing::TestWithParam<std::tuple<FaultyPhase, DiskCall>> {};

TEST_P(IoFaults, OfEachCallLoseNothingThatWasPromised) {
    const auto [phase, call] = GetParam();
    auto tally = fail_each({.phase = phase, .call = call});
    // The few among many others are each hit too.
    if (call == DiskCall::sync)
        tally.add(fail_each({.phase = phase, .call = call, .file = database_name}));
    std::cout << tally.text() << "\n";
    if (!HasFailure()) {
        EXPECT_THAT(tally.files, testing::IsSupersetOf(files_of(phase, call)));
        const bool always_there =
            phase == FaultyPhase::delivering || phase == FaultyPhase::reopening;
        if (call == DiskCall::open && always_there) {
            EXPECT_GT(tally.struck, 0);
        }
        if (call == DiskCall::sync && phase == FaultyPhase::delivering) {
            EXPECT_GT(tally.in_background, 0);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(, IoFaults,
                         testing::Combine(testing::ValuesIn(faulty_phases),
                                          testing::ValuesIn(disk_calls)),
                         [](const auto& each) {
                             auto text = fmt::format("{}_{}", name(std::get<0>(each.param)),
                                                     name(std::get<1>(each.param)));
                             return text;
                         });

// By `tests/soak faults [MINUTES]` alone: every call in every way, in lives of any length.
TEST(Soak, Faults) {
    const auto time = soak_time();
    if (!time) GTEST_SKIP() << "tests/soak faults [MINUTES] runs it";
    SweepTally all;
    auto seed = time->first_seed;
    for (; !time->is_over() && !HasFailure(); ++seed) {
        for (const auto phase : faulty_phases)
            for (const auto call : disk_calls) {
                if (time->is_over() || HasFailure()) break;
                all.add(fail_each({phase, call, seed, 4 + static_cast<int>(seed % 13), 0}));
            }
    }
    std::cout << fmt::format("faults: {}, seeds {} to {}\n", all.text(), time->first_seed, seed);
}

}  // namespace
}  // namespace oracode::test
