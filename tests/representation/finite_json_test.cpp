#include "representation/finite_json.hpp"

#include <gtest/gtest.h>

#include "representation/access_code_json.hpp"

namespace oracode::representation {
namespace {

namespace json = boost::json;

std::string repaired(std::string_view text) {
    auto value = json::parse(text);
    replace_infinities(value);
    return json::serialize(value);
}

TEST(FiniteJson, HasNullWhereANumberIsBeyondAllDoubles) {
    EXPECT_EQ(repaired("[111111111e1111]"), "[null]");
    EXPECT_EQ(repaired("-1e400"), "null");
    EXPECT_EQ(repaired(R"({"a":[{"b":1e309,"c":"1e309"}],"d":[[-1e999]]})"),
              R"({"a":[{"b":null,"c":"1e309"}],"d":[[null]]})");
}

TEST(FiniteJson, LeavesEverythingElseAsItWas) {
    const auto* text = R"({"a":[1,-2,18446744073709551615,true,null,"x",{}],"b":1.5E300})";
    EXPECT_EQ(repaired(text), text);
    EXPECT_EQ(repaired("1e-400"), "0E0");
}

// What a strict client reads: every text that the API embeds of Seam's.
TEST(AccessCodeJson, IsJsonWhateverNumbersSeamSent) {
    lifecycle::AccessCode code;
    code.access_code_id = "code-1";
    code.errors.value = R"([{"error_code":"a","n":1e999}])";
    code.warnings.value = "[111111111e1111]";
    code.pending_mutations.value = "[-1e400]";
    code.dormakaba_oracode_metadata.value = R"({"n":[-1e400]})";
    const auto text = json::serialize(to_json(code, View{}));
    EXPECT_EQ(text.find("99999"), std::string::npos) << text;
    EXPECT_EQ(text.find("Infinity"), std::string::npos) << text;
    const auto event = json::serialize(payload_json(R"({"event_id":"e","n":[-1e400]})", true));
    EXPECT_EQ(event, R"({"event_id":"e","n":[null]})");
}

}  // namespace
}  // namespace oracode::representation
