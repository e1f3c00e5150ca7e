// Each call to the disk fails in its turn.
#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/store/power/faulty_life.hpp"

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
};

class IoFaults : public testing::TestWithParam<std::tuple<FaultyPhase, DiskCall>> {};

// The first, the second, and so on, each in one of the ways, until there is none left to fail.
TEST_P(IoFaults, OfEachCallLoseNothingThatWasPromised) {
    const auto [phase, call] = GetParam();
    const auto faults = faults_of(call);
    SweepTally tally;
    for (std::int64_t nth = 1; !HasFailure(); ++nth) {
        auto fault = faults[static_cast<std::size_t>(nth) % faults.size()];
        fault.nth = nth;
        FaultyLife life;
        EXPECT_EQ(life.live(phase, fault), "")
            << "call " << nth << ", lasting " << fault.lasting << ", error " << fault.error;
        if (life.struck() == 0) break;
        ++tally.lives;
        tally.struck += life.struck();
        tally.promised += life.promised();
        tally.refused += life.refused();
    }
    std::cout << fmt::format("{} {}: {} lives, {} calls failed, {} promised, {} refused\n",
                             name(phase), name(call), tally.lives, tally.struck, tally.promised,
                             tally.refused);
    EXPECT_GT(tally.lives, 0);
}

INSTANTIATE_TEST_SUITE_P(, IoFaults,
                         testing::Combine(testing::ValuesIn(faulty_phases),
                                          testing::ValuesIn(disk_calls)),
                         [](const auto& each) {
                             auto text = fmt::format("{}_{}", name(std::get<0>(each.param)),
                                                     name(std::get<1>(each.param)));
                             return text;
                         });

}  // namespace
}  // namespace oracode::test
