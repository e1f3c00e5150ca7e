#include "lifecycle/seam_words.hpp"

#include <gtest/gtest.h>

#include "core/time.hpp"

namespace oracode::test {
namespace {

namespace seam_words = lifecycle::seam_words;

TEST(SeamWords, AnErrorIsOfTheCodeUnlessItIsOfAnotherAlone) {
    EXPECT_TRUE(seam_words::complaints(R"([{"error_code":"x"}])", "[]").of_the_code);
    EXPECT_TRUE(
        seam_words::complaints(
            R"([{"error_code":"x","is_device_error":true,"is_access_code_error":true}])", "[]")
            .of_the_code);
    for (const auto* of_another :
         {"is_device_error", "is_connected_account_error", "is_bridge_error"}) {
        const auto errors = R"([{"error_code":"x",")" + std::string(of_another) + R"(":true}])";
        EXPECT_FALSE(seam_words::complaints(errors, "[]").of_the_code) << errors;
        EXPECT_EQ(seam_words::errors_of_others(errors), errors);
    }
}

TEST(SeamWords, AChangeOutsideSeamIsSeenInErrorsAndInWarnings) {
    EXPECT_TRUE(seam_words::complaints(R"([{"error_code":"code_modified_external_to_seam"}])", "[]")
                    .altered);
    const auto warned =
        seam_words::complaints("[]", R"([{"warning_code":"code_modified_external_to_seam"},)"
                                     R"({"warning_code":"being_deleted"}])");
    EXPECT_TRUE(warned.altered);
    EXPECT_TRUE(warned.being_deleted);
    EXPECT_FALSE(warned.of_the_code);
}

TEST(SeamWords, WhatIsNotAListOfObjectsMeansNothing) {
    for (const auto* text :
         {"", "[]", "{", "null", "7", R"({"error_code":"x"})", "[1,\"x\",null]"}) {
        const auto found = seam_words::complaints(text, text);
        EXPECT_FALSE(found.of_the_code || found.being_deleted || found.altered) << text;
        EXPECT_FALSE(seam_words::change_is_pending(text)) << text;
        EXPECT_EQ(seam_words::creation_deferred_to(text), std::nullopt) << text;
    }
    EXPECT_EQ(seam_words::errors_outliving_setting("no json"), "no json");
}

TEST(SeamWords, ChangesAndDeletionsPendButCreationsDoNotChange) {
    for (const auto* change : {"updating_code", "updating_time_frame", "deleting"})
        EXPECT_TRUE(seam_words::change_is_pending(R"([{"mutation_code":")" + std::string(change) +
                                                  R"("}])"))
            << change;
    constexpr auto creating = R"([{"mutation_code":"creating"}])";
    EXPECT_FALSE(seam_words::change_is_pending(creating));
    EXPECT_TRUE(seam_words::creation_is_pending(creating));
    EXPECT_FALSE(seam_words::creation_is_pending(R"([{"mutation_code":"deleting"}])"));
}

TEST(SeamWords, ADeferredCreationNamesItsMoment) {
    EXPECT_EQ(
        seam_words::creation_deferred_to(
            R"([{"mutation_code":"deferring_creation","scheduled_at":"2026-03-05T14:00:00Z"}])"),
        parse_rfc3339("2026-03-05T14:00:00Z"));
    EXPECT_EQ(seam_words::creation_deferred_to(
                  R"([{"mutation_code":"creating","scheduled_at":"2026-03-05T14:00:00Z"}])"),
              std::nullopt);
    EXPECT_EQ(seam_words::creation_deferred_to(
                  R"([{"mutation_code":"deferring_creation","scheduled_at":"soon"}])"),
              std::nullopt);
}

TEST(SeamWords, ASetEndsTroubleInSettingAlone) {
    EXPECT_EQ(
        seam_words::errors_outliving_setting(
            R"([{"error_code":"failed_to_set_on_device"},{"error_code":"access_code_inactive"}])"),
        R"([{"error_code":"access_code_inactive"}])");
    EXPECT_EQ(
        seam_words::warnings_outliving_setting(
            R"([{"warning_code":"delay_in_setting_on_device"},{"warning_code":"being_deleted"}])"),
        R"([{"warning_code":"being_deleted"}])");
}

}  // namespace
}  // namespace oracode::test
