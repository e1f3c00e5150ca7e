#include "core/files.hpp"

#include <gtest/gtest.h>

#include "support/temporary_folder.hpp"

namespace oracode {
namespace {

TEST(ReadFile, GivesAllOfItOrWhyNot) {
    const test::TemporaryFolder folder;
    const auto path = folder.write("file", std::string(5000, 'x'));
    EXPECT_EQ(read_file(path).value().size(), 5000U);
    EXPECT_EQ(read_file(path, 5000).value().size(), 5000U);
    EXPECT_EQ(read_file(path, 4999).error().detail, "it is longer than 4999 bytes");
    EXPECT_EQ(read_file(folder / "absent").error().detail, "No such file or directory");
    EXPECT_FALSE(read_file(folder / ""));
}

}  // namespace
}  // namespace oracode
