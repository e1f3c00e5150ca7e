#include "representation/access_code_json.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace oracode::representation {
namespace {

namespace json = boost::json;

lifecycle::AccessCode code_with_pins() {
    const auto latest = [](const char* text) {
        lifecycle::LatestValue<std::optional<std::string>> fact;
        fact.value = text;
        fact.stamp.at = Timestamp{};
        return fact;
    };
    lifecycle::AccessCode code;
    code.access_code_id = "code1";
    code.code = latest("700001");
    code.pending_mutations = latest(
        R"([{"mutation_code":"updating_code","from":{"code":"700002"},"to":{"code":"700003"}}])");
    code.errors = latest(
        R"([{"error_code":"e","modified_fields":[{"field":"code","from":"700004","to":null}]}])");
    code.warnings =
        latest(R"([{"warning_code":"w","modified_fields":[{"to":"700005","field":"code"}]}])");
    code.dormakaba_oracode_metadata = latest(R"({"site_name":"Inn","code":"700006"})");
    return code;
}

TEST(AccessCodeJson, ShowsNoPinUnlessAskedFor) {
    View view;
    const auto hidden = json::serialize(to_json(code_with_pins(), view));
    EXPECT_EQ(hidden.find("70000"), std::string::npos) << hidden;
    EXPECT_EQ(json::parse(hidden).at("errors").at(0).at("error_code"), "e");
    EXPECT_EQ(json::parse(hidden).at("dormakaba_oracode_metadata").at("site_name"), "Inn");
    view.include_code = true;
    const auto shown = json::serialize(to_json(code_with_pins(), view));
    for (const auto* pin : {"700001", "700002", "700003", "700004", "700005", "700006"})
        EXPECT_NE(shown.find(pin), std::string::npos) << pin;
}

// What a strict client reads: every text that the API embeds of Seam's.
TEST(AccessCodeJson, IsJsonWhateverNumbersSeamSent) {
    lifecycle::AccessCode code;
    code.access_code_id = "code-1";
    code.errors.value = R"([{"error_code":"a","n":1e999}])";
    code.warnings.value = "[111111111e1111]";
    code.pending_mutations.value = "[-1e400]";
    code.dormakaba_oracode_metadata.value = R"({"n":[-1e400]})";
    const auto text = boost::json::serialize(to_json(code, View{}));
    EXPECT_EQ(text.find("99999"), std::string::npos) << text;
    EXPECT_EQ(text.find("Infinity"), std::string::npos) << text;
    const auto event =
        boost::json::serialize(payload_json(R"({"event_id":"e","n":[-1e400]})", true));
    EXPECT_EQ(event, R"({"event_id":"e","n":[null]})");
}

// Deeper than Boost.JSON goes by itself, and not too deep for a delivery.
TEST(AccessCodeJson, ShowsWhatIsNestedDeep) {
    const auto deep = std::string(50, '[') + std::string(50, ']');
    lifecycle::AccessCode code;
    code.errors.value = R"([{"error_code":"a","n":)" + deep + "}]";
    EXPECT_EQ(to_json(code, View{}).at("errors").as_array().size(), 1U);
    EXPECT_TRUE(payload_json(R"({"event_id":"e","n":)" + deep + "}", true).is_object());
}

}  // namespace
}  // namespace oracode::representation
