#include "settings/load.hpp"
#include "settings/load_text.hpp"

namespace oracode {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using testing::UnorderedElementsAre;

const std::string at_1 = "/etc/oracoded/test.toml:1: ";

settings::Sources with_tls(std::string text) {
    auto sources = sources_with(std::move(text));
    sources.flags.clear();
    return sources;
}

TEST(SettingsCheck, AListenerWithoutASecretIsRefused) {
    auto sources = sources_with("");
    sources.environment.clear();
    EXPECT_THAT(
        problems_of(sources),
        ElementsAre(AllOf(
            StartsWith("/etc/oracoded/test.toml: webhook.secrets: there is no signing secret"),
            HasSubstr("SEAM_WEBHOOK_SECRET"))));
    sources.file.reset();
    sources.text.reset();
    EXPECT_THAT(problems_of(sources),
                ElementsAre(StartsWith("settings: webhook.secrets: there is no signing")));
}

TEST(SettingsCheck, TlsNeedsACertificateAndItsKey) {
    const test::TemporaryFolder folder;
    const auto pem = "'" + folder.write("a.pem", "PEM") + "'\n";
    EXPECT_THAT(problems_of(with_tls("")),
                ElementsAre(HasSubstr(
                    "webhook.certificate: the listener speaks TLS and has no certificate")));
    EXPECT_THAT(problems_of(with_tls("webhook.certificate = " + pem)),
                ElementsAre(at_1 + "webhook.certificate: needs webhook.private_key beside it"));
    EXPECT_THAT(problems_of(with_tls("webhook.private_key = " + pem)),
                ElementsAre(at_1 + "webhook.private_key: needs webhook.certificate beside it"));
    EXPECT_THAT(
        problems_of(with_tls("webhook.certificate = " + pem + "webhook.private_key = " + pem)),
        IsEmpty());
    EXPECT_THAT(problems_of(with_tls("webhook.tls = false")), IsEmpty());
}

TEST(SettingsCheck, FilesThatCannotBeReadAreReportedAtOnce) {
    const auto problems =
        problems_of(with_tls("webhook.certificate = '/absent/c.pem'\nwebhook.private_key = "
                             "'/absent/k.pem'\nseam.ca_file = '/tmp'\n"));
    EXPECT_THAT(
        problems,
        ElementsAre(
            at_1 + "webhook.certificate: \"/absent/c.pem\" cannot be read: No such file "
                   "or directory",
            HasSubstr("test.toml:2: webhook.private_key: \"/absent/k.pem\" cannot be read"),
            HasSubstr("test.toml:3: seam.ca_file: \"/tmp\" cannot be read: Is a directory")));
}

TEST(SettingsCheck, AnApiOffLoopbackNeedsTlsAndTokens) {
    const test::TemporaryFolder folder;
    const auto pem = "'" + folder.write("a.pem", "PEM") + "'\n";
    const auto tls = "api.certificate = " + pem + "api.private_key = " + pem;
    const std::string tokens = "api.tokens = ['ops:0123456789abcdef']\n";
    for (const std::string address :
         {"0.0.0.0:8080", "[::]:8080", "10.1.2.3:8080", "[2001:db8::1]:8080"}) {
        const auto listen = "api.listen = '" + address + "'\n";
        EXPECT_THAT(
            problems_of(listen),
            ElementsAre(AllOf(StartsWith(at_1 + "api.listen: "), HasSubstr("needs TLS")),
                        AllOf(StartsWith(at_1 + "api.listen: "), HasSubstr("needs tokens"))));
        EXPECT_THAT(problems_of(listen + tls), ElementsAre(HasSubstr("needs tokens")));
        EXPECT_THAT(problems_of(listen + tokens), ElementsAre(HasSubstr("needs TLS")));
        EXPECT_THAT(problems_of((listen + tls).append(tokens)), IsEmpty());
    }
    for (const std::string address :
         {"127.0.0.1:8080", "127.1.2.3:8080", "[::1]:8080", "unix:/run/a.sock"})
        EXPECT_THAT(problems_of("api.listen = '" + address + "'"), IsEmpty());
    EXPECT_THAT(problems_of("api.certificate = " + pem),
                ElementsAre(at_1 + "api.certificate: needs api.private_key beside it"));
}

TEST(SettingsCheck, TokensHaveNamesAndValuesOfTheirOwn) {
    EXPECT_THAT(problems_of("api.tokens = ['a:0123456789abcdef', 'a:fedcba9876543210']"),
                ElementsAre(at_1 + "api.tokens: two tokens have the name \"a\""));
    EXPECT_THAT(problems_of("api.tokens = ['a:0123456789abcdef', 'b:0123456789abcdef:read']"),
                ElementsAre(at_1 + "api.tokens: the token of \"b\" is another one's too"));
}

TEST(SettingsCheck, AShortTokenIsTakenWithAWarning) {
    const auto result =
        loaded(sources_with("api.tokens = ['a:0123456789abcde', 'b:0123456789abcdef']"));
    EXPECT_THAT(texts(result.warnings),
                ElementsAre(StartsWith(at_1 + "api.tokens: the token of \"a\" is short")));
}

TEST(SettingsCheck, AKeyThatEverybodyCanReadIsTakenWithAWarning) {
    const test::TemporaryFolder folder;
    const auto pem = folder.write("a.pem", "PEM");
    const auto sources =
        sources_with("webhook.certificate = '" + pem + "'\nwebhook.private_key = '" + pem + "'");
    EXPECT_THAT(loaded(sources).warnings, IsEmpty());
    std::filesystem::permissions(pem, std::filesystem::perms::others_read,
                                 std::filesystem::perm_options::add);
    EXPECT_THAT(
        texts(loaded(sources).warnings),
        ElementsAre(StartsWith("/etc/oracoded/test.toml:2: webhook.private_key: every user")));
}

TEST(SettingsCheck, SeamIsAskedByHttpsOnlyOffThisMachine) {
    for (const std::string endpoint :
         {"https://connect.getseam.com", "https://10.0.0.1:8443/x", "http://127.0.0.1:1",
          "http://[::1]:1", "http://localhost:1"})
        EXPECT_THAT(problems_of("seam.endpoint = '" + endpoint + "'"), IsEmpty()) << endpoint;
    for (const std::string endpoint :
         {"http://connect.getseam.com", "http://10.0.0.1", "http://[::]:1", "ftp://127.0.0.1",
          "127.0.0.1:80", "", "https://user:hunter2@seam.example"}) {
        const auto problems = problems_of("seam.endpoint = '" + endpoint + "'");
        EXPECT_THAT(problems,
                    ElementsAre(StartsWith(at_1 + "seam.endpoint: must be an https:// address")))
            << endpoint;
        EXPECT_THAT(problems, Not(Contains(HasSubstr("hunter2"))));
    }
}

TEST(SettingsCheck, TheShortestPauseIsNotLongerThanTheLongest) {
    EXPECT_THAT(problems_of("poll.retry_min = '1h'\npoll.retry_max = '1h'"), IsEmpty());
    EXPECT_THAT(
        problems_of("poll.retry_min = '61m'"),
        ElementsAre(
            at_1 +
            "poll.retry_min: poll.retry_min (61m) must not be longer than poll.retry_max (1h)"));
    EXPECT_THAT(problems_of("poll.retry_max = '29s'"),
                ElementsAre(StartsWith(at_1 + "poll.retry_max: poll.retry_min (30s)")));
}

TEST(SettingsCheck, ListenersDoNotTakeEachOthersPlace) {
    EXPECT_THAT(
        problems_of("api.listen = '127.0.0.1:8443'"),
        ElementsAre(
            at_1 +
            "api.listen: the API and the webhook listener cannot share an address and port"));
    EXPECT_THAT(
        problems_of("metrics.listen = '0.0.0.0:8080'"),
        ElementsAre(at_1 +
                    "metrics.listen: 127.0.0.1:8080 is taken by another listener of this daemon"));
    EXPECT_THAT(problems_of("metrics.listen = '127.0.0.1:9464'"), IsEmpty());
}

}  // namespace
}  // namespace oracode
