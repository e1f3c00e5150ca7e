// systemd's protocols, spoken by the real program to a notify socket and with descriptors of the
// test's own.
#include <csignal>
#include <filesystem>
#include <regex>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "ctl/lifecycle_script.hpp"
#include "net/listening_socket.hpp"
#include "support/daemon.hpp"
#include "support/http_client.hpp"
#include "support/notify_socket.hpp"
#include "support/tls_certificate.hpp"

namespace oracode::test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string created(const std::string& code) {
    return event_json({"access_code.created", code, ctl::fresh_uuid()});
}

// Another program that writes to the database and does not let go: the writer has to wait.
class HeldDatabase {
public:
    explicit HeldDatabase(const std::string& path) {
        sqlite3_open(path.c_str(), &database_);
        EXPECT_EQ(sqlite3_exec(database_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
    }
    ~HeldDatabase() {
        sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
        sqlite3_close(database_);
    }
    HeldDatabase(const HeldDatabase&) = delete;
    HeldDatabase& operator=(const HeldDatabase&) = delete;

private:
    sqlite3* database_ = nullptr;
};

TEST(Systemd, IsNotifiedOfWhatTheDaemonDoes) {
    NotifySocket systemd;
    Daemon::Options options;
    options.environment["NOTIFY_SOCKET"] = systemd.path();
    Daemon daemon(options);
    daemon.start();
    EXPECT_TRUE(systemd.comes("READY=1\nSTATUS=Receiving webhooks; 0 codes tracked"));
    EXPECT_EQ(daemon.deliver(created("code1")), 204U);
    EXPECT_TRUE(systemd.comes("1 codes tracked, 1 overdue; last webhook 20"));

    const auto before = systemd.messages().size();
    daemon.process().signal(SIGHUP);
    EXPECT_TRUE(systemd.comes("READY=1", before));
    const auto& all = systemd.messages();
    const std::regex reloading("RELOADING=1\nMONOTONIC_USEC=[0-9]+\nSTATUS=.+");
    ASSERT_GT(all.size(), before + 1);
    EXPECT_TRUE(std::regex_match(all[before], reloading)) << all[before];

    const auto running = systemd.messages().size();
    EXPECT_EQ(daemon.stop(), 0);
    EXPECT_TRUE(systemd.comes("STOPPING=1", running));
    for (auto i = running; i < systemd.messages().size(); ++i)
        EXPECT_THAT(systemd.messages()[i], Not(HasSubstr("READY")));
}

TEST(Systemd, TheWatchdogIsFedUntilThePartThatIsStuckIsNamed) {
    NotifySocket systemd;
    Daemon::Options options;
    options.environment = {{"NOTIFY_SOCKET", systemd.path()}, {"WATCHDOG_USEC", "400000"}};
    Daemon daemon(options);
    daemon.start();
    EXPECT_TRUE(systemd.comes("WATCHDOG=1"));
    EXPECT_TRUE(systemd.comes("WATCHDOG=1", systemd.messages().size())) << "again and again";
    {
        const HeldDatabase held(daemon.database());
        auto client = HttpClient::tcp(daemon.webhook_port());
        client.send(as_text(signed_delivery(created("code1"))));
        EXPECT_TRUE(eventually([&] {
            return daemon.log().find("watchdog.stuck part=writer") != std::string::npos;
        })) << daemon.log();
    }
    EXPECT_TRUE(
        eventually([&] { return daemon.log().find("watchdog.recovered") != std::string::npos; }));
    EXPECT_TRUE(systemd.comes("WATCHDOG=1", systemd.messages().size()));
    EXPECT_EQ(daemon.log().find("part=poller"), std::string::npos);
    EXPECT_EQ(daemon.stop(), 0);
}

TEST(Systemd, AWatchdogThatIsAnothersIsNotFed) {
    NotifySocket systemd;
    Daemon::Options options;
    options.environment = {
        {"NOTIFY_SOCKET", systemd.path()}, {"WATCHDOG_USEC", "4000"}, {"WATCHDOG_PID", "1"}};
    Daemon daemon(options);
    daemon.start();
    EXPECT_EQ(daemon.stop(), 0);
    EXPECT_TRUE(systemd.comes("STOPPING=1"));
    for (const auto& message : systemd.messages())
        EXPECT_EQ(message.find("WATCHDOG"), std::string::npos);
}

// Looks that are due while the daemon is taken apart must not reach what is gone already.
TEST(Systemd, TheWatchdogIsAtRestBeforeTheThreadsItLooksAtGo) {
    for (int i = 0; i < 5; ++i) {
        NotifySocket systemd;
        Daemon::Options options;
        options.environment = {{"NOTIFY_SOCKET", systemd.path()}, {"WATCHDOG_USEC", "4000"}};
        Daemon daemon(options);
        daemon.start();
        EXPECT_TRUE(systemd.comes("WATCHDOG=1"));
        EXPECT_EQ(daemon.stop(), 0);
    }
}

TEST(Systemd, PassesSocketsByName) {
    auto api = net::ListeningSocket::open("127.0.0.1:0").value();
    auto webhook = net::ListeningSocket::open("127.0.0.1:0").value();
    Daemon::Options options;
    options.descriptors = {api.descriptor(), webhook.descriptor()};
    options.environment["LISTEN_FDNAMES"] = "api:webhook";
    Daemon daemon(options);
    daemon.start();
    EXPECT_EQ(daemon.api_port(), api.port());
    EXPECT_EQ(daemon.webhook_port(), webhook.port());
    EXPECT_EQ(daemon.deliver(created("code1")), 204U);
    EXPECT_EQ(daemon.get("/v1/access_codes/code1").status, 200U);
    EXPECT_EQ(daemon.stop(), 0);
}

TEST(Systemd, ASocketWithoutAKnownNameIsTheWebhooks) {
    auto socket = net::ListeningSocket::open("127.0.0.1:0").value();
    Daemon::Options options;
    options.descriptors = {socket.descriptor()};
    options.environment["LISTEN_FDNAMES"] = "oracoded.socket";
    Daemon daemon(options);
    daemon.start();
    EXPECT_EQ(daemon.webhook_port(), socket.port());
    EXPECT_NE(daemon.api_port(), socket.port());
    EXPECT_EQ(daemon.stop(), 0);
}

TEST(Systemd, GivesEverySecretByItsCredentialsFolderAndTheDatabaseItsPlace) {
    const TemporaryFolder credentials;
    const TemporaryFolder state;
    const auto pair = make_certificate("localhost", std::chrono::hours{24});
    credentials.write("webhook.certificate", pair.certificate);
    credentials.write("webhook.private_key", pair.private_key);
    credentials.write("webhook.secrets", std::string(daemon_secret) + "\n");
    credentials.write("api.tokens", "reader:a-token-long-enough-for-anybody:read\n");
    credentials.write("seam.api_key", "seam_test_key\n");
    Daemon::Options options;
    options.tls = options.bare = true;
    options.environment = {{"CREDENTIALS_DIRECTORY", (credentials / "").string()},
                           {"STATE_DIRECTORY", (state / "").string()}};
    options.sections = "[seam]\nendpoint = \"http://127.0.0.1:1\"\n";
    Daemon daemon(options);
    daemon.start();
    EXPECT_EQ(daemon.deliver(created("code1")), 204U);
    ctl::HttpRequest request;
    request.target = "/v1/access_codes/code1";
    request.headers = {{"Authorization", "Bearer a-token-long-enough-for-anybody"}};
    EXPECT_EQ(daemon.api_client()->exchange(request).status, 200U);
    request.headers.front().second += "s";
    EXPECT_EQ(daemon.api_client()->exchange(request).status, 401U);
    EXPECT_TRUE(std::filesystem::exists(state / "oracoded.db"));
    EXPECT_EQ(daemon.log().find("seam.no_api_key"), std::string::npos);
    EXPECT_EQ(daemon.stop(), 0);
}

}  // namespace
}  // namespace oracode::test
