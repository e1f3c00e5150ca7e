// Writes whole lines to a descriptor for the logging thread. A stuck reader holds only that thread
// up, and not for ever once the process wants to end.
#pragma once

#include <atomic>
#include <string_view>

namespace oracode::log {

class LineWriter {
public:
    // Does not own the descriptor.
    explicit LineWriter(int descriptor) : descriptor_(descriptor) {}

    // Waits for the reader; after `hurry` for at most a second without progress, and then no more
    // at all. Lines that cannot be written (reader gone, disk full) are discarded: there is nowhere
    // to say so.
    void write(std::string_view line);

    // Any thread; cannot be taken back.
    void hurry() { hurry_ = true; }

private:
    bool wait_writable();

    int descriptor_;
    std::atomic<bool> hurry_ = false;
    bool abandoned_ = false;
};

}  // namespace oracode::log
