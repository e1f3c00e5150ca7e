// How much an event may hold.
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "lifecycle/seam_words.hpp"
#include "seam/decode.hpp"

namespace oracode::seam {
namespace {

Result<lifecycle::Event> decode(std::string_view body) {
    constexpr Timestamp received_at{std::chrono::seconds{1'772'500'000}};
    return decode_event(body, received_at, lifecycle::Source::webhook);
}

// An access-code event with `members` (", …" in JSON) beside the least that an event needs.
lifecycle::Event event_with(const std::string& members) {
    return decode(R"({"event_id":"e1","event_type":"access_code.set_on_device")" + members + "}")
        .value();
}

TEST(DecodeLimits, GoesAsDeepAsItsLimit) {
    const auto nested = [](std::size_t depth) {
        return R"({"event_id":"e","event_type":"t","x":)" + std::string(depth - 1, '[') +
               std::string(depth - 1, ']') + "}";
    };
    EXPECT_TRUE(decode(nested(max_event_depth)).has_value());
    EXPECT_TRUE(decode(nested(max_event_depth + 1)).has_value()) << "what is deeper is left out";
    EXPECT_FALSE(decode(std::string(1'000'000, '[')).has_value());
}

// What was once kept of such errors could not be read again, and so the code counted as sound.
TEST(DecodeLimits, ErrorsAreUnderstoodWhateverIsBesideTheirCode) {
    for (const auto& beside : {std::string("1e400"), std::string(50, '[') + std::string(50, ']')}) {
        const auto event =
            event_with(R"(,"access_code_errors":[{"error_code":"x","more":)" + beside + "}]");
        ASSERT_TRUE(event.facts.errors && *event.facts.errors) << beside;
        const auto complaints = lifecycle::seam_words::complaints(**event.facts.errors, "[]");
        EXPECT_TRUE(complaints.of_the_code) << beside;
    }
}

TEST(DecodeLimits, TakesBodiesUpToItsLimit) {
    const std::string head = R"({"event_id":"e","event_type":"t","x":")";
    const auto padded = [&](std::size_t size) {
        return head + std::string(size - head.size() - 2, 'x') + "\"}";
    };
    EXPECT_TRUE(decode(padded(100'000)).has_value());
    EXPECT_TRUE(decode(padded(max_event_size)).has_value());
    EXPECT_EQ(decode(padded(max_event_size + 1)).error().detail, "too large");
}

TEST(DecodeLimits, DealsWithManyMembers) {
    std::string members;
    for (int i = 0; i < 10'000; ++i)
        members += ",\"m" + std::to_string(i) + "\":" + std::to_string(i);
    EXPECT_EQ(event_with(members + R"(,"access_code_id":"c1")").access_code_id, "c1");
}

}  // namespace
}  // namespace oracode::seam
