#include "settings/secrets.hpp"

#include "settings/load.hpp"
#include "settings/load_text.hpp"

namespace oracode {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

const std::string second_secret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const std::string third_secret = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

settings::Sources without_secret(std::string text, settings::Environment environment = {}) {
    auto sources = sources_with(std::move(text), std::move(environment));
    sources.environment.erase("SEAM_WEBHOOK_SECRET");
    return sources;
}

std::string base64_of_zeros(std::size_t bytes) {
    std::string text((bytes + 2) / 3 * 4, 'A');
    for (std::size_t i = 0; i < (3 - bytes % 3) % 3; ++i) text[text.size() - 1 - i] = '=';
    return text;
}

TEST(SettingsSecrets, SigningSecretsAreBase64Of16To128Bytes) {
    for (const auto& secret :
         {secret_of_24_bytes, secret_of_24_bytes.substr(6), base64_of_zeros(16),
          "whsec_" + base64_of_zeros(17), base64_of_zeros(32), base64_of_zeros(128)})
        EXPECT_THAT(problems_of("webhook.secrets = ['" + secret + "']"), IsEmpty()) << secret;
    for (const auto& secret :
         {std::string{}, std::string{"whsec_"}, base64_of_zeros(15), base64_of_zeros(129),
          std::string{"whsec_not base64!"}, secret_of_24_bytes + "A",
          secret_of_24_bytes + "====", "whsec_" + base64_of_zeros(17).substr(0, 23),
          std::string{"whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
          "A=" + base64_of_zeros(30).substr(2), base64_of_zeros(30).replace(4, 1, "-"),
          base64_of_zeros(33).replace(40, 4, "A===")}) {
        const auto problems = problems_of("webhook.secrets = ['" + secret + "']");
        EXPECT_THAT(problems,
                    ElementsAre(StartsWith(
                        "/etc/oracoded/test.toml:1: webhook.secrets: must be a signing secret")))
            << secret;
    }
}

TEST(SettingsSecrets, TokensAreNameTokenAndRight) {
    for (const std::string token : {"a:b", "desk-1.x_y@z:AZaz09-._~+/==", "a:b:read", "a:b:write"})
        EXPECT_THAT(problems_of("api.tokens = ['" + token + "']"), IsEmpty()) << token;
    for (const std::string token : {"", "a", "a:", ":b", "a::read", "a:b:", "a:b:admin",
                                    "a:b:read:x", "a:b c", "a b:c", "a:=", "a:b=c", "a:\u00e9"})
        EXPECT_THAT(
            problems_of("api.tokens = ['" + token + "']"),
            ElementsAre(StartsWith("/etc/oracoded/test.toml:1: api.tokens: must be name:token")))
            << token;
}

TEST(SettingsSecrets, FilesHaveOneALineBesidesCommentsAndBlankLines) {
    const test::TemporaryFolder folder;
    const auto secrets = folder.write(
        "secrets", "# current\n" + secret_of_24_bytes + "\r\n\n  " + second_secret + "  \n");
    const auto key = folder.write("key", "seam_key\n");
    const auto tokens = folder.write("tokens", "ops:0123456789abcdef\ndesk:fedcba9876543210:read");
    const auto result =
        loaded(without_secret("webhook.secrets_file = '" + secrets + "'\nseam.api_key_file = '" +
                              key + "'\napi.tokens_file = '" + tokens + "'"));
    EXPECT_THAT(result.settings.webhook.secrets, ElementsAre(secret_of_24_bytes, second_secret));
    EXPECT_EQ(result.settings.webhook.secrets_file, secrets);
    EXPECT_EQ(result.settings.seam.api_key, "seam_key");
    EXPECT_THAT(result.settings.api.tokens,
                ElementsAre(settings::Token{"ops", "0123456789abcdef", true},
                            settings::Token{"desk", "fedcba9876543210", false}));
    EXPECT_THAT(result.files_read, ElementsAre(secrets, key, tokens));
    EXPECT_THAT(result.warnings, IsEmpty());
}

TEST(SettingsSecrets, ProblemsInAFileNameItsLine) {
    const test::TemporaryFolder folder;
    const auto secrets =
        folder.write("secrets", "# x\n" + secret_of_24_bytes + "\nwhsec_broken\nbroken too\n");
    EXPECT_THAT(problems_of(without_secret("webhook.secrets_file = '" + secrets + "'")),
                ElementsAre(StartsWith(secrets + ":3: webhook.secrets: must be a signing secret"),
                            StartsWith(secrets + ":4: webhook.secrets: must be a signing secret")));
    const auto empty = folder.write("empty", "\n# nothing\n");
    EXPECT_THAT(
        problems_of(without_secret("webhook.secrets_file = '" + empty + "'")),
        ElementsAre("/etc/oracoded/test.toml:1: webhook.secrets_file: the file has nothing in it"));
    const auto keys = folder.write("keys", "seam_one\nseam_two\n");
    EXPECT_THAT(problems_of("seam.api_key_file = '" + keys + "'"),
                ElementsAre("/etc/oracoded/test.toml:1: seam.api_key_file: the file must have one "
                            "line and has more"));
    EXPECT_THAT(problems_of(without_secret("webhook.secrets_file = '" + folder.path().native() +
                                           "/absent'")),
                ElementsAre("/etc/oracoded/test.toml:1: webhook.secrets_file: the file cannot be "
                            "read: No such file or "
                            "directory"));
}

TEST(SettingsSecrets, ASecretAndItsFileExcludeEachOtherInOneSource) {
    const test::TemporaryFolder folder;
    const auto file = folder.write("secrets", second_secret);
    const std::string excluded =
        "webhook.secrets_file: and webhook.secrets exclude each other: set one";
    EXPECT_THAT(problems_of("webhook.secrets = ['" + secret_of_24_bytes +
                            "']\nwebhook.secrets_file = '" + file + "'"),
                ElementsAre("/etc/oracoded/test.toml:2: " + excluded));
    EXPECT_THAT(problems_of("", {{"ORACODED_WEBHOOK_SECRETS", secret_of_24_bytes},
                                 {"ORACODED_WEBHOOK_SECRETS_FILE", file}}),
                ElementsAre("ORACODED_WEBHOOK_SECRETS_FILE: " + excluded));
    EXPECT_THAT(problems_of("webhook.secrets = []\nwebhook.secrets_file = '" + file + "'"),
                IsEmpty());
}

TEST(SettingsSecrets, TheStrongerSourceWinsWhicheverKeyItUses) {
    const test::TemporaryFolder folder;
    const auto file = folder.write("secrets", second_secret);
    const auto inline_in_file = "webhook.secrets = ['" + secret_of_24_bytes + "']";
    const auto by_variable = settings_of(inline_in_file, {{"ORACODED_WEBHOOK_SECRETS_FILE", file}});
    EXPECT_THAT(by_variable.webhook.secrets, ElementsAre(second_secret));
    const auto the_other_way = settings_of("webhook.secrets_file = '" + file + "'",
                                           {{"ORACODED_WEBHOOK_SECRETS", secret_of_24_bytes}});
    EXPECT_THAT(the_other_way.webhook.secrets, ElementsAre(secret_of_24_bytes));
    EXPECT_TRUE(the_other_way.webhook.secrets_file.empty());
    auto sources = sources_with(inline_in_file, {{"ORACODED_WEBHOOK_SECRETS", third_secret}});
    sources.flags.push_back({"webhook.secrets_file", file});
    EXPECT_THAT(loaded(sources).settings.webhook.secrets, ElementsAre(second_secret));
}

TEST(SettingsSecrets, CredentialsAreTakenWhereNothingIsSet) {
    const test::TemporaryFolder folder;
    const auto secrets = folder.write("webhook.secrets", second_secret + "\n");
    const auto key = folder.write("seam.api_key", "seam_key\n");
    const auto tokens = folder.write("api.tokens", "ops:0123456789abcdef\n");
    for (const std::string name :
         {"webhook.certificate", "webhook.private_key", "api.certificate", "api.private_key"})
        folder.write(name, "PEM");
    auto sources = sources_with(
        "", {{"CREDENTIALS_DIRECTORY", folder.path()}, {"SEAM_API_KEY", "seam_other"}});
    sources.flags.clear();
    const auto result = loaded(sources);
    const auto& [settings, warnings, files] = result;
    EXPECT_THAT(settings.webhook.secrets, ElementsAre(second_secret));
    EXPECT_EQ(settings.webhook.secrets_file, secrets);
    EXPECT_EQ(settings.webhook.certificate, folder.path() / "webhook.certificate");
    EXPECT_EQ(settings.webhook.private_key, folder.path() / "webhook.private_key");
    EXPECT_EQ(settings.seam.api_key, "seam_key");
    EXPECT_EQ(settings.api.certificate, folder.path() / "api.certificate");
    EXPECT_EQ(settings.api.private_key, folder.path() / "api.private_key");
    EXPECT_THAT(settings.api.tokens, ElementsAre(settings::Token{"ops", "0123456789abcdef", true}));
    EXPECT_THAT(files, ElementsAre(secrets, key, tokens));

    const auto other = folder.write("other.pem", "PEM");
    sources.text =
        "webhook.secrets = ['" + third_secret + "']\nwebhook.certificate = '" + other + "'";
    const auto set = loaded(sources).settings;
    EXPECT_THAT(set.webhook.secrets, ElementsAre(third_secret));
    EXPECT_EQ(set.webhook.certificate, other);
}

TEST(SettingsSecrets, SeamsOwnVariablesAreTheLastResort) {
    const auto last = settings_of("", {{"SEAM_WEBHOOK_SECRET", second_secret + ", " + third_secret},
                                       {"SEAM_API_KEY", " seam_key\n"}});
    EXPECT_THAT(last.webhook.secrets, ElementsAre(second_secret, third_secret));
    EXPECT_EQ(last.seam.api_key, "seam_key");
    const auto set =
        settings_of("seam.api_key = 'seam_set'",
                    {{"ORACODED_WEBHOOK_SECRETS", third_secret}, {"SEAM_API_KEY", "seam_key"}});
    EXPECT_THAT(set.webhook.secrets, ElementsAre(third_secret));
    EXPECT_EQ(set.seam.api_key, "seam_set");
    EXPECT_THAT(
        problems_of("", {{"SEAM_WEBHOOK_SECRET", "broken"}}),
        ElementsAre(StartsWith("SEAM_WEBHOOK_SECRET: webhook.secrets: must be a signing secret")));
    EXPECT_EQ(settings_of("").seam.api_key, "");
}

TEST(SettingsSecrets, ASecretOnTheCommandLineIsRefused) {
    for (const std::string key : {"webhook.secrets", "seam.api_key", "api.tokens"}) {
        auto sources = sources_with("");
        sources.flags.push_back({key, "a:0123456789abcdef"});
        EXPECT_THAT(
            problems_of(sources),
            ElementsAre(AllOf(StartsWith("command line: " + key + ": is refused here"),
                              HasSubstr(key + "_file"), Not(HasSubstr("0123456789abcdef")))));
    }
}

TEST(SettingsSecrets, ASecretFileThatEverybodyCanReadIsTakenWithAWarning) {
    const test::TemporaryFolder folder;
    const auto file = folder.write("secrets", second_secret);
    std::filesystem::permissions(file, std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    const auto result = loaded(without_secret("webhook.secrets_file = '" + file + "'"));
    EXPECT_THAT(
        texts(result.warnings),
        ElementsAre(StartsWith("/etc/oracoded/test.toml:1: webhook.secrets_file: every user")));
}

// Wherever a secret stands in a broken configuration, no problem repeats any part of it.
TEST(SettingsSecrets, NoProblemRepeatsASecret) {
    const std::string marked = "tHiSiSsEcReT0123+/";
    const std::vector texts{"webhook.secrets = ['whsec_" + marked + "']",
                            "webhook.secrets = 'whsec_" + marked + "'",
                            "webhook.secrets = [['" + marked + "']]",
                            "webhook.secrets = ['" + marked + "\n",
                            "webhook.secrets = " + marked,
                            "webhook.secrets = t" + marked,
                            "webhook.secrets = 0" + marked,
                            "webhook.secrets = 'a' " + marked,
                            "webhook.secrets = \"\\" + marked + "\"",
                            "webhook.secrets = whsec_" + marked,
                            marked + "\n",
                            "webhook.secrets_file = 'whsec_" + marked + "'",
                            "webhook.secrets_file = '" + marked + "'",
                            "webhook.path = 'whsec_" + marked + "'",
                            "webhook.certificate = 'whsec_" + marked + "'",
                            "seam.api_key = 'a " + marked + "'",
                            "seam.api_key_file = '" + marked + "'",
                            "seam.api_key = ['" + marked + "']",
                            "api.tokens = ['" + marked + "']",
                            "api.tokens = ['a b:" + marked + "']",
                            "api.tokens = '" + marked + "'",
                            "api.tokens_file = 'a:" + marked + "'",
                            "api.tokens = ['a:" + marked + "', 'b:" + marked + "']",
                            "api.tokens = ['a:b', 'a:" + marked + "']",
                            "seam.endpoint = 'https://a:" + marked + "@seam.example'"};
    for (const auto& text : texts) {
        const auto problems = problems_of(text);
        EXPECT_FALSE(problems.empty()) << text;
        for (const auto& problem : problems)
            EXPECT_THAT(problem, Not(HasSubstr(marked.substr(0, 6)))) << text;
    }
    const settings::Environment in_variables{{"ORACODED_WEBHOOK_SECRETS", marked},
                                             {"ORACODED_API_TOKENS", marked},
                                             {"ORACODED_SEAM_API_KEY", "a " + marked},
                                             {"SEAM_API_KEY", marked + " b"},
                                             {"ORACODED_WEBHOOK_SECRET", marked}};
    const auto problems = problems_of("", in_variables);
    EXPECT_EQ(problems.size(), 4U);
    for (const auto& problem : problems) EXPECT_THAT(problem, Not(HasSubstr(marked.substr(0, 6))));
}

}  // namespace
}  // namespace oracode
