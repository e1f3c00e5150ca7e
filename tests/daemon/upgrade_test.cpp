// Databases of earlier releases, and of later ones: opened by the real program.
#include <filesystem>
#include <fstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"
#include "support/paths.hpp"

namespace oracode::test {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

void execute(const std::string& path, const std::string& statements) {
    sqlite3* database = nullptr;
    sqlite3_open(path.c_str(), &database);
    EXPECT_EQ(sqlite3_exec(database, statements.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
}

int schema_version(const std::string& path) {
    sqlite3* database = nullptr;
    sqlite3_open(path.c_str(), &database);
    int version = -1;
    const auto keep = [](void* out, int, char** values, char**) {
        *static_cast<int*>(out) = std::stoi(values[0]);
        return 0;
    };
    sqlite3_exec(database, "PRAGMA user_version", keep, &version, nullptr);
    sqlite3_close(database);
    return version;
}

// Keeps what is long past by now.
Daemon::Options keeping_all() {
    Daemon::Options options;
    options.store = "history = \"36500d\"\npins = \"36500d\"\n";
    return options;
}

class Upgrade : public testing::TestWithParam<std::string> {};

TEST_P(Upgrade, OfAReleasesDatabaseKeepsAllItSaidAndGoesOn) {
    Daemon daemon(keeping_all());
    execute(daemon.database(), contents(data_path("store/" + GetParam() + ".sql")));
    const auto said = json::parse(contents(data_path("store/" + GetParam() + ".json"))).as_object();
    daemon.start();
    ASSERT_FALSE(said.empty());
    for (const auto& [id, then] : said) {
        const auto ask = [&](const std::string& rest) {
            return json::parse(
                daemon.get("/v1/access_codes/" + std::string(id) + rest + "?include=code").body);
        };
        const auto code = ask("").as_object();
        for (const auto& [key, value] : then.at("code").as_object())
            EXPECT_EQ(code.at(key), value) << id << " " << key;
        const auto history = ask("/history").as_object();
        for (const auto* part : {"events", "transitions"}) {
            const auto& before = then.at("history").at(part).as_array();
            const auto& now = history.at(part).as_array();
            ASSERT_EQ(now.size(), before.size()) << id;
            for (std::size_t i = 0; i < before.size(); ++i)
                for (const auto& [key, value] : before[i].as_object())
                    EXPECT_EQ(now[i].at(key), value) << id << " " << key;
        }
    }
    const std::string id(said.begin()->key());
    EXPECT_EQ(daemon.deliver(event_json({"access_code.removed_from_device", id, ctl::fresh_uuid(),
                                         "2026-03-03T00:00:00.000Z"})),
              204U);
    EXPECT_EQ(json::parse(daemon.get("/v1/access_codes/" + id).body).at("ended").at("reason"),
              "removed");
    EXPECT_EQ(daemon.stop(), 0);
    daemon.start();
    EXPECT_EQ(daemon.get("/v1/access_codes/" + id).status, 200U);
    EXPECT_EQ(daemon.stop(), 0);
}

INSTANTIATE_TEST_SUITE_P(Releases, Upgrade, testing::Values("0.1.0"), [](const auto& release) {
    std::string name = "Of" + release.param;
    std::replace(name.begin(), name.end(), '.', '_');
    return name;
});

TEST(Downgrade, IsRefusedWithTheReasonAndNothingIsChanged) {
    Daemon daemon;
    daemon.start();
    EXPECT_EQ(daemon.stop(), 0);
    const auto newer = schema_version(daemon.database()) + 1;
    execute(daemon.database(), "PRAGMA user_version = " + std::to_string(newer));
    const auto before = contents(daemon.database());
    const auto refused = run({oracoded(), "--config", daemon.config()});
    EXPECT_EQ(refused.exit_code, 78);
    EXPECT_NE(refused.output.find("written by a later version of oracoded"), std::string::npos)
        << refused.output;
    EXPECT_EQ(contents(daemon.database()), before);
}

// As the README says it: stop, put the copy in the database's place, start.
TEST(Restoring, ABackupBringsBackWhatItHeld) {
    Daemon daemon;
    daemon.start();
    EXPECT_EQ(daemon.deliver(event_json({"access_code.created", "before", ctl::fresh_uuid()})),
              204U);
    const auto answer = daemon.get("/v1/backup");
    ASSERT_EQ(answer.status, 200U);
    const auto copy = daemon.folder().write("copy", answer.body);
    EXPECT_EQ(daemon.deliver(event_json({"access_code.created", "after", ctl::fresh_uuid()})),
              204U);
    daemon.kill();

    for (const auto* rest : {"-wal", "-shm"}) fs::remove(daemon.database() + rest);
    fs::rename(copy, daemon.database());
    daemon.start();
    EXPECT_EQ(daemon.get("/v1/access_codes/before").status, 200U);
    EXPECT_EQ(daemon.get("/v1/access_codes/after").status, 404U);
    EXPECT_EQ(daemon.deliver(event_json({"access_code.created", "after", ctl::fresh_uuid()})),
              204U);
    EXPECT_EQ(daemon.stop(), 0);
}

}  // namespace
}  // namespace oracode::test
