// What was done to the files of a folder, in order, down to what was synced: enough to build the
// disk as a power cut at any point may leave it. Plain values; names are paths below the folder.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace oracode::test {

struct DiskRecord {
    enum class Kind {
        create,
        make_folder,
        rename,
        remove,
        write,
        truncate,
        sync,
        lost_sync,  // it failed: what was written before it will never reach the disk
        sync_folder
    };
    Kind kind{};
    std::size_t file = 0;      // of create, write, truncate and the syncs of files: which
    std::string name{};        // of what is created, renamed, removed, and of a synced folder
    std::string new_name{};    // of a rename
    std::uint64_t offset = 0;  // of a write; the new size of a truncation
    std::string bytes{};       // written
};

struct DiskRecording {
    // What lay there before, durably. A file's number is its place here; files created later have
    // the numbers that follow.
    std::vector<std::pair<std::string, std::string>> files;
    std::vector<std::string> folders;
    std::vector<DiskRecord> records;
};

}  // namespace oracode::test
