#include "logging/level.hpp"

#include <gtest/gtest.h>

namespace oracode {
namespace {

TEST(LogLevel, NamesAreReadBackAndNothingElse) {
    for (const auto level : {log::Level::trace, log::Level::debug, log::Level::info,
                             log::Level::warn, log::Level::error})
        EXPECT_EQ(log::parse_level(log::name(level)), level);
    for (const auto* text : {"", "INFO", "warning", "info ", "off", "critical"})
        EXPECT_EQ(log::parse_level(text), std::nullopt) << text;
    EXPECT_EQ(log::parse_format("text"), log::Format::text);
    EXPECT_EQ(log::parse_format("json"), log::Format::json);
    EXPECT_EQ(log::parse_format("xml"), std::nullopt);
}

}  // namespace
}  // namespace oracode
