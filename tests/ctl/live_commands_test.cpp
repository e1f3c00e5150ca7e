// oracodectl's commands that wait, watch, copy and mend, against the real daemon.
#include <csignal>
#include <fstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "ctl/lifecycle_script.hpp"
#include "store/copy.hpp"
#include "support/daemon.hpp"
#include "support/paths.hpp"

namespace oracode::test {
namespace {

namespace json = boost::json;

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

class LiveCommands : public ::testing::Test {
protected:
    // On a unix socket, so that it is found again after a restart.
    void SetUp() override {
        auto config = contents(daemon_.config());
        const std::string listen = "[api]\nlisten = \"127.0.0.1:0\"\n";
        config.replace(config.find(listen), listen.size(), "[api]\nlisten = \"unix:api.sock\"\n");
        daemon_.folder().write("oracoded.toml", config);
        start();
    }
    void start() {
        log_seen_ = log().size();
        process_.emplace(std::vector<std::string>{oracoded(), "--config", daemon_.config()},
                         std::map<std::string, std::string>{}, daemon_.folder() / "log");
        ASSERT_TRUE(eventually([&] {
            return log().find("daemon.started", log_seen_) != std::string::npos;
        })) << log();
    }
    void stop() {
        process_->signal(SIGTERM);
        EXPECT_EQ(process_->wait(), 0);
    }
    [[nodiscard]] std::string log() const { return contents(daemon_.folder() / "log"); }

    [[nodiscard]] std::vector<std::string> command(std::vector<std::string> words) const {
        words.insert(words.begin(),
                     {oracodectl(), "--api", "unix:" + (daemon_.folder() / "api.sock").string()});
        return words;
    }
    [[nodiscard]] Finished ctl(std::vector<std::string> words) const {
        return run(command(std::move(words)), {{"TZ", "UTC"}});
    }
    [[nodiscard]] std::unique_ptr<Process> begin(std::vector<std::string> words,
                                                 const std::string& output) const {
        return std::make_unique<Process>(command(std::move(words)),
                                         std::map<std::string, std::string>{{"TZ", "UTC"}},
                                         daemon_.folder() / output);
    }

    unsigned deliver(const std::string& body) {
        const auto text = log();
        const auto at = text.find("127.0.0.1:", text.find("listener=webhook", log_seen_));
        net::Url address;
        address.transport = net::Transport::plain;
        address.host = "127.0.0.1";
        address.port = static_cast<unsigned short>(std::stoi(text.substr(at + 10)));
        return ctl::HttpClient(address, {}).exchange(signed_delivery(body)).status;
    }
    void tell(const std::string& code, const std::string& type,
              const std::string& at = "2026-03-02T15:00:00.000Z") {
        ASSERT_EQ(deliver(event_json({"access_code." + type, code, ctl::fresh_uuid(), at})), 204U);
    }

