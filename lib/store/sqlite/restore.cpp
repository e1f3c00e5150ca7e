#include "store/restore.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/files.hpp"
#include "store/copy.hpp"
#include "store/error.hpp"
#include "store/sqlite/database_lock.hpp"
#include "store/sqlite/sqlite.hpp"

namespace oracode::store {
namespace {

namespace fs = std::filesystem;

// Above every number that a database which cannot be read any more may have given out.
constexpr std::int64_t jump = 1'000'000'000;

std::string mark_of(const std::string& database) {
    return database + ".restoring";
}

[[noreturn]] void refuse(const std::string& path) {
    throw std::system_error(errno, std::generic_category(), path);
}

bool holds_something(const std::string& path) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    return !error && size > 0;
}

// "oracoded.db.before-20260305T150000Z": free for the database and its log.
std::string name_aside(const std::string& database, Timestamp now) {
    std::string stamp;
    for (const char c : format_rfc3339(now).substr(0, 19))
        if (c != '-' && c != ':') stamp += c;
    auto name = fmt::format("{}.before-{}Z", database, stamp);
    for (int i = 2; fs::exists(name) || fs::exists(name + "-wal"); ++i)
        name = fmt::format("{}.before-{}Z.{}", database, stamp, i);
    return name;
}

void write_all(int file, const char* data, std::size_t size, const std::string& path) {
    while (size > 0) {
        const auto count = ::write(file, data, size);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) refuse(path);
        data += count;
        size -= static_cast<std::size_t>(count);
    }
}

// A copy of `file` beside `database`, of the same owner. Removed unless it is put in its place.
class Draft {
public:
    Draft(const std::string& file, const std::string& database) : path_(database + ".copy-XXXXXX") {
        const int from = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
        if (from < 0) refuse(file);
        const int to = ::mkostemp(path_.data(), O_CLOEXEC);
        if (to < 0) {
            ::close(from);
            refuse(path_);
        }
        try {
            copy(from, to, file);
            keep_owner(to, database);
        } catch (...) {
            ::close(from);
            ::close(to);
            ::unlink(path_.c_str());
            throw;
        }
        ::close(from);
        ::close(to);
    }
    ~Draft() {
        if (!placed_) ::unlink(path_.c_str());
    }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;

    void sync() const {
        const int file = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
        if (file < 0) refuse(path_);
        const bool synced = ::fsync(file) == 0;
        ::close(file);
        if (!synced) refuse(path_);
    }
    void place(const std::string& database) {
        if (::rename(path_.c_str(), database.c_str()) != 0) refuse(database);
        placed_ = true;
    }
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    void copy(int from, int to, const std::string& file) const {
        std::string piece(std::size_t{1} << 20, '\0');
        while (true) {
            const auto count = ::read(from, piece.data(), piece.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) refuse(file);
            if (count == 0) return;
            write_all(to, piece.data(), static_cast<std::size_t>(count), path_);
        }
    }
    // Restored by root, it is to be read by the daemon.
    void keep_owner(int to, const std::string& database) const {
        struct stat found {};
        if (::stat(database.c_str(), &found) != 0 &&
            ::stat(fs::path(database).parent_path().c_str(), &found) != 0)
            return;
        if (found.st_uid == ::geteuid() && found.st_gid == ::getegid()) return;
        if (::fchown(to, found.st_uid, found.st_gid) != 0) refuse(path_);
    }

    std::string path_;
    bool placed_ = false;
};

// Made by root, it is to be opened by the daemon.
void give_to_owner_of_folder(const std::string& path) {
    struct stat found {};
    if (::geteuid() != 0 || ::stat(fs::path(path).parent_path().c_str(), &found) != 0) return;
    if (::chown(path.c_str(), found.st_uid, found.st_gid) != 0) refuse(path);
}

// The highest numbers that were given out.
struct Newest {
    std::int64_t change = 0;
    std::int64_t alert = 0;
};

Newest newest(Database& database) {
    return {std::max({database.integer("SELECT seq FROM sqlite_sequence WHERE name = 'changes'"),
                      database.integer("SELECT max(seq) FROM changes"),
                      database.integer("SELECT at FROM progress WHERE name = 'changes_removed'")}),
            database.integer("SELECT seq FROM sqlite_sequence WHERE name = 'alerts'")};
}

