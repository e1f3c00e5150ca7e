#include "store/sqlite/wal_buffer.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <new>
#include <string>

#include <sqlite3.h>

#include "core/files.hpp"

namespace oracode::store {
namespace {

constexpr const char* vfs_name = "oracoded";
// A batch of 64 events changes about 400 KiB.
constexpr std::size_t gathered_at_most = std::size_t{1} << 20;

// SQLite's own layer masks the size of a write with 0x1ffff, and so fails at multiples of 128 KiB.
constexpr std::size_t piece = std::size_t{64} << 10;

// What SQLite takes for its file; the inner file follows it in the same piece of memory.
struct WalFile {
    sqlite3_file base;
    sqlite3_file* inner;
    std::string* gathered;
    sqlite3_int64 begins;  // where in the file `gathered` belongs
};

constexpr std::size_t inner_offset =
    (sizeof(WalFile) + alignof(std::max_align_t) - 1) & ~(alignof(std::max_align_t) - 1);

WalFile& wal(sqlite3_file* file) {
    return *reinterpret_cast<WalFile*>(file);
}

int hand_on(WalFile& file) {
    int code = SQLITE_OK;
    for (std::size_t at = 0; at < file.gathered->size() && code == SQLITE_OK; at += piece) {
        const auto size = std::min(piece, file.gathered->size() - at);
        code = file.inner->pMethods->xWrite(file.inner, file.gathered->data() + at,
                                            static_cast<int>(size),
                                            file.begins + static_cast<sqlite3_int64>(at));
    }
    // After a failure too: SQLite gives the transaction up and would write it again.
    file.gathered->clear();
    return code;
}

int close_wal(sqlite3_file* file) {
    auto& self = wal(file);
    const int written = hand_on(self);
    delete self.gathered;
    const int closed = self.inner->pMethods->xClose(self.inner);
    return written != SQLITE_OK ? written : closed;
}

int read_wal(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
    auto& self = wal(file);
    const int code = hand_on(self);
    return code != SQLITE_OK ? code : self.inner->pMethods->xRead(self.inner, out, size, offset);
}

int write_wal(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) try {
    auto& self = wal(file);
    const auto end = self.begins + static_cast<sqlite3_int64>(self.gathered->size());
    const bool follows = !self.gathered->empty() && offset == end;
    if (!follows || self.gathered->size() >= gathered_at_most) {
        const int code = hand_on(self);
        if (code != SQLITE_OK) return code;
        self.begins = offset;
    }
    self.gathered->append(static_cast<const char*>(data), static_cast<std::size_t>(size));
    return SQLITE_OK;
} catch (const std::bad_alloc&) {
    return SQLITE_IOERR_NOMEM;
}

int truncate_wal(sqlite3_file* file, sqlite3_int64 size) {
    auto& self = wal(file);
    const int code = hand_on(self);
    return code != SQLITE_OK ? code : self.inner->pMethods->xTruncate(self.inner, size);
}

int sync_wal(sqlite3_file* file, int flags) {
    auto& self = wal(file);
    const int code = hand_on(self);
    return code != SQLITE_OK ? code : self.inner->pMethods->xSync(self.inner, flags);
}

int size_of_wal(sqlite3_file* file, sqlite3_int64* size) {
    auto& self = wal(file);
    const int code = hand_on(self);
    return code != SQLITE_OK ? code : self.inner->pMethods->xFileSize(self.inner, size);
}

int lock_wal(sqlite3_file* file, int level) {
    return wal(file).inner->pMethods->xLock(wal(file).inner, level);
}

int unlock_wal(sqlite3_file* file, int level) {
    return wal(file).inner->pMethods->xUnlock(wal(file).inner, level);
}

int is_wal_reserved(sqlite3_file* file, int* reserved) {
    return wal(file).inner->pMethods->xCheckReservedLock(wal(file).inner, reserved);
}

int control_wal(sqlite3_file* file, int operation, void* argument) {
    return wal(file).inner->pMethods->xFileControl(wal(file).inner, operation, argument);
}

int sector_of_wal(sqlite3_file* file) {
    return wal(file).inner->pMethods->xSectorSize(wal(file).inner);
}

int character_of_wal(sqlite3_file* file) {
    return wal(file).inner->pMethods->xDeviceCharacteristics(wal(file).inner);
}

// Version 1: without shared memory and mapping, which SQLite asks of the database file only.
constexpr sqlite3_io_methods wal_methods = [] {
    sqlite3_io_methods methods{};
    methods.iVersion = 1;
    methods.xClose = close_wal;
    methods.xRead = read_wal;
    methods.xWrite = write_wal;
    methods.xTruncate = truncate_wal;
    methods.xSync = sync_wal;
    methods.xFileSize = size_of_wal;
    methods.xLock = lock_wal;
    methods.xUnlock = unlock_wal;
    methods.xCheckReservedLock = is_wal_reserved;
    methods.xFileControl = control_wal;
    methods.xSectorSize = sector_of_wal;
    methods.xDeviceCharacteristics = character_of_wal;
    return methods;
}();

sqlite3_vfs& inner_vfs(sqlite3_vfs* vfs) {
    return *static_cast<sqlite3_vfs*>(vfs->pAppData);
}

// Without their names in the folder neither of the two is worth anything. SQLite syncs that too,
// but does not mind when it fails. A folder that cannot be read cannot be synced.
int sync_name(const char* name, int flags) {
    constexpr int kinds = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL;
    if ((flags & SQLITE_OPEN_CREATE) == 0 || (flags & kinds) == 0) return SQLITE_OK;
    return sync_folder_of(name) || errno == EACCES ? SQLITE_OK : SQLITE_IOERR_DIR_FSYNC;
}

int open_inner(sqlite3_vfs& inner, const char* name, sqlite3_file* file, int flags,
               int* out_flags) {
    int code = inner.xOpen(&inner, name, file, flags, out_flags);
    if (code == SQLITE_OK) code = sync_name(name, flags);
    if (code == SQLITE_OK || file->pMethods == nullptr) return code;
    file->pMethods->xClose(file);
    file->pMethods = nullptr;  // nothing for SQLite to close
    return code;
}

// Files other than the log are handed on as if this layer were not there.
int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    auto& inner = inner_vfs(vfs);
    if ((flags & SQLITE_OPEN_WAL) == 0) return open_inner(inner, name, file, flags, out_flags);
    auto& self = wal(file);
    self.base.pMethods = nullptr;  // nothing for SQLite to close, should this fail
    self.inner = reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + inner_offset);
    auto* gathered = new (std::nothrow) std::string;
    if (gathered == nullptr) return SQLITE_NOMEM;
    const int code = open_inner(inner, name, self.inner, flags, out_flags);
    if (code != SQLITE_OK) {
        delete gathered;
        return code;
    }
    self.gathered = gathered;
    self.begins = 0;
    self.base.pMethods = &wal_methods;
    return SQLITE_OK;
}

}  // namespace

const char* buffering_vfs() {
    static sqlite3_vfs vfs = [] {
        auto* inner = sqlite3_vfs_find(nullptr);
        sqlite3_vfs layer = *inner;
        layer.szOsFile += static_cast<int>(inner_offset);
        layer.pNext = nullptr;
        layer.zName = vfs_name;
        layer.pAppData = inner;
        layer.xOpen = open_file;
        return layer;
    }();
    static const int registered = sqlite3_vfs_register(&vfs, 0);
    return registered == SQLITE_OK ? vfs_name : nullptr;
}

}  // namespace oracode::store
