// What operators ask the real daemon: its state, its quarantine, a backup; and who may.
#include <csignal>
#include <fstream>
#include <thread>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/version.hpp"
#include "ctl/lifecycle_script.hpp"
#include "store/copy.hpp"
#include "support/daemon.hpp"
#include "support/http_client.hpp"
#include "support/paths.hpp"
#include "tests/store/fixture.hpp"

namespace oracode::test {
namespace {

namespace json = boost::json;

json::object object_of(const ctl::HttpAnswer& answer, unsigned status = 200) {
    EXPECT_EQ(answer.status, status) << answer.body;
    return json::parse(answer.body).as_object();
}

std::string uuid() {
    return ctl::fresh_uuid();
}

class OperatorApi : public ::testing::Test {
protected:
    void SetUp() override { daemon_.start(); }

    ctl::HttpAnswer ask(const std::string& method, const std::string& target,
                        const std::string& token = "") {
        ctl::HttpRequest request;
        request.method = method;
        request.target = target;
        if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token);
        return daemon_.api_client()->exchange(request);
    }

    Daemon daemon_;
};

TEST_F(OperatorApi, StatsTellHowItIsDoing) {
    ASSERT_EQ(daemon_.deliver(event_json({"access_code.set_on_device", "code1", uuid()})), 204U);
    ASSERT_EQ(daemon_.deliver(event_json({"access_code.created", "code2", uuid()})), 204U);
    ASSERT_EQ(daemon_.deliver(event_json({"access_code.removed_from_device", "code3", uuid()})),
              204U);
    ASSERT_EQ(daemon_.deliver("no JSON"), 202U);
    const auto stats = object_of(daemon_.get("/v1/stats"));
    const auto& codes = stats.at("access_codes").as_object();
    EXPECT_EQ(codes.at("total"), 3);
    EXPECT_EQ(codes.at("live"), 2);
    EXPECT_EQ(codes.at("ended"), 1);
    EXPECT_EQ(codes.at("by_status").as_object().at("set"), 1);
    EXPECT_EQ(codes.at("by_status").as_object().at("unset"), 1);
    EXPECT_EQ(stats.at("quarantined"), 1);
    EXPECT_EQ(std::string(stats.at("version").as_string()), version());
    EXPECT_EQ(stats.at("changes").as_object().at("last"), 3);
    EXPECT_EQ(stats.at("changes").as_object().at("oldest"), 1);
    EXPECT_EQ(stats.at("polling").as_object().at("enabled"), false);
    EXPECT_GT(stats.at("store").as_object().at("database_bytes").as_int64(), 0);
    const auto& deliveries = stats.at("deliveries").as_object();
    EXPECT_FALSE(deliveries.at("last_at").is_null());
    EXPECT_EQ(deliveries.at("lag_last_hour").as_object().at("count"), 3);
    EXPECT_FALSE(deliveries.at("lag_by_minute").as_array().empty());
    EXPECT_EQ(daemon_.get("/v1/stats?x=1").status, 400U);
}

TEST_F(OperatorApi, ListsByEveryFilterOfTheContract) {
    ASSERT_EQ(daemon_.deliver(event_json({"access_code.set_on_device", "code1", uuid()})), 204U);
    ASSERT_EQ(daemon_.deliver(event_json({"access_code.removed_from_device", "code2", uuid()})),
              204U);
    const auto count = [&](const std::string& query) {
        return object_of(daemon_.get("/v1/access_codes?" + query))
            .at("access_codes")
            .as_array()
            .size();
    };
    EXPECT_EQ(count("ended=true"), 1U);
    EXPECT_EQ(count("ended=false"), 1U);
    EXPECT_EQ(count("ready=false"), 2U);
    EXPECT_EQ(count("ready=true&status=set"), 0U) << "its window is not known";
    EXPECT_EQ(count("updated_since=2026-01-01T00:00:00Z"), 2U);
    EXPECT_EQ(count("updated_since=2999-01-01T00:00:00%2B01:00"), 0U);
    EXPECT_EQ(count("starts_after=2020-01-01T00:00:00Z&starts_before=2999-01-01T00:00:00Z"), 0U);
    EXPECT_EQ(count("status=set,unset&ended=false&device_id=device1&overdue=false&limit=1000"), 1U);
    EXPECT_EQ(count("status=set&status=unset&ended=false&device_id=device1&limit=1000"),
              count("status=set,unset&ended=false&device_id=device1&limit=1000"));
    for (const auto* bad : {"ready=1", "ended=", "ended=removed", "starts_after=yesterday",
                            "starts_before=2026-01-01", "updated_since=2026-01-01T00:00:00+01:00",
                            "overdue=TRUE", "status=set&status=sett", "limit=1&limit=1"})
        EXPECT_EQ(daemon_.get(std::string("/v1/access_codes?") + bad).status, 400U) << bad;
}

TEST_F(OperatorApi, WhatIsInQuarantineIsListedShownAndTriedAgain) {
    const auto usable = event_json({"access_code.set_on_device", "code1", "event1"});
    ASSERT_EQ(daemon_.deliver("no JSON"), 202U);
    ASSERT_EQ(daemon_.deliver(std::string("\xff\xfe", 2)), 202U);
    daemon_.stop();
    {
        // Put aside by a version that could not read it yet.
        const auto done =
            sql(daemon_.database(),
                "INSERT INTO quarantine (digest, received_at, reason, message_id, body) VALUES "
                "(x'00', 1770000000000, 'unheard of', 'msg_3', CAST('" +
                    usable + "' AS BLOB))");
        ASSERT_EQ(done, "");
    }
    daemon_.start();
    const auto page = object_of(daemon_.get("/v1/quarantine"));
    const auto& items = page.at("quarantine").as_array();
    ASSERT_EQ(items.size(), 3U);
    EXPECT_TRUE(page.at("next_cursor").is_null());
    std::vector<std::string> members;
    for (const auto& member : items[0].as_object()) members.emplace_back(member.key());
    EXPECT_EQ(members,
              (std::vector<std::string>{"id", "received_at", "reason", "message_id", "size"}));
    EXPECT_EQ(items[0].at("message_id"), "msg_3");
    EXPECT_EQ(items[2].at("size"), 7);
    const auto first = object_of(daemon_.get("/v1/quarantine?limit=2"));
    EXPECT_EQ(first.at("quarantine").as_array().size(), 2U);
    const auto second = object_of(
        daemon_.get("/v1/quarantine?cursor=" + std::string(first.at("next_cursor").as_string())));
    EXPECT_EQ(second.at("quarantine").as_array()[0], items[2]);
    EXPECT_TRUE(second.at("next_cursor").is_null());

    EXPECT_EQ(object_of(daemon_.get("/v1/quarantine/1")).at("body"), "no JSON");
    EXPECT_EQ(object_of(daemon_.get("/v1/quarantine/2")).at("body_base64"), "//4=");
    EXPECT_EQ(daemon_.get("/v1/quarantine/99").status, 404U);
    EXPECT_EQ(daemon_.get("/v1/quarantine/x").status, 404U);
    EXPECT_EQ(daemon_.get("/v1/quarantine?cursor=x").status, 400U);

    EXPECT_EQ(object_of(ask("POST", "/v1/quarantine/1/replay")).at("result"), "unusable");
    const auto replayed = object_of(ask("POST", "/v1/quarantine/3/replay"));
    EXPECT_EQ(replayed.at("result"), "recorded");
    EXPECT_EQ(replayed.at("access_code_id"), "code1");
    EXPECT_EQ(object_of(daemon_.get("/v1/access_codes/code1")).at("status"), "set");
    EXPECT_EQ(ask("POST", "/v1/quarantine/3/replay").status, 404U) << "it is there no more";
    EXPECT_EQ(object_of(daemon_.get("/v1/quarantine")).at("quarantine").as_array().size(), 2U);
    EXPECT_EQ(daemon_.deliver(usable), 204U);
    EXPECT_EQ(object_of(daemon_.get("/v1/access_codes/code1")).at("version"), 1)
        << "the same event by webhook is known";
}

TEST_F(OperatorApi, ABackupIsWholeAlthoughDeliveriesGoOn) {
    for (int i = 0; i < 20; ++i)
        ASSERT_EQ(daemon_.deliver(event_json(
                      {"access_code.set_on_device", "code" + std::to_string(i), uuid()})),
                  204U);
    std::atomic<bool> done = false;
    std::thread deliveries([&] {
        for (int i = 0; !done; ++i)
            EXPECT_EQ(daemon_.deliver(event_json(
                          {"access_code.set_on_device", "more" + std::to_string(i), uuid()})),
                      204U);
    });
    for (int i = 0; i < 3; ++i) {
        const auto answer = daemon_.get("/v1/backup");
        EXPECT_EQ(answer.status, 200U);
        EXPECT_EQ(answer.header("Content-Type"), "application/vnd.sqlite3");
        EXPECT_NE(answer.header("Content-Disposition").value_or("").find("oracoded-20"),
                  std::string_view::npos);
        const auto file = daemon_.folder().write("backup.db", answer.body);
        const auto sound = store::check_copy(file);
        EXPECT_TRUE(sound) << sound.error().detail;
    }
    done = true;
    deliveries.join();
    auto client = HttpClient::tcp(daemon_.api_port());
    client.send("HEAD /v1/backup HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(client.receive(true).header("content-type"), "application/vnd.sqlite3");
    EXPECT_EQ(daemon_.stop(), 0);
}

TEST(Permissions, ReadTokensReadAndWrongOnesGetNothing) {
    Daemon daemon;
    const std::string reader = "reader-token-0123456789";
    const std::string writer = "writer-token-0123456789";
    daemon.folder().write("tokens", "r:" + reader + ":read\nw:" + writer + "\n");
    auto config = contents(daemon.config());
    config.replace(config.find("[api]\n"), 6, "[api]\ntokens_file = \"tokens\"\n");
    daemon.folder().write("oracoded.toml", config);
    daemon.start();
    ASSERT_EQ(daemon.deliver(event_json({"access_code.set_on_device", "code1", uuid(),
                                         "2026-03-02T15:00:00.000Z", "\"code\":\"1234\","})),
              204U);
    ASSERT_EQ(daemon.deliver("no JSON"), 202U);
    const auto ask = [&](const std::string& method, const std::string& target,
                         const std::string& authorization) {
        ctl::HttpRequest request;
        request.method = method;
        request.target = target;
        if (!authorization.empty()) request.headers.emplace_back("Authorization", authorization);
        return daemon.api_client()->exchange(request);
    };
    const std::vector<std::pair<std::string, std::string>> reads{
        {"GET", "/v1/access_codes"},
        {"GET", "/v1/access_codes/code1"},
        {"GET", "/v1/access_codes/code1/history"},
        {"GET", "/v1/changes"},
        {"GET", "/v1/stats"},
        {"GET", "/v1/quarantine"}};
    const std::vector<std::pair<std::string, std::string>> writes{
        {"GET", "/v1/quarantine/1"},
        {"POST", "/v1/quarantine/1/replay"},
        {"GET", "/v1/backup"},
        {"POST", "/v1/access_codes/code1/untrack"}};
    for (const auto& [method, target] : reads) {
        EXPECT_EQ(ask(method, target, "Bearer " + reader).status, 200U) << target;
        EXPECT_EQ(ask(method, target, "bearer " + writer).status, 200U) << target;
    }
    for (const auto& [method, target] : writes) {
        const auto refused = ask(method, target, "Bearer " + reader);
        EXPECT_EQ(refused.status, 403U) << target;
        EXPECT_EQ(refused.header("WWW-Authenticate"),
                  R"(Bearer realm="oracoded", error="insufficient_scope")");
        EXPECT_EQ(ask(method, target, "Bearer " + writer).status, 200U) << target;
    }
    for (const auto* wrong : {"Bearer wrong", "Bearer ", "Bearer", "Basic cjpy",
                              "Bearer reader-token-012345678", "Bearer reader-token-0123456789x"}) {
        for (const auto& [method, target] : reads) {
            const auto refused = ask(method, target, wrong);
            EXPECT_EQ(refused.status, 401U) << target << wrong;
            EXPECT_EQ(refused.header("WWW-Authenticate"),
                      R"(Bearer realm="oracoded", error="invalid_token")");
        }
    }
    const auto pin = [&](const std::string& authorization) {
        return ask("GET", "/v1/access_codes/code1?include=code", authorization).body.find("1234") !=
               std::string::npos;
    };
    EXPECT_FALSE(pin("Bearer " + reader));
    EXPECT_TRUE(pin("Bearer " + writer));
    const auto without = ask("GET", "/v1/access_codes/code1", "");
    EXPECT_EQ(without.status, 401U) << "on loopback too: a proxy makes everybody a local caller";
    EXPECT_NE(without.body.find("Authorization: Bearer"), std::string::npos) << without.body;
    EXPECT_FALSE(pin(""));
    EXPECT_EQ(ask("GET", "/metrics", "").status, 200U);
    EXPECT_EQ(ask("GET", "/", "").status, 200U) << "the page, which asks for one";
    EXPECT_TRUE(eventually([&] {
        return daemon.log().find("access_code.untracked access_code_id=code1 by=w") !=
               std::string::npos;
    })) << daemon.log();
    EXPECT_EQ(ask("GET", "/v1/access_codes/code1", "Bearer " + writer).body.find("1234"),
              std::string::npos)
        << "only when asked for";
}

TEST(SocketGroup, OwnsTheSocketOrRefusesTheStart) {
    Daemon daemon;
    const auto config = contents(daemon.config());
    const auto with = [&](const std::string& group) {
        auto text = config;
        const std::string listen = "[api]\nlisten = \"127.0.0.1:0\"\n";
        text.replace(text.find(listen), listen.size(),
                     "[api]\nlisten = \"unix:api.sock\"\nsocket_group = \"" + group + "\"\n");
        return daemon.folder().write("oracoded.toml", text);
    };
    const auto refused = run({oracoded(), "--config", with("no-such-group"), "--check-config"});
    EXPECT_EQ(refused.exit_code, 78);
    EXPECT_NE(refused.output.find("api.socket_group"), std::string::npos) << refused.output;

    const auto own = std::to_string(::getegid());
    with(own);
    Process process({oracoded(), "--config", daemon.config()}, {}, daemon.folder() / "log");
    const auto socket = (daemon.folder() / "api.sock").string();
    ASSERT_TRUE(eventually([&] {
        return contents(daemon.folder() / "log").find("daemon.started") != std::string::npos;
    }));
    struct stat found {};
    ASSERT_EQ(::stat(socket.c_str(), &found), 0);
    EXPECT_EQ(found.st_gid, ::getegid());
    EXPECT_EQ(found.st_mode & 0777U, 0660U);
    process.signal(SIGTERM);
    EXPECT_EQ(process.wait(), 0);
}

}  // namespace
}  // namespace oracode::test
