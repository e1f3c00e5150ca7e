#include "support/disk/watched_disk.hpp"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <utility>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "support/disk/disk_watch.hpp"
#include "support/temporary_folder.hpp"

namespace oracode::test {
namespace {

namespace fs = std::filesystem;
using Kind = DiskRecord::Kind;

// Where nobody records anything: the others may be waiting for the sync.
constexpr auto latest_sync = std::chrono::milliseconds{20};

constinit std::atomic<bool> watching{false};
std::mutex mutex;
std::condition_variable noted;
std::optional<DiskWatch> watch;

// Of no use after the process.
bool is_passing(std::string_view name) {
    return name.ends_with("-shm") || name.ends_with(".lock");
}

std::optional<std::string> watched_name(const char* path) {
    auto name = watch ? watch->below(path) : std::nullopt;
    return name && is_passing(*name) ? std::nullopt : name;
}

int open_file(const char* path, int flags, mode_t mode) {
    const auto open_it = [&] {
        return static_cast<int>(::syscall(SYS_openat, AT_FDCWD, path, flags, mode));
    };
    if (!watching.load(std::memory_order_acquire)) return open_it();
    const std::lock_guard lock(mutex);
    const auto name = watched_name(path);
    if (!name) return open_it();
    if (watch->strikes(DiskCall::open, *name)) return -1;
    const bool is_new = (flags & O_CREAT) != 0 && ::access(path, F_OK) != 0;
    const int file = open_it();
    if (file < 0) return file;
    if (is_new) {
        watch->add(path, *name);
        watch->note({Kind::create, watch->next_file - 1, *name});
    } else if ((flags & O_TRUNC) != 0) {
        if (const auto* found = watch->behind(file)) watch->note({Kind::truncate, found->number});
    }
    return file;
}

ssize_t write_at(int file, const void* data, std::size_t size, off64_t offset) {
    const auto write_it = [&](std::size_t count) {
        return ::syscall(SYS_pwrite64, file, data, count, offset);
    };
    if (!watching.load(std::memory_order_acquire)) return write_it(size);
    const std::lock_guard lock(mutex);
    const auto* found = watch ? watch->behind(file) : nullptr;
    if (found == nullptr) return write_it(size);
    if (watch->strikes(DiskCall::write, found->name)) {
        if (!watch->fault->short_write || watch->struck > 1 || size < 2) return -1;
        size /= 2;
    }
    const auto written = write_it(size);
    if (written <= 0) return written;
    watch->unsynced.insert(found->name);
    if (watch->recording)
        watch->note(
            {Kind::write,
             found->number,
             {},
             {},
             static_cast<std::uint64_t>(offset),
             std::string(static_cast<const char*>(data), static_cast<std::size_t>(written))});
    return written;
}

ssize_t read_at(int file, void* data, std::size_t size, off64_t offset) {
    if (watching.load(std::memory_order_acquire)) {
        const std::lock_guard lock(mutex);
        const auto* found = watch ? watch->behind(file) : nullptr;
        if (found != nullptr && watch->strikes(DiskCall::read, found->name)) return -1;
    }
    return ::syscall(SYS_pread64, file, data, size, offset);
}

int truncate_file(int file, off64_t size) {
    const auto truncate_it = [&] { return static_cast<int>(::syscall(SYS_ftruncate, file, size)); };
    if (!watching.load(std::memory_order_acquire)) return truncate_it();
    const std::lock_guard lock(mutex);
    const auto* found = watch ? watch->behind(file) : nullptr;
    if (found == nullptr) return truncate_it();
    if (watch->strikes(DiskCall::truncate, found->name)) return -1;
    const int result = truncate_it();
    if (result != 0) return result;
    watch->unsynced.insert(found->name);
    watch->note({Kind::truncate, found->number, {}, {}, static_cast<std::uint64_t>(size)});
    return result;
}

void wait_if_late(std::unique_lock<std::mutex>& lock, int file) {
    if (!watch || watch->late.records == 0 || watch->late.thread != name_of_this_thread()) return;
    const auto* found = watch->behind(file);
    if (found == nullptr || found->name != watch->late.file) return;
    const auto until = watch->records.records.size() + watch->late.records;
    noted.wait_for(lock, latest_sync,
                   [until] { return !watch || watch->records.records.size() >= until; });
}

int sync_file(long call, int file) {
    if (!watching.load(std::memory_order_acquire)) return static_cast<int>(::syscall(call, file));
    std::unique_lock lock(mutex);
    wait_if_late(lock, file);
    if (!watch) return static_cast<int>(::syscall(call, file));
    if (const auto* found = watch->behind(file)) {
        const bool lost = watch->strikes(DiskCall::sync, found->name);
        watch->unsynced.erase(found->name);
        watch->note({lost ? Kind::lost_sync : Kind::sync, found->number, found->name});
        return lost ? -1 : 0;
    }
    if (const auto folder = watch->folder_behind(file)) {
        if (watch->strikes(DiskCall::sync, *folder)) return -1;
        watch->note({Kind::sync_folder, 0, *folder});
        return 0;
    }
    return static_cast<int>(::syscall(call, file));
}

// A change of names; `name` or `new_name` may lie outside of the folder.
template <class Change>
int change_name(Kind kind, const char* path, const char* new_path, const Change& change) {
    if (!watching.load(std::memory_order_acquire)) return change();
    const std::lock_guard lock(mutex);
    const auto name = watched_name(path);
    const auto new_name = new_path != nullptr ? watched_name(new_path) : std::nullopt;
    const int result = change();
    if (result != 0 || !name) return result;
    for (auto& [inode, file] : watch->files)
        if (kind == Kind::rename && file.name == *name && new_name) file.name = *new_name;
    watch->note({kind, 0, *name, new_name.value_or("")});
    return result;
}

}  // namespace

std::string_view name(DiskCall call) {
    constexpr std::array<std::string_view, disk_calls.size()> names{"open", "read", "write",
                                                                    "truncate", "sync"};
    return names.at(static_cast<std::size_t>(call));
}

WatchedDisk::WatchedDisk(const fs::path& folder, Recording recording) {
    DiskWatch made;
    made.noted = &noted;
    made.folder = fs::canonical(folder).string() + "/";
    made.recording = recording == Recording::on;
    for (const auto& entry : fs::recursive_directory_iterator(made.folder)) {
        auto name = entry.path().string().substr(made.folder.size());
        if (entry.is_directory()) {
            made.records.folders.push_back(name);
        } else if (!is_passing(name)) {
            made.add(entry.path().string(), name);
            made.records.files.emplace_back(
                std::move(name), made.recording ? contents(entry.path()) : std::string{});
        }
    }
    {
        const std::lock_guard lock(mutex);
        if (watch) std::abort();  // one at a time
        watch = std::move(made);
    }
    watching = true;
}

WatchedDisk::~WatchedDisk() {
    watching = false;
    const std::lock_guard lock(mutex);
    watch.reset();
}

void WatchedDisk::fail(DiskFault fault) {
    const std::lock_guard lock(mutex);
    watch->fault = std::move(fault);
    watch->matched = watch->struck = 0;
    watch->struck_files.clear();
    watch->struck_threads.clear();
}

void WatchedDisk::heal() {
    const std::lock_guard lock(mutex);
    watch->fault.reset();
}

std::int64_t WatchedDisk::struck() const {
    const std::lock_guard lock(mutex);
    return watch->struck;
}

std::set<std::string> WatchedDisk::struck_files() const {
    const std::lock_guard lock(mutex);
    return watch->struck_files;
}

std::set<std::string> WatchedDisk::struck_threads() const {
    const std::lock_guard lock(mutex);
    return watch->struck_threads;
}

void WatchedDisk::delay(LateSyncs late) {
    const std::lock_guard lock(mutex);
    watch->late = std::move(late);
}

std::int64_t WatchedDisk::count(DiskCall call) const {
    const std::lock_guard lock(mutex);
    return watch->counts.at(static_cast<std::size_t>(call));
}

bool WatchedDisk::has_unsynced(const std::string& file) const {
    const std::lock_guard lock(mutex);
    return watch->unsynced.contains(file);
}

std::size_t WatchedDisk::position() const {
    const std::lock_guard lock(mutex);
    return watch->records.records.size();
}

DiskRecording WatchedDisk::recording() const {
    const std::lock_guard lock(mutex);
    return watch->records;
}

}  // namespace oracode::test

