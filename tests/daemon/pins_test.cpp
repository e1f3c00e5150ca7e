// No PIN leaves the daemon unless someone who may write asks for it: planted in every place in
// which a delivery has them, looked for in every output.
#include <gtest/gtest.h>

#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"
#include "support/http_client.hpp"

namespace oracode::test {
namespace {

constexpr const char* pin_mark = "73519428";  // each PIN begins with it

// Members of an event with a PIN in them.
const std::vector<std::string> places{
    R"("code":"7351942801",)",
    R"("from":{"code":"7351942802"},"to":{"code":"7351942803"},)",
    R"("changed_properties":[{"property":"code","from":"7351942804","to":"7351942805"}],)",
    R"("requested_mutations":[{"mutation_code":"updating_code","from":{"code":"7351942806"},"to":{"code":"7351942807"}}],)",
    R"("access_code_errors":[{"error_code":"e","modified_fields":[{"field":"code","from":"7351942808","to":"7351942809"}]}],)",
    R"("access_code_warnings":[{"warning_code":"w","modified_fields":[{"field":"code","from":null,"to":"7351942810"}]}],)"};

TEST(Pins, LeaveTheDaemonOnlyForThoseWhoAskAndMayWrite) {
    Daemon daemon;
    daemon.start();
    for (const auto& place : places)
        ASSERT_EQ(
            daemon.deliver(event_json({"access_code.set_on_device", "code1", ctl::fresh_uuid(),
                                       "2026-03-02T15:00:00.000Z", place})),
            204U);
    ASSERT_EQ(daemon.deliver(R"({"to":{"code":"7351942811"})"), 202U);
    for (const auto* target :
         {"/v1/access_codes", "/v1/access_codes/code1", "/v1/access_codes/code1/history",
          "/v1/changes", "/v1/stats", "/v1/quarantine", "/v1/quarantine/1", "/v1/devices", "/",
          "/metrics", "/readyz", "/v1/access_codes?search=73519428"}) {
        const auto answer = daemon.get(target);
        EXPECT_EQ(answer.status, 200U) << target;
        EXPECT_EQ(answer.body.find(pin_mark), std::string::npos) << target << answer.body;
    }
    const auto history = daemon.get("/v1/access_codes/code1/history?include=code").body;
    for (int pin = 1; pin <= 10; ++pin)
        EXPECT_NE(history.find(pin_mark + std::string(pin < 10 ? "0" : "") + std::to_string(pin)),
                  std::string::npos)
            << pin;
    EXPECT_NE(daemon.get("/v1/quarantine/1?include=code").body.find("7351942811"),
              std::string::npos);
    auto stream = HttpClient::tcp(daemon.api_port());
    const auto page = stream.ask("GET /v1/changes?after=0 HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(page.body.find(pin_mark), std::string::npos);
    EXPECT_EQ(daemon.stop(), 0);
    EXPECT_EQ(daemon.log().find(pin_mark), std::string::npos);
}

}  // namespace
}  // namespace oracode::test
