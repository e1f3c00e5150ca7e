#include "core/files.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace oracode {
namespace {

Error failed(int number) {
    return {Errc::invalid_argument, std::generic_category().message(number)};
}

Result<std::string> read_all(int descriptor, std::size_t longest) {
    std::string text;
    std::array<char, 4096> buffer{};
    for (;;) {
        const auto got = ::read(descriptor, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed(errno);
        if (got == 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(got));
        if (text.size() > longest)
            return Error{Errc::invalid_argument,
                         fmt::format("it is longer than {} bytes", longest)};
    }
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path, std::size_t longest) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return failed(errno);
    auto text = read_all(descriptor, longest);
    ::close(descriptor);
    return text;
}

bool sync_folder_of(const std::filesystem::path& path) {
    auto folder = path.parent_path();
    if (folder.empty()) folder = ".";
    const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) return false;
    const bool synced = ::fsync(file) == 0 || errno == EINVAL;  // a file system without such a sync
    const int why = errno;
    ::close(file);
    errno = why;
    return synced;
}

}  // namespace oracode
