// What every reading connection has in common. Private to the readers.
#pragma once

#include <memory>
#include <string>

#include "core/result.hpp"
#include "store/error.hpp"
#include "store/migrate.hpp"
#include "store/sqlite.hpp"

namespace oracode::store {

[[nodiscard]] inline Error refusal(const SqliteError& error) {
    return {Errc::store_unavailable, error.what()};
}

// Makes sure that nothing is written through `database`, which has to be at the newest schema.
inline void prepare_for_reading(Database& database) {
    database.execute(
        "PRAGMA busy_timeout = 250;"
        "PRAGMA query_only = ON;"
        "PRAGMA trusted_schema = OFF;"
        "PRAGMA temp_store = MEMORY");
    require_newest_schema(database);
}

// The statements of a reader on the database at `path`. Throws StoreError.
template <class Statements>
std::unique_ptr<Statements> open_statements(const std::string& path) {
    try {
        return std::make_unique<Statements>(path);
    } catch (const SqliteError& error) {
        const auto kind = error.of_corruption()   ? StoreError::Kind::corrupt
                          : error.of_permission() ? StoreError::Kind::permission
                                                  : StoreError::Kind::io;
        throw StoreError(kind, error.what());
    }
}

}  // namespace oracode::store