    Daemon daemon_;
    std::optional<Process> process_;
    std::size_t log_seen_ = 0;
};

TEST_F(LiveCommands, WaitEndsWhenTheStatusIsThere) {
    tell("code1", "created");
    const auto waiting = begin({"wait", "code1", "--for", "set", "--timeout", "1m"}, "wait");
    ASSERT_TRUE(eventually([&] { return has(waiting->output(), "waiting for set"); }));
    EXPECT_FALSE(waiting->exit_code());
    tell("code1", "set_on_device", "2026-03-02T15:01:00.000Z");
    EXPECT_EQ(waiting->wait(), 0);
    EXPECT_TRUE(has(waiting->output(), "code1 is unset since 2026-03-02 15:00:00 UTC"))
        << waiting->output();
    EXPECT_TRUE(has(waiting->output(), "Status")) << waiting->output();
    const auto again = ctl({"--json", "wait", "code1", "--for", "removing,set"});
    EXPECT_EQ(again.exit_code, 0);
    EXPECT_EQ(json::parse(again.output).at("status"), "set");
}

TEST_F(LiveCommands, WaitSaysHowElseItEnded) {
    tell("code1", "created");
    tell("code2", "removed_from_device");
    const auto late = ctl({"wait", "code1", "--for", "set", "--timeout", "300ms"});
    EXPECT_EQ(late.exit_code, 75) << late.output;
    EXPECT_TRUE(has(late.output, "not reached in time: it is unset")) << late.output;
    const auto ended = ctl({"wait", "code2", "--for", "set"});
    EXPECT_EQ(ended.exit_code, 1);
    EXPECT_TRUE(has(ended.output, "it has ended, removed")) << ended.output;
    EXPECT_EQ(ctl({"wait", "code2", "--for", "ended"}).exit_code, 0);
    EXPECT_EQ(ctl({"wait", "code2", "--for", "unset"}).exit_code, 0);
    EXPECT_EQ(ctl({"wait", "nobody", "--for", "set"}).exit_code, 1);
    EXPECT_EQ(ctl({"wait", "code1", "--for", "ready"}).exit_code, 64);
    EXPECT_EQ(ctl({"wait", "code1"}).exit_code, 64);
}

TEST_F(LiveCommands, WaitGoesOnOverARestart) {
    tell("code1", "created");
    const auto waiting = begin({"wait", "code1", "--for", "set", "--timeout", "1m"}, "wait");
    ASSERT_TRUE(eventually([&] { return has(waiting->output(), "waiting for set"); }));
    stop();
    ASSERT_TRUE(eventually([&] { return has(waiting->output(), "trying again"); }));
    start();
    tell("code1", "set_on_device", "2026-03-02T15:01:00.000Z");
    EXPECT_EQ(waiting->wait(), 0);
}

TEST_F(LiveCommands, WatchTellsEveryChangeOnceOverARestart) {
    tell("before", "created");
    const auto people = begin({"watch", "--after", "0", "--limit", "3"}, "people");
    const auto programs = begin({"--json", "watch", "--after", "0", "--limit", "3"}, "programs");
    ASSERT_TRUE(eventually([&] { return has(people->output(), "before"); }));
    ASSERT_TRUE(eventually([&] { return has(programs->output(), "before"); }));
    stop();
    ASSERT_TRUE(eventually([&] { return has(people->output(), "oracodectl: "); }));
    start();
    tell("during", "created");
    tell("during", "set_on_device", "2026-03-02T15:01:00.000Z");
    EXPECT_EQ(people->wait(), 0);
    EXPECT_EQ(programs->wait(), 0);
    std::istringstream lines(programs->output());
    std::vector<std::int64_t> seqs;
    for (std::string line; std::getline(lines, line);)
        seqs.push_back(json::parse(line).at("seq").as_int64());
    EXPECT_EQ(seqs, (std::vector<std::int64_t>{1, 2, 3}));
    EXPECT_TRUE(has(people->output(), "2026-03-02 15:01:00Z")) << people->output();
    EXPECT_TRUE(has(people->output(), "unset    -> set")) << people->output();
    EXPECT_EQ(ctl({"watch", "--after", "x"}).exit_code, 64);
}

TEST_F(LiveCommands, WatchOfADaemonThatIsNotThereFails) {
    stop();
    EXPECT_EQ(ctl({"watch"}).exit_code, 69);
}

TEST_F(LiveCommands, ABackupHasItsNameOnlyWhenItIsSound) {
    tell("code1", "set_on_device");
    const auto file = (daemon_.folder() / "backup.db").string();
    const auto done = ctl({"backup", file});
    EXPECT_EQ(done.exit_code, 0) << done.output;
    EXPECT_TRUE(store::check_copy(file));
    struct stat found {};
    ASSERT_EQ(::stat(file.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777U, 0600U) << "it holds PINs";
    const auto again = ctl({"--json", "backup", file});
    EXPECT_EQ(json::parse(again.output).at("bytes").as_int64(), found.st_size);
    EXPECT_EQ(ctl({"backup", "/no/such/folder/b.db"}).exit_code, 73);
    EXPECT_EQ(ctl({"backup", "/dev/null"}).exit_code, 73) << "a device is left alone";
    const auto link = daemon_.folder() / "link.db";
    std::filesystem::create_symlink(file, link);
    EXPECT_EQ(ctl({"backup", link.string()}).exit_code, 0);
    EXPECT_TRUE(std::filesystem::is_symlink(link)) << "what it leads to is replaced";
    EXPECT_EQ(ctl({"backup", "-"}).output.substr(0, 15), "SQLite format 3");
    const auto missing = (daemon_.folder() / "missing.db").string();
    EXPECT_EQ(ctl({"restore", missing, "--database", daemon_.database()}).exit_code, 66);
    EXPECT_EQ(ctl({"restore", file, "--database", daemon_.database()}).exit_code, 65)
        << "the daemon runs";
    stop();
    const auto restored = ctl({"restore", file, "--database", daemon_.database()});
    EXPECT_EQ(restored.exit_code, 0) << restored.output;
    start();
    EXPECT_EQ(ctl({"show", "code1"}).exit_code, 0);
    stop();
    EXPECT_EQ(ctl({"backup", file}).exit_code, 69);
    EXPECT_TRUE(store::check_copy(file)) << "the old one is left as it was";
    for (const auto& entry : std::filesystem::directory_iterator(daemon_.folder().path()))
        EXPECT_FALSE(has(entry.path().filename().string(), "backup.db.")) << entry.path();
}

TEST_F(LiveCommands, QuarantineIsListedShownAndTriedAgain) {
    ASSERT_EQ(deliver("no JSON"), 202U);
    const auto list = ctl({"quarantine", "list"});
    EXPECT_TRUE(has(list.output, "REASON")) << list.output;
    EXPECT_EQ(json::parse(ctl({"--json", "quarantine", "list"}).output)
                  .at("quarantine")
                  .as_array()
                  .size(),
              1U);
    EXPECT_TRUE(has(ctl({"quarantine", "show", "1"}).output, "no JSON"));
    const auto replay = ctl({"quarantine", "replay", "1"});
    EXPECT_EQ(replay.exit_code, 1);
    EXPECT_TRUE(has(replay.output, "unusable")) << replay.output;
    EXPECT_EQ(ctl({"quarantine", "show", "9"}).exit_code, 1);
    EXPECT_EQ(ctl({"quarantine", "show"}).exit_code, 64);
    EXPECT_EQ(ctl({"quarantine", "eat"}).exit_code, 64);
}

TEST_F(LiveCommands, ListTakesTheFilters) {
    tell("code1", "set_on_device");
    tell("code2", "removed_from_device");
    const auto listed = [&](std::vector<std::string> words) {
        words.insert(words.begin(), {"--json", "list"});
        return json::parse(ctl(std::move(words)).output).at("access_codes").as_array().size();
    };
    EXPECT_EQ(listed({"--ended", "true"}), 1U);
    EXPECT_EQ(listed({"--ready", "true"}), 0U);
    EXPECT_EQ(listed({"--overdue", "false"}), 2U);
    EXPECT_EQ(listed({"--updated-since", "2026-01-01T00:00:00+01:00"}), 2U);
    EXPECT_EQ(listed({"--starts-after", "2026-01-01T00:00:00Z", "--starts-before",
                      "2027-01-01T00:00:00Z"}),
              0U);
    EXPECT_EQ(ctl({"list", "--ready", "maybe"}).exit_code, 64);
    EXPECT_EQ(ctl({"list", "--starts-after", "tomorrow"}).exit_code, 64);
}

TEST_F(LiveCommands, ACodeIsLeftAloneAndTrackedAgain) {
    tell("code1", "created");
    EXPECT_EQ(json::parse(ctl({"--json", "untrack", "code1"}).output).at("tracked"), false);
    EXPECT_EQ(json::parse(ctl({"--json", "track", "code1"}).output).at("tracked"), true);
    EXPECT_EQ(ctl({"untrack", "nobody"}).exit_code, 1);
    EXPECT_NE(ctl({"refresh", "code1"}).exit_code, 0) << "without a key Seam cannot be asked";
}

}  // namespace
}  // namespace oracode::test
