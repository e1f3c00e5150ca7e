// No PIN leaves the daemon unless someone who may write asks for it, and none outlives store.pins:
// planted in every place in which Seam's schema has them, looked for in every output and file.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"
#include "support/fake_seam.hpp"
#include "support/http_client.hpp"
#include "support/paths.hpp"

namespace oracode::test {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string mark = "73519428";  // each PIN begins with it
const std::string reader = "a-token-that-may-read-only";
const std::string writer = "a-token-that-may-write-too";

// Members of an event with PINs in them: 01 to 13.
const std::vector<std::string> places{
    R"("code":"7351942801",)",
    R"("from":{"code":"7351942802"},"to":{"code":"7351942803"},)",
    R"("changed_properties":[{"property":"code","from":"7351942804","to":"7351942805"}],)",
    R"("requested_mutations":[{"mutation_code":"updating_code","from":{"code":"7351942806"},"to":{"code":"7351942807"}}],)",
    R"("access_code_errors":[{"error_code":"e","message":"7351942801 is taken","modified_fields":[{"field":"code","from":"7351942808","to":"7351942809"}]}],)",
    R"("access_code_warnings":[{"warning_code":"w","message":"'7351942810' is weak","modified_fields":[{"field":"code","from":null,"to":"7351942810"}]}],)",
    R"("code":"7351942811","error_message":"Code 7351942811, which was 7351942801, is in use",)",
    R"("pending_mutations":[{"mutation_code":"updating_code","from":{"code":"7351942812"},"to":{"code":"7351942813"}}],)"};
constexpr int pins_in_events = 13;

// Seam's object, likewise: 21 to 29.
const std::string object =
    R"({"access_code_id":"code1","device_id":"device1","workspace_id":"workspace1","connected_account_id":"account1",)"
    R"("name":"Ada","code":"7351942821","type":"time_bound","status":"set","is_offline_access_code":true,)"
    R"("created_at":"2026-03-01T00:00:00.000Z","starts_at":"2026-03-01T15:00:00.000Z","ends_at":"2046-03-01T15:00:00.000Z",)"
    R"("pending_mutations":[{"mutation_code":"updating_code","message":"from 7351942822","from":{"code":"7351942822"},"to":{"code":"7351942823"}}],)"
    R"("errors":[{"error_code":"e","message":"The code 7351942821 is already in use.","created_at":"2026-03-02T00:00:00.000Z",)"
    R"("modified_fields":[{"field":"code","from":"7351942824","to":"7351942825"}]}],)"
    R"("warnings":[{"warning_code":"w","message":"7351942821","modified_fields":[{"field":"code","from":"7351942826","to":"7351942827"}]}],)"
    R"("dormakaba_oracode_metadata":{"stay_id":7,"site_name":"Inn","deep":[{"code":"7351942828"},{"code":7351942829}]}})";
constexpr int first_of_object = 21;
constexpr int last_of_object = 29;

class PinsOfTheDaemon : public testing::Test {
protected:
    PinsOfTheDaemon() {
        seam_.always("/access_codes/list",
                     {.body = R"({"access_codes":[)" + object +
                              R"(],"pagination":{"has_next_page":false},"ok":true})"});
        seam_.always("/access_codes/get",
                     {.body = R"({"access_code":)" + object + R"(,"ok":true})"});
        seam_.always("/webhooks/list", {.body = R"({"webhooks":[{}],"ok":true})"});
        seam_.always("/events/list",
                     {.body = R"({"events":[)" + event("listed", "access_code.changed", places[2]) +
                              R"(],"ok":true})"});
    }

