#include "webhook/message_id.hpp"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oracode::webhook {
namespace {

TEST(MessageId, LooksLikeSvixsAndIsNeverTheSame) {
    std::set<std::string> ids;
    for (int i = 0; i < 100; ++i) {
        const auto id = fresh_message_id();
        EXPECT_THAT(id, testing::MatchesRegex("msg_[0-9A-Za-z]{27}"));
        ids.insert(id);
    }
    EXPECT_EQ(ids.size(), 100U);
}

}  // namespace
}  // namespace oracode::webhook
