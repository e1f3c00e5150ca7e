// The real program forgets in time.
#include <gtest/gtest.h>

#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"

namespace oracode::test {
namespace {

TEST(Forgetting, HappensOnItsOwn) {
    Daemon::Options options;
    options.store = "history = \"1s\"\n";
    Daemon daemon(options);
    daemon.start();
    EXPECT_EQ(
        daemon.deliver(event_json({"access_code.set_on_device", "living", ctl::fresh_uuid()})),
        204U);
    EXPECT_EQ(
        daemon.deliver(event_json({"access_code.removed_from_device", "ended", ctl::fresh_uuid()})),
        204U);
    EXPECT_TRUE(eventually([&] { return daemon.get("/v1/access_codes/ended").status == 404; }));
    EXPECT_EQ(daemon.get("/v1/access_codes/living").status, 200U);
    EXPECT_NE(daemon.get("/metrics").body.find("oracoded_purged_total{kind=\"codes\"} 1"),
              std::string::npos);
    EXPECT_EQ(daemon.stop(), 0);
}

TEST(Forgetting, TakesThePinsFirst) {
    Daemon::Options options;
    options.store = "pins = \"1s\"\n";
    Daemon daemon(options);
    daemon.start();
    const std::string with_pin = "\"code\":\"471108\",";
    for (const auto* type : {"access_code.set_on_device", "access_code.removed_from_device"})
        EXPECT_EQ(daemon.deliver(event_json(
                      {type, "ended", ctl::fresh_uuid(), "2026-03-02T15:00:00.000Z", with_pin})),
                  204U);
    const auto seen = [&] {
        return daemon.get("/v1/access_codes/ended?include=code").body +
               daemon.get("/v1/access_codes/ended/history?include=code").body;
    };
    EXPECT_TRUE(eventually([&] { return seen().find("471108") == std::string::npos; }));
    EXPECT_EQ(daemon.get("/v1/access_codes/ended").status, 200U);
    EXPECT_EQ(daemon.stop(), 0);
}

}  // namespace
}  // namespace oracode::test