    Daemon::Options options(const std::string& store = {}) const {
        Daemon::Options with;
        with.api = fmt::format("tokens = [\"desk:{}:read\", \"admin:{}\"]\n", reader, writer);
        with.store = store;
        with.log_format = "json";
        with.sections = fmt::format(
            "[seam]\nendpoint = \"{}\"\nca_file = \"{}\"\napi_key = \"seam_test_key\"\n"
            "[poll]\ngrace = \"1s\"\nretry_min = \"1s\"\nretry_max = \"2s\"\n"
            "requests_per_minute = 600\n",
            seam_.url(), seam_.ca_file());
        return with;
    }
    static std::string event(const std::string& code, const std::string& type,
                             const std::string& more) {
        return event_json({type, code, ctl::fresh_uuid(), "2026-03-02T15:00:00.000Z", more});
    }
    void deliver_all(Daemon& daemon, const std::string& code) {
        for (const auto& place : places)
            ASSERT_EQ(daemon.deliver(event(code, "access_code.set_on_device", place)), 204U);
        ASSERT_EQ(daemon.deliver(R"({"to":{"code":"7351942811"},"x":")" + code), 202U);
        ASSERT_EQ(
            daemon.deliver(fmt::format(
                R"({{"event_id":"{}","event_type":"account.odd","to":{{"code":"7351942812"}}}})",
                ctl::fresh_uuid())),
            204U);
    }
    static ctl::HttpAnswer get(Daemon& daemon, const std::string& target,
                               const std::string& token) {
        ctl::HttpRequest request;
        request.target = target;
        request.headers = {{"Authorization", "Bearer " + token}};
        return daemon.api_client()->exchange(request);
    }
    static HttpClient open(Daemon& daemon, const std::string& target) {
        auto client = HttpClient::tcp(daemon.api_port());
        client.send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " +
                    reader + "\r\nAccept: text/event-stream\r\n\r\n");
        return client;
    }
    static void expect_none(const std::string& text, const std::string& where) {
        EXPECT_EQ(text.find(mark), std::string::npos) << where << ": " << text;
    }

