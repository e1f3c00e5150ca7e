#include "store/copy.hpp"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite/sqlite.hpp"

namespace oracode::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view mark = ".copy-";

Error refused(const std::string& why) {
    return {Errc::store_unavailable, why};
}

}  // namespace

DatabaseCopy::~DatabaseCopy() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

void DatabaseCopy::remove_leftovers(const std::string& database) {
    const auto stem = fs::path(database).filename().string() + std::string(mark);
    std::error_code error;
    for (fs::directory_iterator at(fs::path(database).parent_path(), error), end;
         !error && at != end; at.increment(error)) {
        std::error_code ignored;
        if (at->path().filename().string().starts_with(stem)) fs::remove(at->path(), ignored);
    }
}

Result<void> DatabaseCopy::make() {
    auto path = database_ + std::string(mark) + "XXXXXX";
    // Made here, because it holds PINs: SQLite would let others read it. It takes an empty file.
    descriptor_ = ::mkostemp(path.data(), O_CLOEXEC);
    if (descriptor_ < 0) return refused(std::generic_category().message(errno));
    const auto journal = path + "-journal";
    try {
        Database source(database_, Database::Access::read_only);
        source.execute("PRAGMA busy_timeout = 2000; PRAGMA temp_store = MEMORY");
        {
            const std::lock_guard lock(mutex_);
            if (cancelled_) throw std::runtime_error("cancelled");
            running_ = &source;
        }
        struct Done {
            DatabaseCopy& copy;
            ~Done() {
                const std::lock_guard lock(copy.mutex_);
                copy.running_ = nullptr;
            }
        } const done{*this};
        Statement copy(source, "VACUUM INTO ?");
        copy.run(std::string_view(path));
    } catch (const std::exception& error) {
        ::unlink(path.c_str());
        ::unlink(journal.c_str());
        return refused(error.what());
    }
    ::unlink(path.c_str());
    struct stat found {};
    if (::fstat(descriptor_, &found) != 0) return refused(std::generic_category().message(errno));
    size_ = static_cast<std::uint64_t>(found.st_size);
    return {};
}

void DatabaseCopy::cancel() {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    if (running_ != nullptr) running_->interrupt();
}

std::string DatabaseCopy::read(std::uint64_t offset, std::size_t most) const {
    std::string bytes(most, '\0');
    const auto count = ::pread(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return bytes;
}

Result<void> check_copy(const std::string& path) try {
    Database database(path, Database::Access::read_only);
    if (database.integer("PRAGMA user_version") == 0)
        return Error{Errc::conflict, "it is not a database of oracoded"};
    Statement check(database, "PRAGMA integrity_check(1)");
    auto rows = check.query();
    if (rows.next() && rows.bytes(0) == "ok") return {};
    return Error{Errc::conflict, "the integrity check failed: " + std::string(rows.bytes(0))};
} catch (const std::exception& error) {
    return Error{Errc::conflict, error.what()};
}

}  // namespace oracode::store
