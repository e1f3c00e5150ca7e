// The calls of this process to the files of one folder, on their way to the kernel: recorded,
// counted, and made to fail.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "support/disk/disk_recording.hpp"

namespace oracode::test {

enum class DiskCall : std::uint8_t { open, read, write, truncate, sync };
inline constexpr std::array disk_calls{DiskCall::open, DiskCall::read, DiskCall::write,
                                       DiskCall::truncate, DiskCall::sync};
[[nodiscard]] std::string_view name(DiskCall call);

// The n-th such call from now on fails, and all that follow where it is lasting.
struct DiskFault {
    DiskCall call{};
    std::int64_t nth = 1;
    bool lasting = false;
    int error = 0;             // the errno
    bool short_write = false;  // half of the first write is done; the next fails
    std::string file{};        // of this name below the folder alone; empty: of any
};

// Syncs of this file by this thread begin only when so many records have been made by others, or a
// moment later.
struct LateSyncs {
    std::string thread{};
    std::string file{};
    std::size_t records = 0;
};

// Any thread. One at a time. Syncs do not reach the disk while it lives, which makes them quick:
// what they mean is up to a DiskReplay. Shared memory and locks (`-shm`, `.lock`) are left alone,
// as nothing of them outlives a process.
class WatchedDisk {
public:
    enum class Recording { off, on };

    explicit WatchedDisk(const std::filesystem::path& folder, Recording recording = Recording::off);
    ~WatchedDisk();
    WatchedDisk(const WatchedDisk&) = delete;
    WatchedDisk& operator=(const WatchedDisk&) = delete;

    // In the place of the fault before.
    void fail(DiskFault fault);
    void heal();
    // Calls that the fault has struck since `fail`.
    [[nodiscard]] std::int64_t struck() const;
    // Which files they were of.
    [[nodiscard]] std::set<std::string> struck_files() const;
    // The names of the threads that made them.
    [[nodiscard]] std::set<std::string> struck_threads() const;
    // Needs the recording.
    void delay(LateSyncs late);
    // Calls since this was made.
    [[nodiscard]] std::int64_t count(DiskCall call) const;
    // Whether the file has been written to since its last sync.
    [[nodiscard]] bool has_unsynced(const std::string& file) const;

    // How many records there are by now.
    [[nodiscard]] std::size_t position() const;
    [[nodiscard]] DiskRecording recording() const;
};

}  // namespace oracode::test