    FakeSeam seam_;
};

const std::vector<std::string> reads{"/v1/access_codes",
                                     "/v1/access_codes/code1",
                                     "/v1/access_codes/code1/history",
                                     "/v1/access_codes/listed/history",
                                     "/v1/access_codes?search=73519428",
                                     "/v1/arrivals",
                                     "/v1/changes?after=0",
                                     "/v1/stats",
                                     "/v1/quarantine",
                                     "/v1/quarantine/1",
                                     "/v1/devices",
                                     "/v1/openapi.json",
                                     "/",
                                     "/metrics",
                                     "/readyz"};

TEST_F(PinsOfTheDaemon, LeaveTheDaemonOnlyForThoseWhoAskAndMayWrite) {
    Daemon daemon(options());
    daemon.start();
    auto stream = open(daemon, "/v1/changes?after=0");
    ASSERT_EQ(daemon.deliver(event("code1", "access_code.created", "")), 204U);
    auto waiting = open(daemon, "/v1/access_codes/code1?wait_for=removing&wait=60");
    deliver_all(daemon, "code1");
    ASSERT_TRUE(eventually([&] {
        return get(daemon, "/v1/access_codes/code1", reader).body.find("Ada") !=
                   std::string::npos &&
               get(daemon, "/v1/access_codes/listed", reader).status == 200;
    }));
    for (const auto& target : reads) {
        for (const auto& token : {reader, writer}) {
            const auto answer = get(daemon, target, token);
            const bool of_writers = target == "/v1/quarantine/1";
            EXPECT_EQ(answer.status, of_writers && token == reader ? 403U : 200U) << target;
            expect_none(answer.body, target);
        }
        const bool more = target.find('?') != std::string::npos;
        expect_none(get(daemon, target + (more ? "&" : "?") + "include=code", reader).body, target);
    }
    EXPECT_EQ(get(daemon, "/v1/backup", reader).status, 403U);
    ASSERT_EQ(daemon.deliver(event_json({"access_code.delay_in_removing_from_device", "code1",
                                         ctl::fresh_uuid(), "2036-03-02T15:00:00.000Z"})),
              204U);
    expect_none(waiting.receive().body, "the answer that was waited for");
    ASSERT_EQ(daemon.deliver(event("the-last", "access_code.created", places[0])), 204U);
    expect_none(stream.until("the-last"), "the stream");

    const auto history = get(daemon, "/v1/access_codes/code1/history?include=code", writer).body;
    for (int pin = 1; pin <= pins_in_events; ++pin)
        EXPECT_THAT(history, HasSubstr(mark + fmt::format("{:02}", pin)));
    EXPECT_THAT(get(daemon, "/v1/quarantine/1?include=code", writer).body, HasSubstr("7351942811"));
    const auto shown = get(daemon, "/v1/access_codes/code1?include=code", writer).body;
    for (int pin = first_of_object; pin <= last_of_object; ++pin)
        EXPECT_THAT(shown, HasSubstr(mark + fmt::format("{:02}", pin)));
    EXPECT_EQ(daemon.stop(), 0);
    expect_none(daemon.log(), "the log");
}

TEST_F(PinsOfTheDaemon, AreNotPrintedByTheCommandLine) {
    Daemon daemon(options());
    daemon.start();
    deliver_all(daemon, "code1");
    const auto token = daemon.folder().write("token", writer);
    const auto api = fmt::format("http://127.0.0.1:{}", daemon.api_port());
    const std::vector<std::vector<std::string>> commands{{"status"},
                                                         {"list"},
                                                         {"show", "code1"},
                                                         {"history", "code1"},
                                                         {"slots", "device1"},
                                                         {"arrivals"},
                                                         {"quarantine", "list"},
                                                         {"refresh", "code1"},
                                                         {"wait", "code1", "--for", "set"}};
    for (const auto& command : commands) {
        for (const bool json : {false, true}) {
            std::vector<std::string> all{oracodectl(), "--api", api, "--token-file", token};
            if (json) all.emplace_back("--json");
            all.insert(all.end(), command.begin(), command.end());
            const auto printed = run(all);
            EXPECT_LE(printed.exit_code, 1) << command.front() << printed.output;
            expect_none(printed.output, command.front());
        }
    }
    EXPECT_EQ(daemon.stop(), 0);
}

TEST_F(PinsOfTheDaemon, AreInNoFileOnceTheirTimeIsOver) {
    seam_.always("/events/list", {.body = R"({"events":[],"ok":true})"});
    Daemon daemon(options("pins = \"1s\"\n"));
    daemon.start();
    deliver_all(daemon, "code2");
    deliver_all(daemon, "code3");
    for (const auto* code : {"code2", "code3"})
        ASSERT_EQ(daemon.deliver(event_json({"access_code.deleted", code, ctl::fresh_uuid(),
                                             "2036-03-03T15:00:00.000Z", places[6]})),
                  204U);
    const auto files = [&] {
        return contents(daemon.database()) + contents(daemon.database() + "-wal");
    };
    const auto ended = [&](const std::string& code) {
        const auto history =
            get(daemon, "/v1/access_codes/" + code + "/history?include=code", writer);
        return history.body.find(mark) == std::string::npos;
    };
    EXPECT_TRUE(eventually([&] { return ended("code2") && ended("code3"); }));
    // What lives keeps its PIN: Seam's code1 may be there by now, under other numbers.
    const auto left = [&] {
        std::size_t count = 0;
        const auto bytes = files();
        for (auto at = bytes.find(mark); at != std::string::npos; at = bytes.find(mark, at + 1))
            if (std::stoi(bytes.substr(at + mark.size(), 2)) <= pins_in_events) ++count;
        return count;
    };
    EXPECT_TRUE(eventually([&] { return left() == 0; })) << left();
    const auto copy = get(daemon, "/v1/backup", writer);
    EXPECT_EQ(copy.status, 200U);
    for (int pin = 1; pin <= pins_in_events; ++pin)
        EXPECT_EQ(copy.body.find(mark + fmt::format("{:02}", pin)), std::string::npos) << pin;
    EXPECT_EQ(daemon.stop(), 0);
    EXPECT_EQ(left(), 0U);
}

}  // namespace
}  // namespace oracode::test
