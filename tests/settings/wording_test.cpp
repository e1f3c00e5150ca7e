#include "settings/wording.hpp"

#include <gtest/gtest.h>

namespace oracode {
namespace {

TEST(Wording, SuggestsWhatIsNearAndNothingElse) {
    EXPECT_EQ(settings::suggest_key("webhook.max_bodi"), "; did you mean webhook.max_body?");
    EXPECT_EQ(settings::suggest_key("webhok.maxbody"), "; did you mean webhook.max_body?");
    EXPECT_EQ(settings::suggest_key("something.else"), "");
    EXPECT_EQ(settings::suggest_key(std::string(101, 'w')), "");
    EXPECT_EQ(settings::suggest_variable("ORACODED_LOG_LEVLE"),
              "; did you mean ORACODED_LOG_LEVEL?");
    EXPECT_EQ(settings::suggest_section("webhooks"), "; did you mean webhook?");
    EXPECT_EQ(settings::suggest_section("x"), "");
}

TEST(Wording, QuotesWhatCanBePrintedAndNoSecret) {
    EXPECT_EQ(settings::in_quotes("abc"), "\"abc\"");
    EXPECT_EQ(settings::in_quotes("a\nb\x7f"
                                  "c\xc3\xa9"),
              "\"a?b?c??\"");
    EXPECT_EQ(settings::in_quotes("x whsec_MfKQ9r8G"), "what looks like a secret");
    EXPECT_EQ(settings::in_quotes(std::string(80, 'x')), '"' + std::string(80, 'x') + '"');
    EXPECT_EQ(settings::in_quotes(std::string(81, 'x')), '"' + std::string(80, 'x') + "…\"");
}

}  // namespace
}  // namespace oracode
