// What was answered is there after a crash: nothing is held back in the process.
#include <array>
#include <csignal>
#include <set>

#include <sys/wait.h>
#include <unistd.h>

#include "tests/store/fixture.hpp"

namespace oracode::test {
namespace {

class Crash : public StoreTest {
protected:
    // Records without end, 16 at a time, and tells `answers` the number of each event recorded.
    [[noreturn]] void record_until_killed(int first, int answers) {
        try {
            open();
            auto& asking = home();
            int next = first;
            std::function<void()> ask = [&] {
                const int number = next++;
                const auto id = std::to_string(number);
                store_->record(make_event(id, "code " + std::to_string(number % 50),
                                          lifecycle::LifecycleStep::set, number),
                               std::string(3'000, 'x'), asking, [&ask, answers, number](auto done) {
                                   if (!done) ::_exit(2);
                                   if (::write(answers, &number, sizeof number) < 0) ::_exit(3);
                                   ask();
                               });
            };
            for (int i = 0; i < 16; ++i) ask();
            asking.run();
        } catch (...) {
        }
        ::_exit(1);
    }
};

TEST_F(Crash, LosesNothingThatWasAnswered) {
    std::set<int> answered;
    for (int round = 0; round < 12; ++round) {
        std::array<int, 2> ends{};
        ASSERT_EQ(::pipe(ends.data()), 0);
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) record_until_killed(round * 1'000'000, ends[1]);
        ::close(ends[1]);
        int number = 0;
        int left = 1 + round * 37;
        while (::read(ends[0], &number, sizeof number) == sizeof number) {
            answered.insert(number);
            if (--left == 0) ::kill(child, SIGKILL);
        }
        ::close(ends[0]);
        int status = 0;
        ::waitpid(child, &status, 0);
        ASSERT_TRUE(WIFSIGNALED(status)) << "exit code " << WEXITSTATUS(status);

        open();
        std::set<int> stored;
        for (int i = 0; i < 50; ++i) {
            const auto past = store::Reader(path()).history("code " + std::to_string(i));
            if (!past) continue;
            for (const auto& event : past->events) {
                EXPECT_TRUE(stored.insert(std::stoi(event.event_id)).second) << event.event_id;
                EXPECT_EQ(event.body.size(), 3'000U);
            }
        }
        for (const int event : answered) EXPECT_TRUE(stored.contains(event)) << event;
        EXPECT_EQ(sql(path(), "PRAGMA integrity_check"), "ok");
        close();
    }
    EXPECT_GT(answered.size(), 12U * 37U);
}

}  // namespace
}  // namespace oracode::test
