// /readyz of the real program, with each of its conditions broken in turn.
#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"
#include "support/http_client.hpp"
#include "support/tls_certificate.hpp"

namespace oracode::test {
namespace {

namespace json = boost::json;

struct Ready {
    unsigned status;
    json::object checks;

    [[nodiscard]] bool ok(const std::string& check) const {
        return checks.at(check).at("ok").as_bool();
    }
};

Ready ready(ctl::HttpClient& client) {
    ctl::HttpRequest request;
    request.target = "/readyz";
    const auto answer = client.exchange(request);
    auto body = json::parse(answer.body).as_object();
    EXPECT_EQ(body.at("status"), answer.status == 200 ? "ready" : "not ready");
    return {answer.status, body.at("checks").as_object()};
}

Ready ready(Daemon& daemon) {
    return ready(*daemon.api_client());
}

TEST(Ready, NamesEveryCheckWithItsAge) {
    Daemon::Options options;
    options.tls = true;
    Daemon daemon(options);
    daemon.start();
    const auto now = ready(daemon);
    EXPECT_EQ(now.status, 200U);
    for (const auto* name : {"store", "listener", "api", "io-1", "poller", "writer", "seam",
                             "backfill", "certificate", "disk", "checkpoint", "config"}) {
        ASSERT_TRUE(now.checks.contains(name)) << name << " is missing in " << now.checks;
        if (std::string(name) == "disk") continue;  // of the machine that runs the test
        EXPECT_TRUE(now.ok(name)) << now.checks;
        EXPECT_TRUE(now.checks.at(name).at("age_s").is_number() || std::string(name) == "seam")
            << now.checks;
    }
    EXPECT_GT(now.checks.at("certificate").at("expires_in_s").as_int64(), 80'000);
    EXPECT_EQ(daemon.stop(), 0);
}

TEST(Ready, NotWhileTheDiskTakesNoWrite) {
    Daemon daemon;
    daemon.start();
    EXPECT_EQ(ready(daemon).status, 200U);
    sqlite3* database = nullptr;
    sqlite3_open(daemon.database().c_str(), &database);
    ASSERT_EQ(sqlite3_exec(database, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
    // What the disk said last is shared for a second.
    EXPECT_TRUE(eventually([&] { return ready(daemon).status == 503; }));
    const auto blocked = ready(daemon);
    EXPECT_EQ(blocked.status, 503U);
    EXPECT_FALSE(blocked.ok("store"));
    EXPECT_TRUE(blocked.ok("listener"));
    sqlite3_exec(database, "ROLLBACK", nullptr, nullptr, nullptr);
    sqlite3_close(database);
    EXPECT_TRUE(eventually([&] { return ready(daemon).status == 200; }));
    EXPECT_EQ(daemon.stop(), 0);
}

TEST(Ready, NotWhileConnectionsCannotBeAccepted) {
    Daemon daemon;
    daemon.start();
    const auto open = daemon.api_client();
    EXPECT_EQ(ready(*open).status, 200U);
    rlimit before{};
    ASSERT_EQ(prlimit(daemon.process().pid(), RLIMIT_NOFILE, nullptr, &before), 0);
    const rlimit none{3, before.rlim_max};
    ASSERT_EQ(prlimit(daemon.process().pid(), RLIMIT_NOFILE, &none, nullptr), 0);
    auto knocking = HttpClient::tcp(daemon.webhook_port());
    EXPECT_TRUE(eventually([&] { return ready(*open).status == 503; }));
    const auto now = ready(*open);
    EXPECT_FALSE(now.ok("listener"));
    EXPECT_TRUE(now.ok("store"));
    ASSERT_EQ(prlimit(daemon.process().pid(), RLIMIT_NOFILE, &before, nullptr), 0);
    EXPECT_TRUE(eventually([&] { return ready(*open).status == 200; }));
    EXPECT_EQ(daemon.stop(), 0);
}

TEST(Ready, NotWithAnExpiredCertificate) {
    Daemon::Options options;
    options.tls = true;
    Daemon daemon(options);
    daemon.put_certificate(std::chrono::hours{-1});
    daemon.start();
    const auto now = ready(daemon);
    EXPECT_EQ(now.status, 503U);
    EXPECT_FALSE(now.ok("certificate"));
    EXPECT_EQ(now.checks.at("certificate").at("expires_in_s").as_int64() / 3600, -1);
    EXPECT_EQ(daemon.stop(), 0);
}

TEST(Ready, AlthoughSeamDoesNotAnswerWhichIsShown) {
    Daemon::Options options;
    options.sections =
        "[seam]\nendpoint = \"http://127.0.0.1:1\"\napi_key = \"seam_test_key\"\n"
        "[poll]\nretry_min = \"10ms\"\nretry_max = \"20ms\"\n";
    Daemon daemon(options);
    daemon.start();
    // It holds until Seam was asked for the first time.
    bool seen_to_hold = false;
    EXPECT_TRUE(eventually([&] {
        const bool holds = ready(daemon).ok("seam");
        seen_to_hold = seen_to_hold || holds;
        return !holds;
    }));
    const auto now = ready(daemon);
    EXPECT_EQ(now.status, 200U);
    EXPECT_FALSE(now.ok("backfill"));
    EXPECT_NE(now.checks.at("seam").at("age_s").is_null(), seen_to_hold) << "it never answered";
    EXPECT_EQ(daemon.stop(), 0);
}

TEST(Ready, AlthoughTheDiskIsNearlyFullWhichIsShown) {
    const TemporaryFolder folder;
    const auto disk = (folder / "").string();
    if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=64m") != 0)
        GTEST_SKIP() << "only root may mount a small disk";
    {
        Daemon::Options options;
        options.environment["ORACODED_STORE_DATABASE"] = (folder / "oracoded.db").string();
        Daemon daemon(options);
        daemon.start();
        const auto now = ready(daemon);
        EXPECT_EQ(now.status, 200U);
        EXPECT_FALSE(now.ok("disk"));
        EXPECT_GT(now.checks.at("disk").at("free_bytes").as_int64(), 0);
        EXPECT_EQ(daemon.stop(), 0);
    }
    ::umount(disk.c_str());
}

}  // namespace
}  // namespace oracode::test
