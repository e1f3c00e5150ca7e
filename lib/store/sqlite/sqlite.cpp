#include "store/sqlite/sqlite.hpp"

#include <cerrno>
#include <mutex>

#include <sqlite3.h>

#include "store/code_revisions.hpp"
#include "store/sqlite/wal_buffer.hpp"

namespace oracode::store {
namespace {

constexpr std::string_view remedy_of_damage =
    "; the database is damaged: stop oracoded, look with "
    "`sqlite3 FILE 'PRAGMA integrity_check'`, and restore a backup with `oracodectl restore`";

// Copies the message: what comes next on the connection overwrites it.
SqliteError error_of(sqlite3* database, int code, std::string_view doing) {
    std::string what(doing);
    what += ": ";
    what += database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code);
    what += " (";
    what += std::to_string(code);
    what += ")";
    // Memory is what usually lacks then, though SQLite counts it as a failure of the disk.
    if (code == SQLITE_IOERR_SHMMAP) what += ": no memory for the index of the log?";
    SqliteError error(code, what, database != nullptr ? sqlite3_system_errno(database) : 0);
    return error.of_corruption() ? SqliteError(code, what + std::string(remedy_of_damage)) : error;
}

[[noreturn]] void raise(sqlite3* database, int code, std::string_view doing) {
    throw error_of(database, code, doing);
}

void configure_library() {
    static std::once_flag once;
    // The counters of memory use take a lock that all threads share, on every allocation.
    std::call_once(once, [] { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); });
}

std::string immutable_uri(const std::string& path) {
    std::string uri = "file:";
    for (const char c : path) {
        if (c == '%' || c == '?' || c == '#')
            uri += c == '%' ? "%25" : c == '?' ? "%3f" : "%23";
        else
            uri += c;
    }
    return uri + "?immutable=1";
}

}  // namespace

bool SqliteError::of_medium() const {
    switch (code_ & 0xff) {
        case SQLITE_ERROR:
        case SQLITE_CONSTRAINT:
        case SQLITE_MISMATCH:
        case SQLITE_TOOBIG:
        case SQLITE_RANGE:
        case SQLITE_MISUSE:
        case SQLITE_ABORT:
        case SQLITE_SCHEMA:
            return false;
        default:
            return true;
    }
}

// A file that could not be opened may want descriptors as well as rights.
StoreError::Kind SqliteError::kind_of(int code, int system_error) {
    switch (code & 0xff) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return Kind::corrupt;
        case SQLITE_CANTOPEN:
            return system_error == EACCES || system_error == EPERM || system_error == EROFS
                       ? Kind::permission
                       : Kind::io;
        case SQLITE_PERM:
        case SQLITE_READONLY:
        case SQLITE_AUTH:
            return Kind::permission;
        default:
            return Kind::io;
    }
}

bool SqliteError::of_sync() const {
    return code_ == SQLITE_IOERR_FSYNC || code_ == SQLITE_IOERR_DIR_FSYNC;
}

Database::Database(const std::string& path, Access access) {
    configure_library();
    const int flags =
        (access == Access::read_write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) |
        (access == Access::untouched ? SQLITE_OPEN_URI : 0) | SQLITE_OPEN_NOMUTEX |
        SQLITE_OPEN_EXRESCODE;
    const char* vfs = access == Access::read_write ? buffering_vfs() : nullptr;
    const auto name = access == Access::untouched ? immutable_uri(path) : path;
    const int code = sqlite3_open_v2(name.c_str(), &handle_, flags, vfs);
    if (code != SQLITE_OK) {
        const auto error = error_of(handle_, code, path);
        sqlite3_close_v2(handle_);
        throw error;
    }
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    // In place of SQLite's own checkpoints: it only notes how long the log has become.
    sqlite3_wal_hook(
        handle_,
        [](void* self, sqlite3*, const char*, int pages) {
            auto& database = *static_cast<Database*>(self);
            // Shorter than before: the log was begun again.
            if (pages < database.wal_pages_) database.copied_pages_ = 0;
            database.wal_pages_ = pages;
            if (database.revisions_ != nullptr)
                database.revisions_->changed(database.changed_codes_);
            database.changed_codes_.clear();
            return SQLITE_OK;
        },
        this);
}

Database::~Database() {
    sqlite3_close_v2(handle_);
}

void Database::execute(const char* sql) {
    const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) raise(handle_, code, "execute");
}

std::int64_t Database::integer(std::string_view sql) {
    Statement statement(*this, sql);
    auto rows = statement.query();
    return rows.next() ? rows.integer(0) : 0;
}

void Database::define(const char* name, TextTest test) {
    const auto call = [](sqlite3_context* context, int, sqlite3_value** arguments) {
        const auto text = [arguments](int i) {
            const auto* data = static_cast<const char*>(sqlite3_value_blob(arguments[i]));
            const auto size = static_cast<std::size_t>(sqlite3_value_bytes(arguments[i]));
            return data == nullptr ? std::string_view{} : std::string_view{data, size};
        };
        const auto predicate = reinterpret_cast<TextTest>(sqlite3_user_data(context));
        const bool given = sqlite3_value_type(arguments[0]) != SQLITE_NULL &&
                           sqlite3_value_type(arguments[1]) != SQLITE_NULL;
        sqlite3_result_int(context, given && predicate(text(0), text(1)) ? 1 : 0);
    };
    const int code = sqlite3_create_function_v2(
        handle_, name, 2, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY,
        reinterpret_cast<void*>(test), call, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) raise(handle_, code, "define");
}

