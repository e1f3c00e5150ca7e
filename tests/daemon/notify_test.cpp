// Notifications of the real program, seen from outside.
#include <csignal>
#include <mutex>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"
#include "support/paths.hpp"
#include "support/scripted_server.hpp"

namespace oracode::test {
namespace {

namespace json = boost::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// Notes what it is sent and answers with `status`.
struct Receiver {
    explicit Receiver(unsigned first) : status(first) {}

    [[nodiscard]] std::vector<Seen> all() const {
        const std::lock_guard lock(mutex);
        return seen;
    }

    std::atomic<unsigned> status;
    mutable std::mutex mutex;
    std::vector<Seen> seen;
    ScriptedServer server{[this](const Seen& one) {
        const std::lock_guard lock(mutex);
        seen.push_back(one);
        return Scripted{.status = status};
    }};
};

Daemon::Options telling(const std::string& url) {
    Daemon::Options options;
    options.sections = "[[notify]]\nname = \"pms\"\nurl = \"" + url +
                       "/very/hidden\"\nsecret = \"" + daemon_secret +
                       "\"\ntypes = [\"access_code.changed\"]\n";
    return options;
}

unsigned deliver(Daemon& daemon, const std::string& code) {
    return daemon.deliver(event_json({"access_code.created", code, ctl::fresh_uuid()}));
}

json::object notify_check(Daemon& daemon) {
    const auto ready = daemon.get("/readyz");
    EXPECT_EQ(ready.status, 200U);
    return json::parse(ready.body).at("checks").at("notify").as_object();
}

TEST(Notify, IsNotifiedOnceItIsWellAgainWithTheSameIdAlsoAfterAKill) {
    Receiver receiver(500);
    Daemon daemon(telling(receiver.server.url()));
    daemon.start();
    ASSERT_EQ(deliver(daemon, "code1"), 204U);
    ASSERT_TRUE(eventually([&] { return receiver.all().size() == 1; }));
    ASSERT_TRUE(eventually([&] { return !notify_check(daemon).at("ok").as_bool(); }));
    const auto check = notify_check(daemon);
    EXPECT_EQ(check.at("targets").at("pms").at("state"), "failing");
    EXPECT_EQ(check.at("targets").at("pms").at("last_error"), "answered 500");
    daemon.kill();
    receiver.status = 204;
    daemon.start();
    ASSERT_TRUE(eventually([&] { return receiver.all().size() == 2; }));
    EXPECT_EQ(receiver.all()[0].headers.at("webhook-id"),
              receiver.all()[1].headers.at("webhook-id"));
    ASSERT_TRUE(eventually([&] { return notify_check(daemon).at("ok").as_bool(); }));
    EXPECT_THAT(daemon.get("/metrics").body,
                HasSubstr(R"(oracoded_notifications_total{result="delivered",target="pms"} 1)"));
    EXPECT_EQ(daemon.stop(), 0);
    EXPECT_THAT(daemon.log(), AllOf(HasSubstr("notify.failing"), Not(HasSubstr("hidden")),
                                    Not(HasSubstr(daemon_secret + 6))));
}

TEST(Notify, AReloadRevivesATargetThatWasGone) {
    Receiver receiver(410);
    Daemon daemon(telling(receiver.server.url()));
    daemon.start();
    ASSERT_EQ(deliver(daemon, "code1"), 204U);
    ASSERT_TRUE(eventually([&] { return daemon.log().find("notify.gone") != std::string::npos; }));
    receiver.status = 204;
    daemon.process().signal(SIGHUP);
    ASSERT_TRUE(eventually([&] { return receiver.all().size() == 2; }));
    EXPECT_EQ(receiver.all()[0].headers.at("webhook-id"),
              receiver.all()[1].headers.at("webhook-id"));
}

TEST(Notify, CheckConfigNamesFileLineAndKey) {
    const TemporaryFolder folder;
    const auto file = folder.write(
        "oracoded.toml", "[webhook]\ntls = false\nsecrets = [\"" + std::string(daemon_secret) +
                             "\"]\n[[notify]]\nname = \"a\"\nurl = "
                             "\"https://a.example/hidden\"\nformat = \"fax\"\n");
    const auto checked = run({oracoded(), "--config", file, "--check-config"});
    EXPECT_EQ(checked.exit_code, 78);
    EXPECT_THAT(checked.output, AllOf(HasSubstr(file + ":7: notify.format: must be webhook"),
                                      Not(HasSubstr("hidden"))));
}

}  // namespace
}  // namespace oracode::test
