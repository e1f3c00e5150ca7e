#include "support/disk_faults.hpp"

#include <cerrno>
#include <cstdint>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace oracode::test {

std::atomic<int> syncs_to_fail{0};

namespace {

struct Disk {
    dev_t device{};
    ino_t inode{};
    std::string content;                         // on the disk
    std::map<std::uint64_t, std::string> dirty;  // written, by offset
    bool fails_next = false;
    bool has_failed = false;
};

std::mutex watching;
std::optional<Disk> watched;

bool is_watched(int file) {
    struct stat found {};
    return watched && ::fstat(file, &found) == 0 && found.st_ino == watched->inode &&
           found.st_dev == watched->device;
}

void note_write(int file, std::string_view bytes, std::int64_t offset) {
    const std::lock_guard lock(watching);
    if (!is_watched(file)) return;
    watched->dirty[static_cast<std::uint64_t>(offset)] = std::string(bytes);
}

// False: this one fails.
bool note_sync(int file) {
    const std::lock_guard lock(watching);
    if (!is_watched(file)) return true;
    if (watched->fails_next) {
        watched->fails_next = false;
        watched->has_failed = true;
        watched->dirty.clear();
        return false;
    }
    for (const auto& [offset, bytes] : watched->dirty) {
        if (watched->content.size() < offset + bytes.size())
            watched->content.resize(offset + bytes.size());
        watched->content.replace(offset, bytes.size(), bytes);
    }
    watched->dirty.clear();
    return true;
}

int sync_or_fail(long call, int file) {
    bool fails = !note_sync(file);
    if (syncs_to_fail > 0) {
        --syncs_to_fail;
        fails = true;
    }
    if (!fails) return static_cast<int>(::syscall(call, file));
    errno = EIO;
    return -1;
}

}  // namespace

WatchedFile::WatchedFile(std::string path) {
    struct stat found {};
    ::stat(path.c_str(), &found);
    std::ifstream in(path, std::ios::binary);
    std::string content{std::istreambuf_iterator<char>(in), {}};
    const std::lock_guard lock(watching);
    watched.emplace(Disk{found.st_dev, found.st_ino, std::move(content), {}});
}
WatchedFile::~WatchedFile() {
    const std::lock_guard lock(watching);
    watched.reset();
}

bool WatchedFile::has_unsynced() const {
    const std::lock_guard lock(watching);
    return !watched->dirty.empty();
}

void WatchedFile::fail_next_sync() {
    const std::lock_guard lock(watching);
    watched->fails_next = true;
}

bool WatchedFile::sync_has_failed() const {
    const std::lock_guard lock(watching);
    return watched->has_failed;
}

void WatchedFile::save_disk(const std::filesystem::path& copy) const {
    const std::lock_guard lock(watching);
    std::ofstream(copy, std::ios::binary) << watched->content;
}

}  // namespace oracode::test

// SQLite's calls come here: a program's own symbols go before the C library's.
extern "C" int fdatasync(int file) {
    return oracode::test::sync_or_fail(SYS_fdatasync, file);
}
extern "C" int fsync(int file) {
    return oracode::test::sync_or_fail(SYS_fsync, file);
}
extern "C" ssize_t pwrite64(int file, const void* data, size_t size, off64_t offset) {
    const auto written = ::syscall(SYS_pwrite64, file, data, size, offset);
    if (written > 0)
        oracode::test::note_write(
            file, {static_cast<const char*>(data), static_cast<std::size_t>(written)}, offset);
    return written;
}
