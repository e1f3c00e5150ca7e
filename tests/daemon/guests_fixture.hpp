// The real daemon with a Seam that has one lock, on which guests get codes.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"
#include "support/fake_locks.hpp"
#include "support/paths.hpp"
#include "support/process.hpp"

namespace oracode::test {

inline Timestamp present() {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

// A code that Seam has for a guest.
struct Guest {
    std::string id;
    Timestamp starts_at;
    std::string status = "setting";
    boost::json::array errors = {};
};

class DaemonWithGuests : public testing::Test {
protected:
    // `sections`: of the configuration, before the one about Seam.
    explicit DaemonWithGuests(const std::string& sections = "") : daemon_(options(sections)) {
        seam_.always("/events/list", {.body = R"({"events":[],"ok":true})"});
        seam_.always("/webhooks/list", {.body = R"({"webhooks":[{}],"ok":true})"});
        locks_.put(sample_lock());
        daemon_.start();
    }

    void deliver(const std::string& id, const std::string& type) {
        ASSERT_EQ(daemon_.deliver(event_json(
                      {"access_code." + type, id, ctl::fresh_uuid(), format_rfc3339(present())})),
                  204U);
    }
    // A webhook names the code, and the daemon fetches the rest.
    void arrive(const Guest& guest) {
        namespace json = boost::json;
        using namespace std::chrono_literals;
        locks_.add_code({{"access_code_id", guest.id},
                         {"device_id", "lock1"},
                         {"workspace_id", "workspace1"},
                         {"connected_account_id", "account1"},
                         {"name", "Guest " + guest.id},
                         {"code", "123456"},
                         {"type", "time_bound"},
                         {"status", guest.status},
                         {"is_offline_access_code", true},
                         {"created_at", format_rfc3339(present() - 1h)},
                         {"starts_at", format_rfc3339(guest.starts_at)},
                         {"ends_at", format_rfc3339(guest.starts_at + 48h)},
                         {"errors", guest.errors},
                         {"warnings", json::array()},
                         {"pending_mutations", json::array()}});
        deliver(guest.id, "created");
        ASSERT_TRUE(eventually([&] {
            const auto code = json::parse(daemon_.get("/v1/access_codes/" + guest.id).body);
            return !code.at("ends_at").is_null();
        })) << daemon_.log();
    }
    // The array `name` of what GET /v1/`name` answers.
    [[nodiscard]] boost::json::array list(const std::string& name, const std::string& query) {
        const auto answer = daemon_.get("/v1/" + name + query);
        EXPECT_EQ(answer.status, 200U) << answer.body;
        return boost::json::parse(answer.body).at(name).as_array();
    }
    // `oracodectl` with the daemon's API.
    [[nodiscard]] Finished command(const std::string& name, std::vector<std::string> arguments,
                                   const std::map<std::string, std::string>& environment = {}) {
        std::vector<std::string> all{
            oracodectl(), "--api", "http://127.0.0.1:" + std::to_string(daemon_.api_port()), name};
        all.insert(all.end(), arguments.begin(), arguments.end());
        return run(all, environment);
    }

    FakeSeam seam_;
    FakeLocks locks_{seam_};
    Daemon daemon_;

private:
    [[nodiscard]] Daemon::Options options(const std::string& sections) const {
        Daemon::Options options;
        options.sections =
            sections +
            fmt::format(
                "[seam]\nendpoint = \"{}\"\nca_file = \"{}\"\napi_key = \"seam_test_key\"\n",
                seam_.url(), seam_.ca_file());
        return options;
    }
};

}  // namespace oracode::test
