// What happens in stories: pieces of work by a random sequence that is the same in every run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/store/power/story.hpp"

namespace oracode::test {

class Script {
public:
    // Its events are numbered from `first_event` on.
    explicit Script(StoryTeller& teller, std::uint64_t seed = 1, int first_event = 0)
        : teller_(teller), random_(seed), next_(first_event) {}

    // So many rounds of anything, with the clock going on.
    void deliver(int rounds);
    // One event of some code.
    StoryTeller::Work event();
    void have_targets_of_notifications();
    void lose_an_account();
    // One code with everything, until it has ended.
    void live_and_end(const std::string& code);
    // True: there is more to purge.
    bool purge(Duration pins, Duration history);

private:
    StoryTeller::Work anything();
    StoryTeller::Work again();
    StoryTeller::Work answer_of_seam();
    StoryTeller::Work quarantined();
    StoryTeller::Work alert_of_the_daemon();
    [[nodiscard]] std::string body();
    [[nodiscard]] int below(int end) {
        return static_cast<int>(random_() % static_cast<unsigned>(end));
    }

    StoryTeller& teller_;
    std::mt19937_64 random_;
    int next_;
    std::vector<lifecycle::Event> sent_;
};

}  // namespace oracode::test
