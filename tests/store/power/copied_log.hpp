// Which moments of a recording lie within an incremental checkpoint.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "support/disk/disk_recording.hpp"

namespace oracode::test {

enum class CopiedLog : std::uint8_t {
    not_yet,   // or all of it: nothing is committed before the log begins again
    unsynced,  // some was copied and not synced, and commits follow in the same log
    synced     // what was copied is synced, and commits follow in the same log
};
inline constexpr std::size_t copied_log_count = 3;

// For each position of the recording, the end included.
[[nodiscard]] std::vector<CopiedLog> copied_log(const DiskRecording& recording);

}  // namespace oracode::test
