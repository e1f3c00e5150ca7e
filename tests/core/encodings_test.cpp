// The small common pieces: base64, SHA-256, trim, reading files.
#include <array>

#include <gtest/gtest.h>

#include "core/base64.hpp"
#include "core/files.hpp"
#include "core/sha256.hpp"
#include "core/text.hpp"
#include "support/temporary_folder.hpp"

namespace oracode {
namespace {

TEST(Base64, SpellsAndReadsTheVectorsOfRfc4648) {
    const std::pair<std::string, std::string> rows[] = {
        {"f", "Zg=="},        {"fo", "Zm8="},        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : rows) {
        EXPECT_EQ(base64(bytes), text);
        EXPECT_EQ(text.size(), base64_length(bytes.size()));
        std::array<unsigned char, 6> out{};
        ASSERT_EQ(decode_base64(text, out), bytes.size()) << text;
        EXPECT_EQ(std::string(out.begin(), out.begin() + static_cast<long>(bytes.size())), bytes);
    }
    EXPECT_EQ(base64(std::string_view{}), "");
}

TEST(Base64, TakesOnlyTheCanonicalSpelling) {
    std::array<unsigned char, 2048> out{};
    for (const std::string text :
         {"", "Zg", "Zg=", "Zh==", "Z===", "=Zg=", "Zm 9v", "Zm9v\n", "Zm-v", "Zm_v", "Zg==Zg=="})
        EXPECT_FALSE(decode_base64(text, out)) << text;
    EXPECT_FALSE(decode_base64(std::string(longest_base64 + 4, 'A'), out));
    std::array<unsigned char, 2> too_small{};
    EXPECT_FALSE(decode_base64("Zm9v", too_small));
}

TEST(Sha256, IsOfAllPartsInARow) {
    const std::string_view abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    EXPECT_EQ(hex(sha256("abc")), abc);
    EXPECT_EQ(hex(sha256({"a", "", "bc"})), abc);
}

TEST(Trim, TakesOffWhatIsAround) {
    EXPECT_EQ(trim(" \t a b\r\n"), "a b");
    EXPECT_EQ(trim("  \n"), "");
    EXPECT_EQ(trim("\na ", blanks), "\na");
}

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
