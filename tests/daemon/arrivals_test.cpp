// /v1/arrivals and `oracodectl arrivals` against the real daemon.
#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"
#include "support/fake_locks.hpp"
#include "support/paths.hpp"
#include "support/process.hpp"

namespace oracode::test {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

class ArrivalsOfDaemon : public testing::Test {
protected:
    ArrivalsOfDaemon() : daemon_(options()) {
        seam_.always("/events/list", {.body = R"({"events":[],"ok":true})"});
        seam_.always("/webhooks/list", {.body = R"({"webhooks":[{}],"ok":true})"});
        locks_.put(sample_lock());
        daemon_.start();
        daemon_.get("/v1/devices/lock1");  // from now on its name and zone are kept
    }

    [[nodiscard]] Daemon::Options options() const {
        Daemon::Options options;
        options.sections = fmt::format(
            "[seam]\nendpoint = \"{}\"\nca_file = \"{}\"\napi_key = \"seam_test_key\"\n",
            seam_.url(), seam_.ca_file());
        return options;
    }

    // A guest's code at Seam, of which a webhook tells.
    void arrive(const std::string& id, const std::string& status, Duration starts_in) {
        const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
        locks_.add_code({{"access_code_id", id},
                         {"device_id", "lock1"},
                         {"workspace_id", "workspace1"},
                         {"connected_account_id", "account1"},
                         {"name", "Guest " + id},
                         {"code", "123456"},
                         {"type", "time_bound"},
                         {"status", status},
                         {"is_offline_access_code", true},
                         {"created_at", format_rfc3339(now - 1h)},
                         {"starts_at", format_rfc3339(now + starts_in)},
                         {"ends_at", format_rfc3339(now + starts_in + 48h)},
                         {"errors", json::array()},
                         {"warnings", json::array()},
                         {"pending_mutations", json::array()}});
        EXPECT_EQ(daemon_.deliver(event_json({"access_code.created", id, ctl::fresh_uuid()})),
                  204U);
        ASSERT_TRUE(eventually([&] {
            const auto code = json::parse(daemon_.get("/v1/access_codes/" + id).body);
            return !code.at("ends_at").is_null();
        })) << daemon_.log();
    }
    [[nodiscard]] json::array arrivals(const std::string& query = "") {
        const auto answer = daemon_.get("/v1/arrivals" + query);
        EXPECT_EQ(answer.status, 200U) << answer.body;
        return json::parse(answer.body).at("arrivals").as_array();
    }
    [[nodiscard]] Finished command(std::vector<std::string> arguments) const {
        std::vector<std::string> all{oracodectl(), "--api",
                                     "http://127.0.0.1:" + std::to_string(daemon_.api_port()),
                                     "arrivals"};
        all.insert(all.end(), arguments.begin(), arguments.end());
        return run(all);
    }

    FakeSeam seam_;
    FakeLocks locks_{seam_};
    Daemon daemon_;
};

TEST_F(ArrivalsOfDaemon, TellTheLockItsClockAndWhetherTheCodeIsInOrder) {
    arrive("later", "unset", 5h);
    arrive("house", "set", -2h);
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
    arrive("house", "set", -2h);
    auto shown = command({});
    EXPECT_EQ(shown.exit_code, 0) << shown.output;
    EXPECT_NE(shown.output.find("in order"), std::string::npos) << shown.output;
    arrive("locked", "unset", -1h);
    shown = command({});
    EXPECT_EQ(shown.exit_code, 1);
    EXPECT_NE(shown.output.find("not registered yet"), std::string::npos) << shown.output;
    EXPECT_EQ(command({"--device", "other"}).exit_code, 0);
}

}  // namespace
}  // namespace oracode::test
