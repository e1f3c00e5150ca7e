// What the tests of making codes share: the real daemon, a scripted Seam with one lock (07:00-19:00
// and whole days, Los Angeles), and orders for it.
#pragma once

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/daemon.hpp"
#include "support/fake_locks.hpp"

namespace oracode::test {

class Creating : public testing::Test {
protected:
    explicit Creating(const std::string& sections = {}) : daemon_(asking(sections)) {
        seam_.always("/events/list", {.body = R"({"events":[],"ok":true})"});
        seam_.always("/webhooks/list", {.body = R"({"webhooks":[{}],"ok":true})"});
        locks_.put(sample_lock());
    }
    void TearDown() override {
        if (daemon_.process().exit_code()) return;
        EXPECT_EQ(daemon_.stop(), 0) << daemon_.log();
        EXPECT_TRUE(seam_.violations().empty()) << seam_.violations().front();
    }

    // Polls so seldom that it stays out of the way.
    Daemon::Options asking(const std::string& more) const {
        Daemon::Options options;
        options.sections = fmt::format(
            "[seam]\nendpoint = \"{}\"\nca_file = \"{}\"\napi_key = \"seam_test_key\"\n"
            "timeout = \"5s\"\n{}",
            seam_.url(), seam_.ca_file(), more);
        return options;
    }

    static boost::json::object order(const std::string& starts_at = "2036-09-10T07:00:00-07:00",
                                     const std::string& ends_at = "2036-09-15T19:00:00-07:00") {
        return {{"device_id", "lock1"},
                {"name", "Ada"},
                {"starts_at", starts_at},
                {"ends_at", ends_at}};
    }

    struct Answer {
        unsigned status = 0;
        boost::json::object body;
        ctl::HttpAnswer http;

        [[nodiscard]] std::string header(std::string_view name) const {
            return std::string(http.header(name).value_or(""));
        }
        // Of `violations`, in one line.
        [[nodiscard]] std::string codes() const {
            std::string all;
            const auto* violations = body.if_contains("violations");
            if (violations == nullptr) return all;
            for (const auto& violation : violations->as_array()) {
                if (!all.empty()) all += ' ';
                all += std::string(violation.at("code").as_string());
                EXPECT_GT(violation.at("detail").as_string().size(), 10U);
            }
            return all;
        }
    };

    Answer send(const std::string& method, const std::string& target, const std::string& body,
                const std::string& key = {}) const {
        ctl::HttpRequest request;
        request.method = method;
        request.target = target;
        request.body = body;
        if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
        if (!key.empty()) request.headers.emplace_back("Idempotency-Key", key);
        auto http = client()->exchange(request);
        boost::system::error_code error;
        auto value = boost::json::parse(http.body, error);
        return {http.status,
                error || !value.is_object() ? boost::json::object{} : value.as_object(),
                std::move(http)};
    }
    Answer get(const std::string& target) const { return send("GET", target, ""); }
    Answer create(const boost::json::object& what, const std::string& key = {}) const {
        return send("POST", "/v1/access_codes", boost::json::serialize(what), key);
    }
    Answer check(const boost::json::object& what) const {
        return send("POST", "/v1/access_codes/check", boost::json::serialize(what));
    }
    // One that outlasts Seam's patience.
    [[nodiscard]] std::unique_ptr<ctl::HttpClient> client() const {
        net::Url address;
        address.transport = net::Transport::plain;
        address.host = "127.0.0.1";
        address.port = daemon_.api_port();
        ctl::HttpSettings settings;
        settings.timeout = std::chrono::seconds{60};
        return std::make_unique<ctl::HttpClient>(std::move(address), std::move(settings));
    }

    FakeSeam seam_;
    FakeLocks locks_{seam_};
    Daemon daemon_;
};

}  // namespace oracode::test
