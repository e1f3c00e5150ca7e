// Databases of earlier releases, and of later ones: opened by the real program.
#include <filesystem>
#include <fstream>
#include <map>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"
#include "support/paths.hpp"
#include "tests/store/fixture.hpp"

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
    for (const auto& [key_of_code, then] : said) {
        const std::string id(key_of_code);  // clang 14 captures no structured bindings
        const auto ask = [&](const std::string& rest) {
            return json::parse(
                daemon.get(fmt::format("/v1/access_codes/{}{}?include=code", id, rest)).body);
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

// Every table and index as SQL, one a line.
std::string schema_of(const Daemon& daemon) {
    return sql(daemon.database(),
               "SELECT group_concat(type || ' ' || name || ': ' || coalesce(sql, ''), char(10)) "
               "FROM (SELECT * FROM sqlite_schema ORDER BY type, name)");
}

TEST_P(Upgrade, TheSchemaBecomesThatOfANewDatabaseAndTheFileIsSound) {
    Daemon old(keeping_all());
    execute(old.database(), contents(data_path("store/" + GetParam() + ".sql")));
    Daemon fresh(keeping_all());
    for (auto* daemon : {&old, &fresh}) {
        daemon->start();
        EXPECT_EQ(daemon->stop(), 0);
    }
    EXPECT_GT(schema_of(fresh).size(), 1000U);
    EXPECT_EQ(schema_of(old), schema_of(fresh));
    EXPECT_GT(schema_version(fresh.database()), 0);
    EXPECT_EQ(schema_version(old.database()), schema_version(fresh.database()));
    EXPECT_EQ(sql(old.database(), "PRAGMA integrity_check"), "ok");
    EXPECT_EQ(sql(old.database(), "SELECT count(*) FROM pragma_foreign_key_check"), "0");
}

TEST_P(Upgrade, WhatLaterReleasesAddedIsFilledFromWhatWasThere) {
    Daemon daemon(keeping_all());
    execute(daemon.database(), contents(data_path("store/" + GetParam() + ".sql")));
    const auto said = json::parse(contents(data_path("store/" + GetParam() + ".json"))).as_object();
    daemon.start();
    const auto ask = [&](const std::string& target) {
        return json::parse(daemon.get(target).body).as_object();
    };
    std::map<std::string, int> by_status;
    int ended = 0;
    std::size_t transitions = 0;
    for (const auto& [id, then] : said) {
        const auto& code = then.at("code");
        transitions += then.at("history").at("transitions").as_array().size();
        if (code.at("ended").is_null())
            ++by_status[std::string(code.at("status").as_string())];
        else
            ++ended;
    }
    ASSERT_GT(ended, 0);
    const auto stats = ask("/v1/stats");
    EXPECT_EQ(stats.at("access_codes").at("ended"), ended);
    EXPECT_EQ(stats.at("access_codes").at("total"), said.size());
    for (const auto& [status, count] : by_status)
        EXPECT_EQ(stats.at("access_codes").at("by_status").at(status), count) << status;
    EXPECT_EQ(ask("/v1/access_codes?ended=true").at("access_codes").as_array().size(),
              static_cast<std::size_t>(ended));
    EXPECT_EQ(
        sql(daemon.database(), "SELECT count(*) FROM access_codes WHERE pins_from IS NOT NULL"),
        std::to_string(ended))
        << "their PINs are yet to be purged";

    const auto quarantined = ask("/v1/quarantine").at("quarantine").as_array();
    ASSERT_EQ(quarantined.size(), 2U);
    for (const auto& one : quarantined) EXPECT_FALSE(one.at("reason").as_string().empty()) << one;

    const auto changes = ask("/v1/changes?after=0&limit=1000").at("changes").as_array();
    ASSERT_EQ(changes.size(), transitions);
    for (std::size_t i = 0; i < changes.size(); ++i) {
        const auto& change = changes[i];
        EXPECT_EQ(change.at("seq"), i + 1);
        EXPECT_TRUE(said.contains(change.at("access_code_id").as_string())) << change;
    }
    EXPECT_EQ(daemon.stop(), 0);
}

// 0.1.0 expected an unset code at its start, and knew windows where it had an API key.
TEST_P(Upgrade, ACodeWithAWindowIsExpectedEarlierAndListedByItsStart) {
    Daemon daemon(keeping_all());
    execute(daemon.database(), contents(data_path("store/" + GetParam() + ".sql")));
    execute(daemon.database(),
            "UPDATE access_codes SET starts_at = 4102484400000, ends_at = 4102570800000,"
            " expected_by = 4102484400000 WHERE status = 1 AND ended_reason IS NULL AND tracked");
    ASSERT_EQ(
        sql(daemon.database(), "SELECT count(*) FROM access_codes WHERE starts_at IS NOT NULL"),
        "1");
    daemon.start();
    const auto list =
        json::parse(daemon.get("/v1/access_codes?starts_after=2099-12-31T00:00:00Z").body);
    const auto& codes = list.at("access_codes").as_array();
    ASSERT_EQ(codes.size(), 1U) << list;
    EXPECT_EQ(codes[0].at("starts_at"), "2100-01-01T11:00:00.000Z");
    EXPECT_EQ(codes[0].at("expected_by"), "2100-01-01T10:00:00.000Z") << "oracode.lead";
    EXPECT_EQ(codes[0].at("managed"), true);
    EXPECT_EQ(codes[0].at("missing_since"), nullptr);
    EXPECT_EQ(codes[0].at("external_id"), nullptr);
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
