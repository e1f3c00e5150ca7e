#include "core/sha256.hpp"

#include <gtest/gtest.h>

namespace oracode {
namespace {

TEST(Sha256, IsOfAllPartsInARow) {
    const std::string_view abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    EXPECT_EQ(hex(sha256("abc")), abc);
    EXPECT_EQ(hex(sha256({"a", "", "bc"})), abc);
}

}  // namespace
}  // namespace oracode