// With what its log holds, which is brought into it where it is sound. nullopt: it cannot tell.
std::optional<Newest> newest_of(const std::string& path) try {
    if (!holds_something(path)) return std::nullopt;
    Database database(path, Database::Access::read_write);
    database.execute("PRAGMA trusted_schema = OFF");
    const auto numbers = newest(database);
    if (database.checkpoint(true)) database.remove_log_on_close();
    return numbers;
} catch (const std::exception&) {
    return std::nullopt;
}

// The next change gets a number above `used`, and the one who asks for what is below learns of a
// gap. So does the next alert: whoever was notified knows alerts by their number.
void begin_above(Database& copy, const Newest& used) {
    copy.execute("PRAGMA journal_mode = DELETE");
    Transaction transaction(copy);
    copy.execute(fmt::format("DELETE FROM sqlite_sequence WHERE name IN ('changes', 'alerts');"
                             "INSERT INTO sqlite_sequence (name, seq) VALUES ('changes', {0}), "
                             "('alerts', {1});"
                             "INSERT INTO progress (name, at) VALUES ('changes_removed', {0}) "
                             "ON CONFLICT (name) DO UPDATE SET at = excluded.at",
                             used.change, used.alert)
                     .c_str());
    transaction.commit();
}

void make_mark(const std::string& database) {
    const auto path = mark_of(database);
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) refuse(path);
    ::close(file);
    if (!sync_folder_of(database)) refuse(path);
}

// Under the mark: from here until it is removed no daemon starts.
void exchange(Draft& draft, const std::string& database, const std::string& aside) {
    const auto move = [&](const char* suffix) {
        const auto from = database + suffix;
        if (::rename(from.c_str(), (aside + suffix).c_str()) != 0 && errno != ENOENT) refuse(from);
    };
    move("-wal");
    ::unlink((database + "-shm").c_str());  // made again from the log
    move("");
    draft.place(database);
    if (!sync_folder_of(database)) refuse(database);
    ::unlink(mark_of(database).c_str());
    if (!sync_folder_of(database)) refuse(database);
}

Restored put_in_place(const std::string& file, const std::string& database, Timestamp now) {
    Restored restored;
    Draft draft(file, database);
    const bool one_before = holds_something(database);
    if (!one_before) give_to_owner_of_folder(database + ".lock");
    const auto before = newest_of(database);
    {
        Database copy(draft.path(), Database::Access::read_write);
        const auto own = newest(copy);
        // One that is behind the copy did not come after it.
        restored.numbers_guessed = !before || before->change < own.change;
        const auto used = restored.numbers_guessed
                              ? Newest{own.change + jump, own.alert + jump}
                              : Newest{before->change, std::max(before->alert, own.alert)};
        // One more, so that also who has seen the last number learns of the gap.
        restored.next_change = used.change + 2;
        begin_above(copy, {used.change + 1, used.alert});
    }
    draft.sync();
    const auto aside = name_aside(database, now);
    if (one_before) restored.set_aside = aside;
    make_mark(database);
    exchange(draft, database, aside);
    return restored;
}

}  // namespace

std::string unfinished_restore(const std::string& path) {
    if (!fs::exists(mark_of(path))) return {};
    return fmt::format("a restore was cut off ({}): run `oracodectl restore` again", mark_of(path));
}

Result<Restored> restore_database(const std::string& file, const std::string& database,
                                  Timestamp now) try {
    if (holds_something(file + "-wal"))
        return Error{Errc::conflict,
                     fmt::format("{0}-wal lies beside it: a log is part of a database that was not "
                                 "closed, and makes this one no copy by itself",
                                 file)};
    std::error_code error;
    auto path = fs::weakly_canonical(fs::absolute(database), error).string();
    if (error) path = fs::absolute(database).string();
    const DatabaseLock lock(path);
    if (const auto sound = check_copy(file); !sound) return sound.error();
    return put_in_place(file, path, now);
} catch (const StoreError& failure) {
    return Error{
        failure.kind() == StoreError::Kind::locked ? Errc::conflict : Errc::store_unavailable,
        failure.what()};
} catch (const std::exception& failure) {
    return Error{Errc::store_unavailable, failure.what()};
}

}  // namespace oracode::store
