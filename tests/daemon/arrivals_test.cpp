// /v1/arrivals and `oracodectl arrivals` against the real daemon.
#include "tests/daemon/guests_fixture.hpp"

namespace oracode::test {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

class ArrivalsOfDaemon : public DaemonWithGuests {
protected:
    ArrivalsOfDaemon() {
        daemon_.get("/v1/devices/lock1");  // from now on its name and zone are kept
    }

    [[nodiscard]] json::array arrivals(const std::string& query = "") {
        return list("arrivals", query);
    }
    [[nodiscard]] Finished command(std::vector<std::string> arguments) {
        return DaemonWithGuests::command("arrivals", std::move(arguments));
    }
};

TEST_F(ArrivalsOfDaemon, TellTheLockItsClockAndWhetherTheCodeIsInOrder) {
    arrive({"later", present() + 5h, "unset"});
    arrive({"house", present() - 2h, "set"});
    const auto list = arrivals();
    ASSERT_EQ(list.size(), 2U);
    const auto& first = list[0].as_object();
    EXPECT_EQ(first.at("access_code_id"), "house");
    EXPECT_EQ(first.at("ready"), true);
    EXPECT_EQ(first.at("in_order"), true);
    EXPECT_FALSE(first.at("device_name").is_null());
    EXPECT_EQ(first.at("iana_timezone"), "America/Los_Angeles");
    const auto local = std::string(first.at("starts_at_local").as_string());
    EXPECT_EQ(parse_rfc3339(local), parse_rfc3339(first.at("starts_at").as_string()));
    EXPECT_FALSE(local.ends_with("Z"));
    EXPECT_FALSE(first.contains("code"));
    EXPECT_EQ(list[1].as_object().at("in_order"), true);
    EXPECT_EQ(arrivals("?within=4h").size(), 1U);
    EXPECT_EQ(arrivals("?ready=false").size(), 1U);
    EXPECT_EQ(arrivals("?device_id=other").size(), 0U);
    EXPECT_EQ(daemon_.get("/v1/arrivals?within=soon").status, 400U);
    EXPECT_EQ(daemon_.get("/v1/arrivals?cursor=x").status, 400U);
}

TEST_F(ArrivalsOfDaemon, CommandEndsWithOneWhenAGuestsCodeDoesNotWork) {
    arrive({"house", present() - 2h, "set"});
    auto shown = command({});
    EXPECT_EQ(shown.exit_code, 0) << shown.output;
    EXPECT_NE(shown.output.find("in order"), std::string::npos) << shown.output;
    arrive({"locked", present() - 1h, "unset"});
    shown = command({});
    EXPECT_EQ(shown.exit_code, 1);
    EXPECT_NE(shown.output.find("not registered yet"), std::string::npos) << shown.output;
    EXPECT_EQ(command({"--device", "other"}).exit_code, 0);
}

}  // namespace
}  // namespace oracode::test