void Database::interrupt() {
    sqlite3_interrupt(handle_);
}

void Database::follow(CodeRevisions& revisions) {
    revisions_ = &revisions;
    sqlite3_update_hook(
        handle_,
        [](void* self, int, const char*, const char* table, sqlite3_int64 row) {
            if (std::string_view{table} == "access_codes")
                static_cast<Database*>(self)->changed_codes_.push_back(row);
        },
        this);
    sqlite3_commit_hook(
        handle_,
        [](void* self) {
            auto& database = *static_cast<Database*>(self);
            database.revisions_->changing(database.changed_codes_);
            return 0;
        },
        this);
    sqlite3_rollback_hook(
        handle_, [](void* self) { static_cast<Database*>(self)->changed_codes_.clear(); }, this);
}

std::int64_t Database::last_row() const {
    return sqlite3_last_insert_rowid(handle_);
}

std::int64_t Database::rows_changed() const {
    return sqlite3_changes64(handle_);
}

bool Database::in_transaction() const {
    return sqlite3_get_autocommit(handle_) == 0;
}

bool Database::checkpoint(bool truncate) {
    int in_log = 0;
    int copied = 0;
    const int mode = truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
    const int code = sqlite3_wal_checkpoint_v2(handle_, nullptr, mode, &in_log, &copied);
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) raise(handle_, code, "checkpoint");
    // Both are -1 where the connection has not read yet, and so knows of no log.
    const bool complete = code == SQLITE_OK && in_log == copied && in_log >= 0;
    if (copied >= 0) checkpointed_pages_ = copied;
    if (complete) {
        wal_pages_ = copied_pages_ = 0;  // the next commit starts the log again
    } else if (copied >= 0) {
        wal_pages_ = in_log;
        copied_pages_ = copied;
    }
    return complete;
}

void Database::remove_log_on_close() {
    sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
}

Statement::Statement(Database& database, std::string_view sql)
    : database_(database.handle_), sql_(sql) {}

sqlite3_stmt* Statement::prepared() {
    if (handle_ != nullptr) return handle_;
    const int code = sqlite3_prepare_v3(database_, sql_.data(), static_cast<int>(sql_.size()),
                                        SQLITE_PREPARE_PERSISTENT, &handle_, nullptr);
    if (code != SQLITE_OK) raise(database_, code, "prepare");
    return handle_;
}

Statement::~Statement() {
    sqlite3_finalize(handle_);
}

void Statement::bind(int parameter, std::nullptr_t) {
    const int code = sqlite3_bind_null(prepared(), parameter);
    if (code != SQLITE_OK) raise(database_, code, "bind");
}

void Statement::bind(int parameter, std::int64_t value) {
    const int code = sqlite3_bind_int64(prepared(), parameter, value);
    if (code != SQLITE_OK) raise(database_, code, "bind");
}

void Statement::bind(int parameter, std::string_view text) {
    const int code = sqlite3_bind_text64(prepared(), parameter, text.empty() ? "" : text.data(),
                                         text.size(), SQLITE_STATIC, SQLITE_UTF8);
    if (code != SQLITE_OK) raise(database_, code, "bind");
}

void Statement::bind(int parameter, Blob blob) {
    const int code =
        sqlite3_bind_blob64(prepared(), parameter, blob.bytes.empty() ? "" : blob.bytes.data(),
                            blob.bytes.size(), SQLITE_STATIC);
    if (code != SQLITE_OK) raise(database_, code, "bind");
}

std::int64_t Statement::step_to_end() {
    const int code = sqlite3_step(prepared());
    const auto changed = sqlite3_changes64(database_);
    if (code != SQLITE_DONE) {
        const auto error = error_of(database_, code, "step");
        reset();
        throw error;
    }
    reset();
    return changed;
}

void Statement::reset() noexcept {
    sqlite3_reset(handle_);
}

Rows::~Rows() {
    statement_->reset();
}

bool Rows::next() {
    const int code = sqlite3_step(statement_->prepared());
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) raise(statement_->database_, code, "step");
    return false;
}

bool Rows::is_null(int column) const {
    return sqlite3_column_type(statement_->handle_, column) == SQLITE_NULL;
}

bool Rows::is_blob(int column) const {
    return sqlite3_column_type(statement_->handle_, column) == SQLITE_BLOB;
}

std::int64_t Rows::integer(int column) const {
    return sqlite3_column_int64(statement_->handle_, column);
}

std::string_view Rows::bytes(int column) const {
    // For texts in a UTF-8 database the blob is the text itself, without a conversion or a copy.
    const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_->handle_, column));
    if (data == nullptr) return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(statement_->handle_, column))};
}

Transaction::Transaction(Database& database, Kind kind) : database_(database) {
    database_.execute(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
    if (!database_.in_transaction()) return;  // committed, or rolled back by SQLite itself
    try {
        database_.execute("ROLLBACK");
    } catch (const SqliteError&) {
        // The connection is beyond use; the caller that sees the error opens a new one.
    }
}

void Transaction::commit() {
    database_.execute("COMMIT");
}

}  // namespace oracode::store
