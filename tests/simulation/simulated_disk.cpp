#include "simulation/simulated_disk.hpp"

#include <cstdarg>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include <fcntl.h>
#include <sqlite3.h>

#include "simulation/promises.hpp"
#include "store/sqlite/ledger.hpp"

namespace oracode::test {
namespace {

int fcntl_without_locks(int file, int command, ...) {
    va_list rest;
    va_start(rest, command);
    void* argument = va_arg(rest, void*);
    va_end(rest);
    if (command == F_SETLK || command == F_SETLKW) return 0;
    if (command != F_GETLK) return ::fcntl(file, command, argument);
    static_cast<struct flock*>(argument)->l_type = F_UNLCK;
    return 0;
}

// nullptr: the system's own.
void use_fcntl(int (*function)(int, int, ...)) {
    auto* vfs = sqlite3_vfs_find("unix");
    vfs->xSetSystemCall(vfs, "fcntl", reinterpret_cast<sqlite3_syscall_ptr>(function));
}

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

SimulatedDisk::SimulatedDisk(std::string path) : path_(std::move(path)) {
    use_fcntl(fcntl_without_locks);
    remove();
    // The schema is made once; every world begins with a copy.
    static const std::string image = [this] {
        const std::ofstream made_empty{path_};
        std::make_unique<store::Ledger>(path_, promises::policy, promises::alerts).reset();
        auto made = read_file(path_);
        remove();
        return made;
    }();
    std::ofstream(path_, std::ios::binary) << image;
}

SimulatedDisk::~SimulatedDisk() {
    remove();
    use_fcntl(nullptr);
}

void SimulatedDisk::remove() const {
    for (const auto* end : {"", "-wal", "-shm"}) std::filesystem::remove(path_ + end);
}

}  // namespace oracode::test
