// What must not get into a log: bodies, PINs, secrets. Plants them wherever the daemon could
// stumble over them.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"

namespace oracode::test {
namespace {

constexpr const char* pin = "4711081547";
constexpr const char* body_mark = "planted-in-a-body";

void deliver_everything(Daemon& daemon) {
    const std::string planted =
        std::string("\"code\":\"") + pin + "\",\"note\":\"" + body_mark + "\",";
    EXPECT_EQ(daemon.deliver(event_json({"access_code.set_on_device", "code1", ctl::fresh_uuid(),
                                         "2026-03-02T15:00:00.000Z", planted})),
              204U);
    const auto event_id = ctl::fresh_uuid();
    const auto repeated =
        event_json({"access_code.created", "code1", event_id, "2026-03-02T15:00:00.000Z", planted});
    EXPECT_EQ(daemon.deliver(repeated), 204U);
    EXPECT_EQ(daemon.deliver(repeated), 204U);
    EXPECT_EQ(daemon.deliver(std::string("{") + planted), 202U) << "broken JSON";
    EXPECT_EQ(daemon.deliver(std::string("{") + planted + "\"event_id\":\"e\"}"), 202U)
        << "no event";
    auto forged =
        signed_delivery(std::string("{") + planted + "\"event_id\":\"e\",\"event_type\":\"t\"}");
    forged.headers.back().second = std::string("v1,") + daemon_secret;
    EXPECT_EQ(daemon.webhook_client()->exchange(forged).status, 401U);
    EXPECT_EQ(daemon.get(std::string("/v1/access_codes/code1?include=code&pin=") + pin).status,
              400U);
    EXPECT_EQ(daemon.get("/v1/access_codes/code1?include=code").status, 200U);
}

void expect_secrecy(const std::string& format) {
    Daemon::Options options;
    options.log_format = format;
    Daemon daemon(options);
    daemon.start();
    deliver_everything(daemon);
    daemon.process().signal(SIGHUP);
    EXPECT_TRUE(eventually([&] {
        return daemon.log().find("config.reloaded") != std::string::npos;
    })) << daemon.log();
    EXPECT_EQ(daemon.stop(), 0);
    const auto log = daemon.log();
    EXPECT_NE(log.find("webhook.quarantined"), std::string::npos) << "nothing was logged at all";
    for (const std::string secret : {pin, body_mark, daemon_secret, daemon_secret + 6})
        EXPECT_EQ(log.find(secret), std::string::npos) << secret << " is in the log:\n" << log;
}

TEST(Secrecy, ACrashWritesNoCoreFile) {
    Daemon daemon;
    daemon.start();
    const auto limits = contents(fmt::format("/proc/{}/limits", daemon.process().pid()));
    EXPECT_THAT(limits, testing::ContainsRegex("Max core file size +0 +0 "));
    // Not even by a handler that core_pattern names, nor to another process of the same user.
    struct stat of_process {};
    ASSERT_EQ(::stat(fmt::format("/proc/{}/mem", daemon.process().pid()).c_str(), &of_process), 0);
    EXPECT_EQ(of_process.st_uid, 0U) << "of a process that may be dumped it is the user";
    EXPECT_EQ(daemon.stop(), 0);
}

TEST(Secrecy, NoPinSecretOrBodyIsInATextLog) {
    expect_secrecy("text");
}
TEST(Secrecy, NoPinSecretOrBodyIsInAJsonLog) {
    expect_secrecy("json");
}

}  // namespace
}  // namespace oracode::test
