// /v1/devices, and making codes while Seam cannot be asked: the real program.
#include "tests/daemon/creating.hpp"

namespace oracode::test {
namespace {

namespace json = boost::json;

class Devices : public Creating {
protected:
    Devices() { daemon_.start(); }
};

TEST_F(Devices, ShowTheLockItsSlotsAndItsCodes) {
    ASSERT_EQ(create(order()).status, 201U);
    EXPECT_EQ(daemon_.deliver(
                  event_json({"access_code.set_on_device", "made1",
                              "0b1c9d3e-0000-4000-8000-000000000001", "2036-03-02T15:00:00.000Z"})),
              204U);
    const auto lock = get("/v1/devices/lock1");
    ASSERT_EQ(lock.status, 200U) << lock.http.body;
    const auto& body = lock.body;
    EXPECT_EQ(body.at("device_id"), "lock1");
    EXPECT_EQ(body.at("name"), "Cabin 7");
    EXPECT_EQ(body.at("site_name"), "Lakeside");
    EXPECT_EQ(body.at("iana_timezone"), "America/Los_Angeles");
    EXPECT_EQ(body.at("can_program_offline_access_codes"), true);
    EXPECT_EQ(body.at("workspace_id"), "7cc2e0ff-65a5-4a33-b6a2-3dbaac6dd5a3");
    EXPECT_TRUE(body.at("max_codes").is_null());
    EXPECT_LE(body.at("age_s").to_number<int>(), 60);
    EXPECT_TRUE(body.at("fetched_at").is_string());
    ASSERT_EQ(body.at("time_slots").as_array().size(), 2U);
    const auto& slot = body.at("time_slots").at(0);
    EXPECT_EQ(slot.at("name"), "Day shift");
    EXPECT_EQ(slot.at("check_in_time"), "07:00:00[America/Los_Angeles]");
    EXPECT_EQ(slot.at("usable"), true);
    const std::string local(slot.at("next").at("local_starts_at").as_string());
    EXPECT_EQ(local.substr(10, 9), "T07:00:00");
    EXPECT_EQ(parse_rfc3339(local),
              parse_rfc3339(std::string(slot.at("next").at("starts_at").as_string())));
    const json::object counts{{"total", 1}, {"ended", 0},   {"not_ended", 1}, {"unknown", 0},
                              {"unset", 0}, {"setting", 0}, {"set", 1},       {"removing", 0}};
    EXPECT_EQ(body.at("access_codes"), counts);
    EXPECT_EQ(get("/v1/devices/nowhere").status, 404U);
    EXPECT_EQ(get("/v1/devices/lock1?x=1").status, 400U);
}

TEST_F(Devices, AreListedInPages) {
    for (const auto* id : {"lock2", "lock3"}) {
        auto lock = sample_lock();
        lock["device_id"] = id;
        locks_.put(lock);
    }
    auto thermostat = sample_lock();
    thermostat["device_id"] = "warm";
    thermostat["properties"] = json::object{};
    locks_.put(thermostat);
    EXPECT_EQ(daemon_.deliver(event_json(
                  {"access_code.created", "code1", "0b1c9d3e-0000-4000-8000-000000000001"})),
              204U);
    // The poller's walk over the locks at the start.
    ASSERT_TRUE(eventually([&] { return locks_.requests_to("/devices/list") == 1; }));
    std::vector<std::string> ids;
    std::string cursor;
    do {
        const auto page = get("/v1/devices?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
        ASSERT_EQ(page.status, 200U) << page.http.body;
        for (const auto& device : page.body.at("devices").as_array())
            ids.emplace_back(device.at("device_id").as_string());
        const auto& next = page.body.at("next_cursor");
        cursor = next.is_string() ? std::string(next.as_string()) : "";
    } while (!cursor.empty());
    EXPECT_EQ(ids, (std::vector<std::string>{"device1", "lock1", "lock2", "lock3"}))
        << "device1 is known by its code alone";
    EXPECT_EQ(locks_.requests_to("/devices/list"), 2U) << "one more for all pages";
    for (const auto* query : {"limit=0", "limit=1001", "limit=x", "page=1"})
        EXPECT_EQ(get(std::string("/v1/devices?") + query).status, 400U) << query;
}

TEST_F(Devices, CodesBookedBeforeTheDaemonCameAreDiscovered) {
    EXPECT_EQ(daemon_.stop(), 0);
    json::object booked{{"access_code_id", "booked"},
                        {"device_id", "lock1"},
                        {"workspace_id", fake_workspace},
                        {"name", "Grace"},
                        {"type", "time_bound"},
                        {"status", "set"},
                        {"is_offline_access_code", true},
                        {"starts_at", "2026-01-01T15:00:00.000Z"},
                        {"ends_at", "2036-01-04T11:00:00.000Z"}};
    locks_.add_code(booked);
    booked["access_code_id"] = "over";
    booked["ends_at"] = "2026-01-04T11:00:00.000Z";
    locks_.add_code(booked);
    daemon_.start();
    ASSERT_TRUE(eventually([&] { return get("/v1/access_codes/booked").status == 200; }))
        << daemon_.log();
    const auto code = get("/v1/access_codes/booked").body;
    EXPECT_EQ(code.at("status"), "set");
    EXPECT_EQ(code.at("status_source"), "poll");
    EXPECT_EQ(code.at("ready"), true);
    EXPECT_EQ(get("/v1/access_codes/over").status, 404U) << "a stay that is over is no news";
}

TEST_F(Devices, AreKnownAfterARestartWhileSeamIsAway) {
    ASSERT_EQ(get("/v1/devices").body.at("devices").as_array().size(), 1U);
    EXPECT_EQ(daemon_.stop(), 0);
    for (const auto* path : {"/devices/get", "/devices/list", "/access_codes/create"})
        seam_.always(path, {.conduct = Conduct::close_unanswered});
    daemon_.start();
    const auto list = get("/v1/devices");
    ASSERT_EQ(list.status, 200U);
    ASSERT_EQ(list.body.at("devices").as_array().size(), 1U);
    EXPECT_EQ(list.body.at("devices").at(0).at("time_slots").as_array().size(), 2U);
    EXPECT_EQ(check(order()).status, 200U);
    const auto refused = create(order());
    EXPECT_EQ(refused.status, 503U);
    EXPECT_NE(refused.header("Retry-After"), "");
    auto wish = order();
    wish["device_id"] = "never-seen";
    EXPECT_EQ(check(wish).status, 503U);
    EXPECT_EQ(check(wish).body.at("type"), "/problems/seam-unreachable");
}

TEST(DevicesWithoutKey, AreThoseThatHaveCodesAndNothingIsMade) {
    Daemon daemon;
    daemon.start();
    EXPECT_EQ(daemon.deliver(event_json(
                  {"access_code.set_on_device", "code1", "0b1c9d3e-0000-4000-8000-000000000001"})),
              204U);
    const auto lock = daemon.get("/v1/devices/device1");
    ASSERT_EQ(lock.status, 200U) << lock.body;
    const auto body = json::parse(lock.body).as_object();
    EXPECT_TRUE(body.at("time_slots").is_null());
    EXPECT_TRUE(body.at("fetched_at").is_null());
    EXPECT_EQ(body.at("access_codes").at("set"), 1);
    EXPECT_EQ(daemon.get("/v1/devices/nowhere").status, 404U);
    EXPECT_EQ(json::parse(daemon.get("/v1/devices").body).at("devices").as_array().size(), 1U);
    for (const auto* path : {"/v1/access_codes", "/v1/access_codes/check"}) {
        ctl::HttpRequest request;
        request.method = "POST";
        request.target = path;
        request.body = R"({"device_id":"device1","starts_at":"2036-09-10T07:00:00-07:00",)"
                       R"("ends_at":"2036-09-15T19:00:00-07:00"})";
        const auto answer = daemon.api_client()->exchange(request);
        EXPECT_EQ(answer.status, 503U) << answer.body;
        EXPECT_EQ(json::parse(answer.body).at("type"), "/problems/no-api-key");
    }
    EXPECT_EQ(daemon.stop(), 0);
}

TEST(DevicesWithTokens, MakingTakesTheRightToWrite) {
    Daemon daemon;
    auto with_tokens = contents(daemon.config());
    const std::string api = "[api]\n";
    with_tokens.insert(with_tokens.find(api) + api.size(),
                       "tokens = [\"reader:0123456789abcdef0123:read\"]\n");
    daemon.folder().write("oracoded.toml", with_tokens);
    daemon.start();
    const auto status = [&](const char* method, const char* path, const char* token) {
        ctl::HttpRequest request;
        request.method = method;
        request.target = path;
        if (*token != '\0')
            request.headers.emplace_back("Authorization", std::string("Bearer ") + token);
        request.body = std::string_view(method) == "POST" ? "{}" : "";
        return daemon.api_client()->exchange(request).status;
    };
    constexpr auto reader = "0123456789abcdef0123";
    EXPECT_EQ(status("POST", "/v1/access_codes", reader), 403U);
    EXPECT_EQ(status("POST", "/v1/access_codes/check", reader), 400U) << "allowed, but empty";
    EXPECT_EQ(status("GET", "/v1/devices", reader), 200U);
    for (const auto* path : {"/v1/devices", "/v1/devices/lock1"})
        EXPECT_EQ(status("GET", path, "wrong-token-wrong-token"), 401U) << path;
    EXPECT_EQ(status("POST", "/v1/access_codes", "wrong-token-wrong-token"), 401U);
    EXPECT_EQ(daemon.stop(), 0);
}

}  // namespace
}  // namespace oracode::test
