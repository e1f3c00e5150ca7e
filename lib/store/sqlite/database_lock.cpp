#include "store/sqlite/database_lock.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "store/error.hpp"

namespace oracode::store {
namespace {

std::string holder(int file) {
    std::array<char, 32> text{};
    const auto size = ::pread(file, text.data(), text.size(), 0);
    return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : "unknown";
}

}  // namespace

// flock and not SQLite's own locks: those of a process go when it closes any descriptor of the
// file.
DatabaseLock::DatabaseLock(const std::string& database) {
    const auto path = database + ".lock";
    file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file_ < 0) {
        const int error = errno;
        throw StoreError(error == EACCES || error == EPERM || error == EROFS
                             ? StoreError::Kind::permission
                             : StoreError::Kind::io,
                         fmt::format("{}: {}", path, std::generic_category().message(error)));
    }
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
        const auto process = holder(file_);
        ::close(file_);
        throw StoreError(StoreError::Kind::locked,
                         fmt::format("{}: another oracoded (process {}) works on this database",
                                     database, process));
    }
    // For the process that is refused; the lock does not depend on it.
    const auto process = std::to_string(::getpid());
    if (::ftruncate(file_, 0) == 0 && ::pwrite(file_, process.data(), process.size(), 0) < 0)
        errno = 0;
}

// The file stays: to remove it would let two daemons lock two files of one name.
DatabaseLock::~DatabaseLock() {
    ::close(file_);
}

}  // namespace oracode::store
