// The real program on a disk that fails: nothing that was acknowledged is lost, what has failed can
// be seen, and all goes on when the disk does.
#include <filesystem>
#include <regex>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"
#include "support/paths.hpp"

namespace oracode::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class FailingDiskOfDaemon : public testing::Test {
protected:
    void SetUp() override { daemon_.start(); }

    static Daemon::Options options() {
        Daemon::Options options;
        options.failing_disk = true;
        return options;
    }
    // One event of about 50 pages. False: it was not acknowledged.
    bool deliver() {
        const auto code = "code" + std::to_string(acknowledged_);
        EventText event{"access_code.created", code, ctl::fresh_uuid()};
        event.more = R"("padding":")" + std::string(200'000, 'x') + R"(",)";
        try {
            if (daemon_.deliver(event_json(event)) != 204) return false;
        } catch (const std::exception&) {
            return false;  // the daemon is gone
        }
        ++acknowledged_;
        return true;
    }
    // So much that the log is copied into the database in the next quiet moment.
    void deliver_a_lot() {
        for (int i = 0; i < 25; ++i) ASSERT_TRUE(deliver());
    }
    void expect_all_there() {
        for (int i = 0; i < acknowledged_; ++i)
            EXPECT_EQ(daemon_.get("/v1/access_codes/code" + std::to_string(i)).status, 200U) << i;
    }
    boost::json::object check(const char* name) {
        const auto answer = daemon_.get("/readyz");
        EXPECT_EQ(answer.status, 200U) << answer.body;
        return boost::json::parse(answer.body).at("checks").at(name).as_object();
    }

    Daemon daemon_{options()};
    int acknowledged_ = 0;
};

// Whoever supervises it starts it again, as that is what copies the whole log.
TEST_F(FailingDiskOfDaemon, ASyncOfTheDatabaseThatFailsEndsItAndTheNextStartHasEverything) {
    daemon_.break_disk("sync");
    for (int i = 0; i < 100 && deliver(); ++i) {
    }
    EXPECT_EQ(daemon_.process().wait(), 74);
    EXPECT_THAT(daemon_.log(), HasSubstr("store.sync_failed"));
    EXPECT_GT(acknowledged_, 10);
    EXPECT_GT(std::filesystem::file_size(daemon_.database() + "-wal"), 0U);
    daemon_.start();
    expect_all_there();
    EXPECT_TRUE(deliver());
    EXPECT_EQ(daemon_.stop(), 0);
}

TEST_F(FailingDiskOfDaemon, ASyncThatFailsAtTheEndShowsInTheExitCode) {
    ASSERT_TRUE(deliver());
    daemon_.break_disk("sync");
    EXPECT_EQ(daemon_.stop(), 74);
    daemon_.start();
    expect_all_there();
    EXPECT_EQ(daemon_.stop(), 0);
}

TEST(Units, StartADaemonAgainThatEndedForItsDisk) {
    for (const auto* name : {"systemd/oracoded.service", "systemd/oracoded@.service"}) {
        const auto unit = contents(source_path(name));
        EXPECT_THAT(unit, HasSubstr("\nRestart=on-failure\n")) << name;
        std::smatch never;
        ASSERT_TRUE(std::regex_search(unit, never, std::regex("RestartPreventExitStatus=(.*)")));
        EXPECT_THAT(never[1].str(), Not(HasSubstr("74"))) << name;
    }
}

TEST_F(FailingDiskOfDaemon, ACheckpointThatFailsIsInLogMetricAndReadiness) {
    daemon_.break_disk("write");
    deliver_a_lot();
    ASSERT_TRUE(eventually([&] { return !check("checkpoint").at("ok").as_bool(); }));
    const std::string why{check("checkpoint").at("why").as_string()};
    EXPECT_THAT(why, HasSubstr("log cannot be copied"));
    EXPECT_THAT(daemon_.log(), HasSubstr("store.checkpoint_failed"));
    EXPECT_THAT(daemon_.get("/metrics").body,
                testing::ContainsRegex("oracoded_checkpoint_failures_total [1-9]"));
    EXPECT_TRUE(deliver()) << "the log takes what the database cannot";

    daemon_.mend_disk("write");
    EXPECT_TRUE(eventually([&] { return deliver() && check("checkpoint").at("ok").as_bool(); }));
    EXPECT_THAT(daemon_.log(), HasSubstr("store.checkpoint_recovered"));
    EXPECT_EQ(daemon_.stop(), 0);
}

TEST_F(FailingDiskOfDaemon, AReadThatFailsCostsOneAnswerAndEndsNothing) {
    deliver_a_lot();
    daemon_.break_disk("read");
    const auto refused = [&](const std::string& target) {
        return [this, target] { return daemon_.get(target).status == 503; };
    };
    EXPECT_TRUE(eventually(refused("/v1/access_codes/code0/history")));
    EXPECT_TRUE(eventually(refused("/v1/access_codes?limit=1000")));
    EXPECT_EQ(daemon_.get("/healthz").status, 200U);
    daemon_.mend_disk("read");
    EXPECT_TRUE(eventually([&] { return deliver(); }));
    expect_all_there();
    EXPECT_EQ(daemon_.get("/v1/access_codes/code0/history").status, 200U);
    EXPECT_EQ(daemon_.stop(), 0);
}

}  // namespace
}  // namespace oracode::test
