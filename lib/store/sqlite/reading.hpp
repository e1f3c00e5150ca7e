// What every reading connection has in common. Private to the readers.
#pragma once

#include "core/result.hpp"
#include "store/sqlite/migrate.hpp"
#include "store/sqlite/sqlite.hpp"

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

}  // namespace oracode::store
