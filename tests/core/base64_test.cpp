#include "core/base64.hpp"

#include <array>

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace oracode
