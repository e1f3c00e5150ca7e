#include "store/sqlite/stored_id.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"

namespace oracode::test {
namespace {

struct Kept {
    std::string text;
    std::int64_t bytes = 0;
};

// What comes back of an id that went through a column.
Kept through_a_column(const std::string& id) {
    const TemporaryFolder folder;
    const auto path = (folder.path() / "ids.db").string();
    std::ofstream(path).close();
    store::Database database(path, store::Database::Access::read_write);
    database.execute("CREATE TABLE ids (id)");
    store::Statement insert{database, "INSERT INTO ids VALUES (?)"};
    insert.run(store::StoredId{id});
    store::Statement select{database, "SELECT id FROM ids"};
    auto rows = select.query();
    EXPECT_TRUE(rows.next());
    return {store::read_id(rows, 0), static_cast<std::int64_t>(rows.bytes(0).size())};
}

TEST(StoredId, ACanonicalUuidTakesSixteenBytesAndComesBackLetterByLetter) {
    const auto kept = through_a_column("0a1b2c3d-4e5f-6789-abcd-ef0123456789");
    EXPECT_EQ(kept.text, "0a1b2c3d-4e5f-6789-abcd-ef0123456789");
    EXPECT_EQ(kept.bytes, 16);
}

TEST(StoredId, AnythingElseIsKeptAsItIs) {
    for (const std::string id :
         {"code1", "0A1B2C3D-4E5F-6789-ABCD-EF0123456789", "0a1b2c3d-4e5f-6789-abcd-ef012345678",
          "0a1b2c3d04e5f-6789-abcd-ef0123456789", "ga1b2c3d-4e5f-6789-abcd-ef0123456789",
          "sixteen bytes id"})
        EXPECT_EQ(through_a_column(id).text, id);
}

TEST(StoredId, NoIdComesBackEmpty) {
    EXPECT_EQ(through_a_column("").text, "");
}

}  // namespace
}  // namespace oracode::test
