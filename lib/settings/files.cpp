#include "settings/files.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace oracode {
namespace {

std::string system_error_text(int error) {
    std::array<char, 256> buffer{};
    return ::strerror_r(error, buffer.data(), buffer.size());
}

}  // namespace

FileText read_file(const std::filesystem::path& path, std::size_t longest) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return {"", system_error_text(errno)};
    FileText result;
    std::array<char, 4096> buffer{};
    for (;;) {
        const auto got = ::read(descriptor, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) result.error = system_error_text(errno);
        if (got <= 0) break;
        result.text.append(buffer.data(), static_cast<std::size_t>(got));
        if (result.text.size() <= longest) continue;
        result.error = fmt::format("it is longer than {} bytes", longest);
        break;
    }
    ::close(descriptor);
    if (!result.error.empty()) result.text.clear();
    return result;
}

bool is_open_to_everyone(const std::filesystem::path& path) {
    struct stat is {};
    return ::stat(path.c_str(), &is) == 0 && S_ISREG(is.st_mode) && (is.st_mode & S_IROTH) != 0;
}

}  // namespace oracode
