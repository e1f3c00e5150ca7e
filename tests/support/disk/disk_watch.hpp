// What a WatchedDisk knows of its folder: the files behind descriptors, the fault, the records.
#pragma once

#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/disk/watched_disk.hpp"

namespace oracode::test {

struct WatchedFile {
    std::size_t number = 0;
    std::string name;
};

inline std::string name_of_this_thread() {
    std::array<char, 16> name{};
    ::pthread_getname_np(::pthread_self(), name.data(), name.size());
    return name.data();
}

// Under a lock of its owner's.
struct DiskWatch {
    std::string folder;  // ends with a slash
    bool recording = false;
    DiskRecording records;
    std::map<std::pair<dev_t, ino_t>, WatchedFile> files;
    std::size_t next_file = 0;
    std::set<std::string> unsynced;
    std::optional<DiskFault> fault;
    std::int64_t matched = 0;  // calls that the fault speaks of
    std::int64_t struck = 0;
    std::set<std::string> struck_files;
    std::set<std::string> struck_threads;
    LateSyncs late;
    std::condition_variable* noted = nullptr;
    std::array<std::int64_t, disk_calls.size()> counts{};

    void note(DiskRecord record) {
        if (recording) records.records.push_back(std::move(record));
        noted->notify_all();
    }
    void add(const std::string& path, const std::string& name) {
        struct stat found {};
        if (::stat(path.c_str(), &found) == 0)
            files[{found.st_dev, found.st_ino}] = {next_file++, name};
    }
    // The file behind a descriptor; null where it is none of ours.
    const WatchedFile* behind(int descriptor) {
        struct stat found {};
        if (::fstat(descriptor, &found) != 0) return nullptr;
        const auto at = files.find({found.st_dev, found.st_ino});
        return at == files.end() ? nullptr : &at->second;
    }
    // The name of the folder behind a descriptor.
    [[nodiscard]] std::optional<std::string> folder_behind(int descriptor) const {
        struct stat found {};
        if (::fstat(descriptor, &found) != 0 || !S_ISDIR(found.st_mode)) return std::nullopt;
        std::array<char, 4096> path{};
        const auto link = "/proc/self/fd/" + std::to_string(descriptor);
        const auto size = ::readlink(link.c_str(), path.data(), path.size());
        return size > 0 ? below({path.data(), static_cast<std::size_t>(size)}) : std::nullopt;
    }
    [[nodiscard]] std::optional<std::string> below(std::string_view path) const {
        if (path == std::string_view(folder).substr(0, folder.size() - 1)) return std::string{};
        if (!path.starts_with(folder)) return std::nullopt;
        return std::string(path.substr(folder.size()));
    }
    // Whether this call is to fail.
    bool strikes(DiskCall call, const std::string& name) {
        ++counts.at(static_cast<std::size_t>(call));
        if (!fault || fault->call != call) return false;
        if (!fault->file.empty() && fault->file != name) return false;
        ++matched;
        if (matched != fault->nth && !(fault->lasting && matched > fault->nth)) return false;
        ++struck;
        struck_files.insert(name);
        struck_threads.insert(name_of_this_thread());
        errno = fault->error;
        return true;
    }
};

}  // namespace oracode::test
