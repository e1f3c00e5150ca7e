// daemon/quickstart with the programs of this build: what a newcomer sees, and how it ends.
#include <csignal>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

#include "support/paths.hpp"
#include "support/process.hpp"

namespace oracode::ctl {
namespace {

namespace fs = std::filesystem;
using boost::asio::ip::tcp;
using test::contents;

// A port that no one listens on: taken from the system, and given back.
std::string free_port() {
    boost::asio::io_context context;
    const tcp::acceptor acceptor(context, {boost::asio::ip::address_v4::loopback(), 0});
    return std::to_string(acceptor.local_endpoint().port());
}

class Quickstart : public testing::Test {
protected:
    std::vector<std::string> command(const std::string& flag) const {
        std::vector<std::string> words{test::source_path("daemon/quickstart")};
        if (!flag.empty()) words.push_back(flag);
        return words;
    }

    // A daemon's settings in the shell that starts it must not reach the quickstart's own daemon.
    std::map<std::string, std::string> environment(const std::string& api_port) const {
        return {{"QUICKSTART_BIN", fs::path(test::oracoded()).parent_path().string()},
                {"QUICKSTART_STATE", folder_ / "state"},
                {"QUICKSTART_WEBHOOK_PORT", free_port()},
                {"QUICKSTART_API_PORT", api_port},
                {"ORACODED_STORE_DATABASE", "/nowhere/that/counts.db"},
                {"SEAM_API_KEY", "seam_a_real_key"}};
    }

    test::Finished run(const std::string& flag, const std::string& api_port = free_port()) const {
        const test::TemporaryFolder scratch;
        test::Process process(command(flag), environment(api_port), scratch / "output");
        const int code = process.wait(patience);
        return {code, process.output()};
    }

    static constexpr std::chrono::seconds patience{120};
    test::TemporaryFolder folder_;
};

TEST_F(Quickstart, ShowsALifecycleAndReusesWhatItMade) {
    const auto first = run("--exit");
    EXPECT_EQ(first.exit_code, 0) << first.output;
    std::size_t at = 0;
    for (const auto* words :
         {"\"status\":\"unset\"", "status: unset", "\"status\":\"setting\"", "status: setting",
          "\"status\":\"set\"", "status: set", "set_on_device", "Go on"}) {
        at = first.output.find(words, at);
        ASSERT_NE(at, std::string::npos) << words << " in " << first.output;
    }
    const auto secret = contents(folder_ / "state/webhook-secret");
    const auto certificate = contents(folder_ / "state/certificate.pem");
    ASSERT_TRUE(secret.starts_with("whsec_")) << secret;
    EXPECT_EQ(first.output.find(secret.substr(0, secret.size() - 1)), std::string::npos);
    for (const auto* name : {"webhook-secret", "key.pem"})
        EXPECT_EQ(fs::status(folder_ / (std::string("state/") + name)).permissions(),
                  fs::perms::owner_read | fs::perms::owner_write);

    const auto second = run("--exit");
    EXPECT_EQ(second.exit_code, 0) << second.output;
    EXPECT_EQ(contents(folder_ / "state/webhook-secret"), secret);
    EXPECT_EQ(contents(folder_ / "state/certificate.pem"), certificate);
}

TEST_F(Quickstart, StaysUntilCtrlCAndEndsTheDaemonCleanly) {
    const auto api_port = free_port();
    test::Process process(command(""), environment(api_port), folder_ / "output");
    ASSERT_TRUE(test::eventually(
        [&] {
            return process.output().find("Ctrl-C ends it") != std::string::npos ||
                   process.exit_code();
        },
        patience));
    process.signal(SIGINT);
    EXPECT_EQ(process.wait(patience), 0) << process.output();
    EXPECT_NE(process.output().find("oracoded has finished"), std::string::npos)
        << process.output();

    boost::asio::io_context context;
    tcp::socket socket(context);
    boost::system::error_code error;
    socket.connect(
        {boost::asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(std::stoi(api_port))},
        error);
    EXPECT_TRUE(error) << "something still listens";
}

TEST_F(Quickstart, SaysWhichPortIsTaken) {
    boost::asio::io_context context;
    const tcp::acceptor taken(context, {boost::asio::ip::address_v4::loopback(), 0});
    const auto port = std::to_string(taken.local_endpoint().port());
    const auto outcome = run("--exit", port);
    EXPECT_EQ(outcome.exit_code, 69);
    EXPECT_NE(outcome.output.find("port " + port + " is taken"), std::string::npos)
        << outcome.output;
    EXPECT_NE(outcome.output.find("QUICKSTART_API_PORT="), std::string::npos) << outcome.output;
}

TEST_F(Quickstart, RefusesAnUnknownFlag) {
    EXPECT_EQ(run("--sideways").exit_code, 64);
}

}  // namespace
}  // namespace oracode::ctl
