#include "store/sqlite/database_file.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/error.hpp"

namespace oracode::store {
namespace {

std::error_code last_error() {
    return {errno, std::generic_category()};
}

// At most as much is on its way to the disk at a time.
constexpr off_t piece = off_t{1} << 20;

// Not every file system has this; those that do tell here of an error that a sync would not tell
// of again.
std::error_code write_out(int file, off_t from) {
    constexpr unsigned and_wait =
        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    if (::sync_file_range(file, from, piece, and_wait) == 0) return {};
    const bool not_here = errno == EINVAL || errno == ENOSYS || errno == ESPIPE || errno == EPERM;
    return not_here ? std::error_code{} : last_error();
}

}  // namespace

DatabaseFile::DatabaseFile(const std::string& path)
    : file_(::open(path.c_str(), O_RDWR | O_CLOEXEC)) {
    if (file_ < 0) throw StoreError(StoreError::Kind::io, path + ": " + last_error().message());
}

DatabaseFile::~DatabaseFile() {
    ::close(file_);
}

std::error_code DatabaseFile::sync() {
    struct stat status {};
    if (::fstat(file_, &status) != 0) return last_error();
    for (off_t from = 0; from < status.st_size; from += piece) {
        if (const auto failure = write_out(file_, from)) return failure;
    }
    return ::fdatasync(file_) == 0 ? std::error_code{} : last_error();
}

}  // namespace oracode::store
