#include "store/sqlite/migrate.hpp"

#include <fmt/format.h>

#include "store/error.hpp"
#include "store/sqlite/sqlite.hpp"

namespace oracode::store {
namespace {

constexpr std::int64_t application_id = 0x4f524143;  // "ORAC"

// The schema version of a database of ours; 0 for an empty file.
std::int64_t schema_version(Database& database) {
    const auto application = database.integer("PRAGMA application_id");
    const auto version = database.integer("PRAGMA user_version");
    const bool empty = database.integer("SELECT count(*) FROM sqlite_schema") == 0;
    if (empty && application == 0 && version == 0) return 0;
    if (application != application_id)
        throw StoreError(StoreError::Kind::foreign,
                         "the database belongs to another program; nothing was changed in it");
    if (version > newest_schema())
        throw StoreError(
            StoreError::Kind::newer,
            fmt::format("the database has schema version {}, this program knows up to {}: it was "
                        "written by a later version of oracoded; nothing was changed in it",
                        version, newest_schema()));
    return version;
}

}  // namespace

std::int64_t newest_schema() {
    return static_cast<std::int64_t>(migrations().size());
}

void migrate(Database& database) {
    const auto steps = migrations();
    for (auto version = schema_version(database); version < newest_schema(); ++version) {
        Transaction transaction(database);
        database.execute(steps[static_cast<std::size_t>(version)].text);
        database.execute(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}",
                                     application_id, version + 1)
                             .c_str());
        transaction.commit();
    }
}

void require_known_schema(Database& database) {
    static_cast<void>(schema_version(database));
}

void require_newest_schema(Database& database) {
    if (schema_version(database) != newest_schema())
        throw StoreError(StoreError::Kind::corrupt, "the database has lost its schema");
}

}  // namespace oracode::store
