// A typed hold on SQLite; only this folder includes its header. A Database and all
// that is made from it belong to one thread. Every failure is thrown as SqliteError.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "core/time.hpp"
#include "store/error.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace oracode::store {

class CodeRevisions;

class SqliteError : public StoreError {
public:
    // `system_error`: what the system said when a file could not be opened.
    SqliteError(int code, const std::string& what, int system_error = 0)
        : StoreError(kind_of(code, system_error), what), code_(code) {}

    [[nodiscard]] int code() const { return code_; }  // SQLite's extended result code

    // The file or the disk refuses, whatever the statement was: what came of the transaction is
    // unknown and the connection not to be trusted any more. False for errors of one statement
    // (a constraint, a value too big), which leave the connection as it was.
    [[nodiscard]] bool of_medium() const;
    [[nodiscard]] bool of_corruption() const { return kind() == Kind::corrupt; }
    // The connection cannot be gone on with after this. A damaged page is met again by a new one,
    // and bars the way for those alone who need it.
    [[nodiscard]] bool ends_connection() const { return of_medium() && !of_corruption(); }
    // A sync failed: the kernel reports that once and then forgets the pages, so that a later sync
    // which succeeds says nothing about what was written before this one.
    [[nodiscard]] bool of_sync() const;

private:
    [[nodiscard]] static Kind kind_of(int code, int system_error);

    int code_;
};

// For a column in which NULL stands for no number.
[[nodiscard]] constexpr std::optional<std::int64_t> unless_zero(std::int64_t value) {
    return value == 0 ? std::nullopt : std::optional{value};
}

struct Blob {
    std::string_view bytes;
};

class Database {
public:
    // `untouched` reads the file as it lies there: without its log, without a lock, and without
    // leaving a trace beside it.
    enum class Access { read_only, read_write, untouched };

    // Opens a file that exists. Closing it leaves the log as it is: SQLite would copy it into the
    // database once more, also after a sync that failed, and then delete it.
    Database(const std::string& path, Access access);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    // One or more statements without parameters; their rows are dropped.
    void execute(const char* sql);
    // The first column of the first row, 0 when there is none.
    [[nodiscard]] std::int64_t integer(std::string_view sql);

    // Lets SQL call `name(a, b)` on two texts; 0 where either is NULL. `test` must not throw.
    using TextTest = bool (*)(std::string_view, std::string_view);
    void define(const char* name, TextTest test);

    // Any thread, while the Database lives: what runs ends with a SqliteError.
    void interrupt();

    // Has `revisions`, which outlives it, follow the rows of access_codes that are written here.
    void follow(CodeRevisions& revisions);

    [[nodiscard]] std::int64_t last_row() const;      // of the last INSERT
    [[nodiscard]] std::int64_t rows_changed() const;  // by the last statement that writes
    [[nodiscard]] bool in_transaction() const;
    [[nodiscard]] std::int64_t wal_pages() const { return wal_pages_; }  // after the last commit
    // Pages in the log that no checkpoint has copied.
    [[nodiscard]] std::int64_t pages_to_copy() const { return wal_pages_ - copied_pages_; }
    // Pages of the log that were in the database file after the last checkpoint.
    [[nodiscard]] std::int64_t checkpointed_pages() const { return checkpointed_pages_; }

    // Copies what the log holds into the database file, as far as readers allow. With `truncate` it
    // waits for them and empties the log. False when readers kept it from finishing.
    bool checkpoint(bool truncate);
    // Closing it removes the log, which a checkpoint has just emptied.
    void remove_log_on_close();

private:
    friend class Statement;

    sqlite3* handle_ = nullptr;
    std::int64_t wal_pages_ = 0;
    std::int64_t copied_pages_ = 0;
    std::int64_t checkpointed_pages_ = 0;
    CodeRevisions* revisions_ = nullptr;
    std::vector<std::int64_t> changed_codes_;  // by what is not committed yet
};

class Statement;

// The rows of a running statement, which is reset when this goes: an unreset SELECT would hold back
// checkpoints. Texts and blobs live until `next` is called or the Rows go.
class Rows {
public:
    explicit Rows(Statement& statement) : statement_(&statement) {}
    ~Rows();
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;

    bool next();

    [[nodiscard]] bool is_null(int column) const;
    [[nodiscard]] bool is_blob(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;
    // The bytes of a text or blob; empty for NULL.
    [[nodiscard]] std::string_view bytes(int column) const;

    [[nodiscard]] Timestamp instant(int column) const {
        return Timestamp{Duration{integer(column)}};
    }
    template <class T>
    [[nodiscard]] T word(int column) const {
        return static_cast<T>(integer(column));
    }
    [[nodiscard]] std::optional<Timestamp> maybe_instant(int column) const {
        return is_null(column) ? std::nullopt : std::optional{instant(column)};
    }
    [[nodiscard]] std::optional<std::string> maybe_text(int column) const {
        return is_null(column) ? std::nullopt : std::optional{std::string(bytes(column))};
    }

private:
    Statement* statement_;
};

// Prepared when it is first used, and then once for all: a connection has more of them than most of
// its life needs. Parameters are bound without a copy: texts and blobs have to live
// until the statement has run.
class Statement {
public:
    Statement(Database& database, std::string_view sql);
    ~Statement();
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    void bind(int parameter, std::nullptr_t);
    void bind(int parameter, std::int64_t value);
    void bind(int parameter, std::string_view text);
    void bind(int parameter, Blob blob);
    void bind(int parameter, Timestamp at) { bind(parameter, at.time_since_epoch().count()); }
    template <class T>
    requires(std::is_enum_v<T> || std::is_integral_v<T>) void bind(int parameter, T value) {
        bind(parameter, static_cast<std::int64_t>(value));
    }
    template <class T>
    requires requires(const T& value, Statement& statement) { value.bind(statement, 1); }
    void bind(int parameter, const T& value) { value.bind(*this, parameter); }
    template <class T>
    void bind(int parameter, const std::optional<T>& value) {
        if (value) {
            bind(parameter, *value);
        } else {
            bind(parameter, nullptr);
        }
    }
    template <class... Values>
    void bind_all(const Values&... values) {
        int parameter = 0;
        (bind(++parameter, values), ...);
    }

    // What is bound by reference (texts, blobs, ids) has to live as long as the Rows.
    template <class... Values>
    [[nodiscard]] Rows query(const Values&... values) {
        bind_all(values...);
        return Rows(*this);
    }

    // Runs a statement that gives no rows; how many it changed.
    template <class... Values>
    std::int64_t run(const Values&... values) {
        bind_all(values...);
        return step_to_end();
    }

private:
    friend class Rows;

    sqlite3_stmt* prepared();
    std::int64_t step_to_end();
    void reset() noexcept;

    sqlite3* database_;
    std::string sql_;
    sqlite3_stmt* handle_ = nullptr;
};

// Rolled back when it goes without `commit`.
class Transaction {
public:
    enum class Kind { read, write };

    explicit Transaction(Database& database, Kind kind = Kind::write);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    void commit();

private:
    Database& database_;
};

}  // namespace oracode::store