// The calls of SQLite and of the product come here: a program's own symbols go before the C
// library's.
namespace disk = oracode::test;

extern "C" int open(const char* path, int flags, ...) {
    std::va_list rest;
    va_start(rest, flags);
    const auto mode = va_arg(rest, mode_t);
    va_end(rest);
    return disk::open_file(path, flags, mode);
}
extern "C" int open64(const char* path, int flags, ...) {
    std::va_list rest;
    va_start(rest, flags);
    const auto mode = va_arg(rest, mode_t);
    va_end(rest);
    return disk::open_file(path, flags, mode);
}
extern "C" int fdatasync(int file) {
    return disk::sync_file(SYS_fdatasync, file);
}
extern "C" int fsync(int file) {
    return disk::sync_file(SYS_fsync, file);
}
extern "C" ssize_t pwrite64(int file, const void* data, size_t size, off64_t offset) {
    return disk::write_at(file, data, size, offset);
}
extern "C" ssize_t pread64(int file, void* data, size_t size, off64_t offset) {
    return disk::read_at(file, data, size, offset);
}
extern "C" ssize_t pwrite(int file, const void* data, size_t size, off_t offset) {
    return disk::write_at(file, data, size, offset);
}
extern "C" ssize_t pread(int file, void* data, size_t size, off_t offset) {
    return disk::read_at(file, data, size, offset);
}
extern "C" int ftruncate64(int file, off64_t size) noexcept {
    return disk::truncate_file(file, size);
}
// Handed on to the sanitizers' own where there is one: they learn from it how threads wait for each
// other.
extern "C" ssize_t write(int file, const void* data, size_t size) {
    using Write = ssize_t (*)(int, const void*, size_t);
    static const auto next = reinterpret_cast<Write>(::dlsym(RTLD_NEXT, "write"));
    if (!disk::watching.load(std::memory_order_acquire)) return next(file, data, size);
    {
        const std::lock_guard lock(disk::mutex);
        if (!disk::watch || disk::watch->behind(file) == nullptr) return next(file, data, size);
    }
    const auto offset = ::lseek(file, 0, SEEK_CUR);
    const auto written = disk::write_at(file, data, size, offset);
    if (written > 0) ::lseek(file, written, SEEK_CUR);
    return written;
}
extern "C" int unlink(const char* path) noexcept {
    return disk::change_name(disk::Kind::remove, path, nullptr, [path] {
        return static_cast<int>(::syscall(SYS_unlinkat, AT_FDCWD, path, 0));
    });
}
extern "C" int rename(const char* from, const char* to) noexcept {
    return disk::change_name(disk::Kind::rename, from, to, [from, to] {
        return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
    });
}
extern "C" int mkdir(const char* path, mode_t mode) noexcept {
    return disk::change_name(disk::Kind::make_folder, path, nullptr, [path, mode] {
        return static_cast<int>(::syscall(SYS_mkdirat, AT_FDCWD, path, mode));
    });
}
extern "C" int mkostemp(char* path, int flags) {
    using Make = int (*)(char*, int);
    static const auto next = reinterpret_cast<Make>(::dlsym(RTLD_NEXT, "mkostemp"));
    const int file = next(path, flags);
    if (file < 0 || !disk::watching.load(std::memory_order_acquire)) return file;
    const std::lock_guard lock(disk::mutex);
    if (const auto made = disk::watched_name(path)) {
        disk::watch->add(path, *made);
        disk::watch->note({disk::Kind::create, disk::watch->next_file - 1, *made});
    }
    return file;
}
