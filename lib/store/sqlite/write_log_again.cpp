#include "store/sqlite/write_log_again.hpp"

#include <cerrno>
#include <cstddef>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "store/error.hpp"

namespace oracode::store {
namespace {

[[noreturn]] void refuse(const std::string& path) {
    throw StoreError(StoreError::Kind::io, path + ": " + std::generic_category().message(errno));
}

class OpenFile {
public:
    explicit OpenFile(const std::string& path) : file_(::open(path.c_str(), O_RDWR | O_CLOEXEC)) {}
    ~OpenFile() {
        if (file_ >= 0) ::close(file_);
    }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;

    [[nodiscard]] int get() const { return file_; }

private:
    int file_;
};

}  // namespace

void write_log_again(const std::string& path) {
    const OpenFile file(path);
    if (file.get() < 0 && errno == ENOENT) return;
    if (file.get() < 0) refuse(path);
    std::vector<char> piece(std::size_t{1} << 16);
    for (off_t at = 0;;) {
        const auto size = ::pread(file.get(), piece.data(), piece.size(), at);
        if (size < 0) refuse(path);
        if (size == 0) break;
        if (::pwrite(file.get(), piece.data(), static_cast<std::size_t>(size), at) != size)
            refuse(path);
        at += size;
    }
    if (::fdatasync(file.get()) != 0) refuse(path);
}

}  // namespace oracode::store
