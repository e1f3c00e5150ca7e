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

}  // namespace oracode
