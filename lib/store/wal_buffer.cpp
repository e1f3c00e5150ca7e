#include "store/wal_buffer.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>
#include <string>

#include <sqlite3.h>

namespace oracode::store {
namespace {

constexpr const char* vfs_name = "oracoded";
// A batch of 64 events changes about 400 KiB.
constexpr std::size_t gathered_at_most = std::size_t{1} << 20;

// SQLite's own layer masks the size of a write with 0x1ffff, and so fails at multiples of 128 KiB.
constexpr std::size_t piece = std::size_t{64} << 10;

// What SQLite takes for its file; the file beneath follows it in the same piece of memory.
struct WalFile {
    sqlite3_file base;
    sqlite3_file* beneath;
    std::string* gathered;
    sqlite3_int64 begins;  // where in the file `gathered` belongs
};

constexpr std::size_t beneath_at =
    (sizeof(WalFile) + alignof(std::max_align_t) - 1) & ~(alignof(std::max_align_t) - 1);

WalFile& wal(sqlite3_file* file) {
    return *reinterpret_cast<WalFile*>(file);
}

int hand_on(WalFile& file) {
    int code = SQLITE_OK;
    for (std::size_t at = 0; at < file.gathered->size() && code == SQLITE_OK; at += piece) {
        const auto size = std::min(piece, file.gathered->size() - at);
        code = file.beneath->pMethods->xWrite(file.beneath, file.gathered->data() + at,
                                              static_cast<int>(size),
                                              file.begins + static_cast<sqlite3_int64>(at));
    }
    // After a failure too: SQLite gives the transaction up and would write it anew.
    file.gathered->clear();
    return code;
}

int close_wal(sqlite3_file* file) {
    auto& self = wal(file);
    const int written = hand_on(self);
    delete self.gathered;
    const int closed = self.beneath->pMethods->xClose(self.beneath);
    return written != SQLITE_OK ? written : closed;
}

int read_wal(sqlite3_file* file, void* out, int size, sqlite3_int64 offset) {
    auto& self = wal(file);
    const int code = hand_on(self);
    return code != SQLITE_OK ? code
                             : self.beneath->pMethods->xRead(self.beneath, out, size, offset);
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
    return code != SQLITE_OK ? code : self.beneath->pMethods->xTruncate(self.beneath, size);
}

int sync_wal(sqlite3_file* file, int flags) {
    auto& self = wal(file);
    const int code = hand_on(self);
    return code != SQLITE_OK ? code : self.beneath->pMethods->xSync(self.beneath, flags);
}

int size_of_wal(sqlite3_file* file, sqlite3_int64* size) {
    auto& self = wal(file);
    const int code = hand_on(self);
    return code != SQLITE_OK ? code : self.beneath->pMethods->xFileSize(self.beneath, size);
}

int lock_wal(sqlite3_file* file, int level) {
    return wal(file).beneath->pMethods->xLock(wal(file).beneath, level);
}

int unlock_wal(sqlite3_file* file, int level) {
    return wal(file).beneath->pMethods->xUnlock(wal(file).beneath, level);
}

int is_wal_reserved(sqlite3_file* file, int* reserved) {
    return wal(file).beneath->pMethods->xCheckReservedLock(wal(file).beneath, reserved);
}

int control_wal(sqlite3_file* file, int operation, void* argument) {
    return wal(file).beneath->pMethods->xFileControl(wal(file).beneath, operation, argument);
}

int sector_of_wal(sqlite3_file* file) {
    return wal(file).beneath->pMethods->xSectorSize(wal(file).beneath);
}

int character_of_wal(sqlite3_file* file) {
    return wal(file).beneath->pMethods->xDeviceCharacteristics(wal(file).beneath);
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

sqlite3_vfs& vfs_beneath(sqlite3_vfs* vfs) {
    return *static_cast<sqlite3_vfs*>(vfs->pAppData);
}

// Files other than the log are opened as if this layer were not there.
int open_file(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    auto& beneath = vfs_beneath(vfs);
    if ((flags & SQLITE_OPEN_WAL) == 0)
        return beneath.xOpen(&beneath, name, file, flags, out_flags);
    auto& self = wal(file);
    self.base.pMethods = nullptr;  // nothing for SQLite to close, should this fail
    self.beneath = reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + beneath_at);
    auto* gathered = new (std::nothrow) std::string;
    if (gathered == nullptr) return SQLITE_NOMEM;
    const int code = beneath.xOpen(&beneath, name, self.beneath, flags, out_flags);
    if (code != SQLITE_OK) {
        if (self.beneath->pMethods != nullptr) self.beneath->pMethods->xClose(self.beneath);
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
        auto* beneath = sqlite3_vfs_find(nullptr);
        sqlite3_vfs layer = *beneath;
        layer.szOsFile += static_cast<int>(beneath_at);
        layer.pNext = nullptr;
        layer.zName = vfs_name;
        layer.pAppData = beneath;
        layer.xOpen = open_file;
        return layer;
    }();
    static const int registered = sqlite3_vfs_register(&vfs, 0);
    return registered == SQLITE_OK ? vfs_name : nullptr;
}

}  // namespace oracode::store
