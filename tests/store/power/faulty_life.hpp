// Deliveries and reads, several at once, on a disk that fails: what was promised, what was refused,
// and what comes of it once the disk works again.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "store/store.hpp"
#include "support/disk/watched_disk.hpp"
#include "support/temporary_folder.hpp"
#include "tests/store/power/story.hpp"

namespace oracode::test {

// When the disk begins to fail.
enum class FaultyPhase : std::uint8_t {
    starting,    // on what a crash has left
    delivering,  // with checkpoints all the while
    reopening,   // after a commit whose write failed
    closing
};
inline constexpr std::array faulty_phases{FaultyPhase::starting, FaultyPhase::delivering,
                                          FaultyPhase::reopening, FaultyPhase::closing};
[[nodiscard]] std::string_view name(FaultyPhase phase);

class FaultyLife {
public:
    // Each of its threads delivers so many.
    explicit FaultyLife(int deliveries);
    ~FaultyLife();
    FaultyLife(const FaultyLife&) = delete;
    FaultyLife& operator=(const FaultyLife&) = delete;

    // The first thing that went wrong; empty: nothing.
    std::string live(FaultyPhase phase, const DiskFault& fault);

    [[nodiscard]] std::int64_t struck() const { return struck_; }
    [[nodiscard]] const std::set<std::string>& struck_files() const { return struck_files_; }
    [[nodiscard]] const std::set<std::string>& struck_threads() const { return struck_threads_; }
    [[nodiscard]] std::size_t promised() const { return promised_; }
    [[nodiscard]] std::size_t refused() const { return refused_.size(); }

private:
    void open();
    // Records so many events from several threads beside one that reads; false: one hangs.
    bool deliver_and_read(int count);
    void read_until(const std::atomic<bool>& done) const;
    bool deliver_on_one_thread(int count);
    // Alone. False where it is refused.
    bool deliver(const lifecycle::Event& event);
    [[nodiscard]] lifecycle::Event next_event();
    void start_failing(FaultyPhase phase, const DiskFault& fault);
    std::string recover();
    [[nodiscard]] std::string examine();

    const int deliveries_;
    TemporaryFolder folder_;
    std::optional<WatchedDisk> disk_;
    store::LogLimits log_;
    std::optional<store::Store> store_;
    std::atomic<bool> given_up_{false};
    std::atomic<const DiskFault*> at_next_failure_{nullptr};  // armed by a failed commit
    std::mutex mutex_;
    std::map<std::string, lifecycle::Event> events_;
    std::map<std::string, lifecycle::Event> refused_;
    std::size_t promised_ = 0;
    std::int64_t struck_ = 0;
    std::set<std::string> struck_files_;
    std::set<std::string> struck_threads_;
    int next_ = 0;
};

}  // namespace oracode::test
