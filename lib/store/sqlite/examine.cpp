#include "store/examine.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "store/error.hpp"
#include "store/sqlite/migrate.hpp"
#include "store/sqlite/sqlite.hpp"

namespace oracode::store {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, int error) {
    const bool permission = error == EACCES || error == EPERM || error == EROFS;
    throw StoreError(permission ? StoreError::Kind::permission : StoreError::Kind::io,
                     fmt::format("{}: {}", path.string(), std::generic_category().message(error)));
}

// A Store makes the last folder itself.
void examine_folder(const fs::path& folder) {
    if (::access(folder.c_str(), W_OK | X_OK) == 0) {
        if (!fs::is_directory(folder)) refuse(folder, ENOTDIR);
        return;
    }
    if (errno != ENOENT) refuse(folder, errno);
    if (::access(folder.parent_path().c_str(), W_OK | X_OK) != 0) refuse(folder, errno);
}

}  // namespace

void examine_database(const std::string& path) {
    std::error_code error;
    auto real = fs::weakly_canonical(fs::absolute(path), error);
    if (error) real = fs::absolute(path);
    examine_folder(real.parent_path());
    const int file = ::open(real.c_str(), O_RDWR | O_CLOEXEC);
    if (file < 0 && errno == ENOENT) return;
    if (file < 0) refuse(real, errno);
    ::close(file);
    try {
        Database database(real.string(), Database::Access::untouched);
        require_known_schema(database);
    } catch (const SqliteError& refused) {
        throw StoreError(refused.of_corruption() ? StoreError::Kind::corrupt : StoreError::Kind::io,
                         fmt::format("{}: {}", real.string(), refused.what()));
    } catch (const StoreError& refused) {
        throw StoreError(refused.kind(), fmt::format("{}: {}", real.string(), refused.what()));
    }
}

}  // namespace oracode::store
