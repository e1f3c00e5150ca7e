// The syncs of this process, made to fail, and a disk that drops what a failed sync has left
// behind: what a file would hold after a power cut.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>

namespace oracode::test {

// How many syncs fail from now on, of any file.
extern std::atomic<int> syncs_to_fail;

// As the kernel does it with the file at `path` while this lives: what is written reaches the disk
// by a sync; when a sync fails it is reported once, and the pages written before it are taken for
// clean although the disk never got them. One at a time.
class WatchedFile {
public:
    explicit WatchedFile(std::string path);
    ~WatchedFile();
    WatchedFile(const WatchedFile&) = delete;
    WatchedFile& operator=(const WatchedFile&) = delete;

    // Whether something was written that no sync has brought to the disk.
    [[nodiscard]] bool has_unsynced() const;
    void fail_next_sync();
    [[nodiscard]] bool sync_has_failed() const;
    // What the disk has of it, written to `copy`.
    void save_disk(const std::filesystem::path& copy) const;
};

}  // namespace oracode::test
