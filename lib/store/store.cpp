#include "store/store.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "store/copy.hpp"
#include "store/restore.hpp"
#include "store/sqlite.hpp"

namespace oracode {
namespace {

namespace fs = std::filesystem;

StoreError::Kind kind_of(const std::error_code& error) {
    const bool permission = error == std::errc::permission_denied ||
                            error == std::errc::operation_not_permitted ||
                            error == std::errc::read_only_file_system;
    return permission ? StoreError::Kind::permission : StoreError::Kind::io;
}

// Only the last folder: a longer missing path is rather a disk that is not mounted.
std::string prepare(const std::string& path) {
    std::error_code error;
    auto real = fs::weakly_canonical(fs::absolute(path), error);
    if (error) real = fs::absolute(path);
    const auto folder = real.parent_path();
    if (!fs::exists(folder, error)) {
        fs::create_directory(folder, error);
        if (error)
            throw StoreError(kind_of(error),
                             fmt::format("{}: {}", folder.string(), error.message()));
        fs::permissions(folder, fs::perms::owner_all, error);
    }
    return real.string();
}

// Made here and not by SQLite, because it holds PINs: no other user may read it.
void make_if_missing(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        const std::error_code error(errno, std::generic_category());
        throw StoreError(kind_of(error), fmt::format("{}: {}", path, error.message()));
    }
    ::close(file);
}

std::uint64_t size_of(const std::string& path) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    return error ? 0 : size;
}

// SQLite takes any log beside a database for its own.
std::string log_beside(const std::string& path, StoreError::Kind kind) {
    if (kind != StoreError::Kind::corrupt || size_of(path + "-wal") == 0) return {};
    return fmt::format(
        "; {}-wal lies beside it: where this database was put in the place of another, that is the "
        "other's log and the reason; `oracodectl restore` sets it aside",
        path);
}

std::unique_ptr<store::Ledger> open(const std::string& path, const PollPolicy& policy) {
    try {
        return std::make_unique<store::Ledger>(path, policy);
    } catch (const store::SqliteError& error) {
        const auto kind = error.of_corruption()   ? StoreError::Kind::corrupt
                          : error.of_permission() ? StoreError::Kind::permission
                                                  : StoreError::Kind::io;
        throw StoreError(kind, fmt::format("{}: {}{}", path, error.what(), log_beside(path, kind)));
    } catch (const StoreError& error) {
        throw StoreError(error.kind(), fmt::format("{}: {}{}", path, error.what(),
                                                   log_beside(path, error.kind())));
    }
}

}  // namespace

Store::Store(StoreOptions options) : path_(prepare(options.path)), lock_(path_) {
    if (const auto why = unfinished_restore(path_); !why.empty())
        throw StoreError(StoreError::Kind::io, why);
    make_if_missing(path_);
    DatabaseCopy::remove_leftovers(path_);  // ours alone, now that it is locked
    writer_ = std::make_unique<store::Writer>(
        store::WriterOptions{path_, options.max_queue, options.max_batch, std::move(options.clock),
                             options.policy, std::move(options.committed),
                             std::move(options.checkpointed), std::move(options.given_up),
                             options.log},
        open(path_, options.policy));
}

Store::~Store() = default;

void Store::stop() {
    writer_->stop();
    lock_.reset();
}

StoreSizes Store::sizes() const {
    std::error_code error;
    const auto space = fs::space(fs::path(path_).parent_path(), error);
    return {size_of(path_), size_of(path_ + "-wal"), error ? 0 : space.available};
}

}  // namespace oracode
