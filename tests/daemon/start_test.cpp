// How the daemon starts, and why it refuses to: asked of the real program.
#include <gtest/gtest.h>

#include "core/version.hpp"
#include "support/daemon.hpp"
#include "support/paths.hpp"

namespace oracode::test {
namespace {

using testing::Test;

Finished check(const TemporaryFolder& folder, const std::string& config,
               const std::map<std::string, std::string>& environment = {}) {
    return run({oracoded(), "--config", folder.write("test.toml", config), "--check-config"},
               environment);
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

constexpr const char* usable =
    "[webhook]\ntls = false\nsecrets = [\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"]\n";

TEST(Start, SaysItsVersionAndItsFlags) {
    const auto answer = run({oracoded(), "--version"});
    EXPECT_EQ(answer.exit_code, 0);
    EXPECT_TRUE(has(answer.output, "oracoded " + std::string(version()))) << answer.output;
    const auto help = run({oracoded(), "--help"});
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_TRUE(has(help.output, "--check-config")) << help.output;
    EXPECT_EQ(run({oracoded(), "--no-such-flag"}).exit_code, 64);
}

TEST(Start, ACheckedConfigurationIsFineOrEveryProblemIsNamed) {
    const TemporaryFolder folder;
    EXPECT_EQ(check(folder, usable).exit_code, 0);
    const auto bad =
        check(folder, std::string(usable) + "max_body = \"much\"\nmax_bodi = 3\n[polll]\n");
    EXPECT_EQ(bad.exit_code, 78);
    EXPECT_TRUE(has(bad.output, "test.toml:4: webhook.max_body")) << bad.output;
    EXPECT_TRUE(has(bad.output, "test.toml:5: webhook.max_bodi")) << bad.output;
    EXPECT_TRUE(has(bad.output, "polll")) << bad.output;
}

TEST(Start, IsRefusedWithoutASecret) {
    const TemporaryFolder folder;
    const auto refused = check(folder, "[webhook]\ntls = false\n");
    EXPECT_EQ(refused.exit_code, 78);
    EXPECT_TRUE(has(refused.output, "webhook.secrets")) << refused.output;
    EXPECT_EQ(check(folder, "[webhook]\ntls = false\n",
                    {{"SEAM_WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}})
                  .exit_code,
              0);
}

TEST(Start, TheEnvironmentBeatsTheFileAndAFlagBeatsBoth) {
    const TemporaryFolder folder;
    const auto file = folder.write("test.toml", std::string(usable) + "max_body = \"much\"\n");
    const auto bad_file = run({oracoded(), "--config", file, "--check-config"},
                              {{"ORACODED_WEBHOOK_MAX_BODY", "1KiB"}});
    EXPECT_EQ(bad_file.exit_code, 78) << "what is overridden has to be valid all the same";
    const auto unknown = check(folder, usable, {{"ORACODED_WEBHOOK_MAX_BODI", "1KiB"}});
    EXPECT_EQ(unknown.exit_code, 78);
    EXPECT_TRUE(has(unknown.output, "ORACODED_WEBHOOK_MAX_BODI")) << unknown.output;
}

TEST(Start, ASecondDaemonOnTheSameDatabaseIsRefused) {
    Daemon daemon;
    daemon.start();
    const auto second = run({oracoded(), "--config", daemon.config()});
    EXPECT_EQ(second.exit_code, 69);
    EXPECT_TRUE(has(second.output, "oracoded.db")) << second.output;
    EXPECT_EQ(daemon.stop(), 0);
}

// The store opens the database, and so does each thread that reads it: whoever finds that it cannot
// be opened, for want of descriptors here, says so by the same exit code.
TEST(Start, ADatabaseThatCannotBeOpenedIsAnErrorOfTheDiskWhoeverOpensIt) {
    // The sanitizers want descriptors of their own.
    const auto program = oracoded_without_sanitizer();
    if (program.empty()) GTEST_SKIP() << "the release build is not there";
    Daemon daemon;
    daemon.start();
    EXPECT_EQ(daemon.stop(), 0);
    int refused = 0;
    for (int limit = 8; limit < 200; ++limit) {
        const TemporaryFolder folder;
        Process process({"/usr/bin/prlimit", "--nofile=" + std::to_string(limit), program,
                         "--config", daemon.config()},
                        {}, folder / "log");
        ASSERT_TRUE(eventually(
            [&] { return process.exit_code() || has(process.output(), "daemon.started"); }));
        if (!process.exit_code()) break;
        if (!has(process.output(), "oracoded.db: ")) continue;
        ++refused;
        EXPECT_EQ(process.exit_code(), 74) << limit << ": " << process.output();
    }
    EXPECT_GT(refused, 4);
}

TEST(Start, AMissingCertificateIsNamed) {
    const TemporaryFolder folder;
    const auto file = folder.write(
        "test.toml",
        "[webhook]\nlisten = \"127.0.0.1:0\"\ncertificate = \"no.pem\"\nprivate_key = \"no.key\"\n"
        "secrets = [\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"]\n[store]\ndatabase = \"a.db\"\n");
    const auto refused = run({oracoded(), "--config", file});
    EXPECT_EQ(refused.exit_code, 78);
    EXPECT_TRUE(has(refused.output, "no.pem")) << refused.output;
}

TEST(Start, APortThatIsTakenIsNamed) {
    Daemon first;
    first.start();
    Daemon::Options options;
    options.sections =
        "[metrics]\nlisten = \"127.0.0.1:" + std::to_string(first.api_port()) + "\"\n";
    Daemon second(options);
    try {
        second.start();
        FAIL() << "the port was free";
    } catch (const std::runtime_error& error) {
        EXPECT_TRUE(has(error.what(), std::to_string(first.api_port()))) << error.what();
    }
    EXPECT_EQ(second.process().wait(), 69);
}

TEST(Start, TellsWhatLooksWrongThoughItStopsNothing) {
    Daemon::Options options;
    options.tls = true;
    Daemon daemon(options);
    daemon.put_certificate(std::chrono::hours{72});
    daemon.start();
    EXPECT_EQ(daemon.deliver(event_json({"access_code.created", "code1", "event1"})), 204U);
    EXPECT_EQ(daemon.stop(), 0);
    const auto first = daemon.log();
    EXPECT_TRUE(has(first, "certificate.expires_soon")) << first;
    EXPECT_TRUE(has(first, "store.empty"));
    EXPECT_FALSE(has(first, "webhook.plain_text"));
    daemon.put_certificate(std::chrono::hours{24 * 90});
    daemon.start();
    EXPECT_EQ(daemon.stop(), 0);
    const auto second = daemon.log().substr(first.size());
    EXPECT_FALSE(has(second, "certificate.expires_soon")) << second;
    EXPECT_FALSE(has(second, "store.empty")) << "it is the one from before";
}

// A copy that was put in the place of the database by hand meets the log of the one before.
TEST(Start, TellsOfALogThatWasLeftBesideTheDatabase) {
    Daemon daemon;
    daemon.start();
    EXPECT_EQ(daemon.deliver(event_json({"access_code.created", "code1", "event1"})), 204U);
    daemon.kill();
    EXPECT_FALSE(has(daemon.log(), "store.log_left"));
    daemon.start();
    EXPECT_TRUE(eventually([&] { return has(daemon.log(), "store.log_left"); })) << daemon.log();
    EXPECT_TRUE(has(daemon.log(), "oracodectl restore")) << daemon.log();
    EXPECT_EQ(daemon.stop(), 0);
    const auto before = daemon.log().size();
    daemon.start();
    EXPECT_EQ(daemon.stop(), 0);
    EXPECT_FALSE(has(daemon.log().substr(before), "store.log_left"));
}

TEST(Start, NoCoreShowsWhatIsInMemory) {
    Daemon daemon;
    daemon.start();
    const auto limits = contents("/proc/" + std::to_string(daemon.process().pid()) + "/limits");
    const auto line = limits.substr(limits.find("Max core file size"));
    EXPECT_TRUE(has(line.substr(0, line.find('\n')), " 0 ")) << line;
    EXPECT_EQ(daemon.stop(), 0);
}

}  // namespace
}  // namespace oracode::test
