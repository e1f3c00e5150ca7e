#include "settings/files.hpp"

#include <sys/stat.h>

namespace oracode::settings {

bool is_open_to_everyone(const std::filesystem::path& path) {
    struct stat is {};
    return ::stat(path.c_str(), &is) == 0 && S_ISREG(is.st_mode) && (is.st_mode & S_IROTH) != 0;
}

}  // namespace oracode::settings
