// The schema's history: forward-only steps, compiled in, each run in a transaction of its own.
#pragma once

#include <cstdint>
#include <span>

#include "core/embedded.hpp"

namespace oracode::store {

class Database;

// All steps in ascending order, numbered from 1 without a gap: the number in a file's name is the
// schema version that it leads to.
[[nodiscard]] std::span<const EmbeddedFile> migrations();

// The version of the schema that this program works with.
[[nodiscard]] std::int64_t newest_schema();

// Takes the database from whatever version it has to the newest; a step that fails leaves it at the
// version before. Throws StoreError before anything is written when the database is newer than this
// program or not its own.
void migrate(Database& database);

// Only the first half of it: throws StoreError where `migrate` would before anything is written.
void require_known_schema(Database& database);

// Only the check: throws StoreError unless the database is at the newest version.
void require_newest_schema(Database& database);

}  // namespace oracode::store
