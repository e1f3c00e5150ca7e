#include "seam/client_api.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seam/breaker.hpp"
#include "support/fake_seam_caller.hpp"
#include "support/fake_seam_schema.hpp"

namespace oracode::seam {
namespace {

using test::Caller;
using test::FakeSeam;
using test::options_for;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

class ClientApi : public testing::Test {
protected:
    ~ClientApi() override { EXPECT_THAT(seam.violations(), IsEmpty()); }

    // Calls with a callback that keeps the result, and waits for it.
    template <class T>
    CallResult<T> result_of(const std::function<void(std::function<void(CallResult<T>)>)>& call) {
        std::optional<CallResult<T>> result;
        call([&](CallResult<T> got) { result = std::move(got); });
        EXPECT_TRUE(caller.run_until([&] { return result.has_value(); }));
        return std::move(result).value();
    }
    // A member of the last body, which a list must have sent.
    auto sent(const std::string& member) {
        const auto call = seam.calls().back();
        EXPECT_EQ(call.method, "POST");
        EXPECT_THAT(call.query, IsEmpty());
        return call.all(member);
    }
    auto query() { return seam.calls().back().query; }

    FakeSeam seam;
    Caller caller{options_for(seam)};
    Api api{*caller.client};
};

TEST_F(ClientApi, ListsAccessCodesByIds) {
    seam.always("/access_codes/list", {.body = R"({"access_codes":[{"access_code_id":"a"},
        {"access_code_id":"c"}],"pagination":{"next_page_cursor":"p2","has_next_page":true,
        "next_page_url":"u"},"ok":true})"});
    AccessCodeQuery wanted;
    wanted.access_code_ids = {"a", "b"};
    const auto page =
        result_of<ListPage>([&](auto done) { api.list_access_codes(wanted, std::move(done)); });
    ASSERT_TRUE(page);
    EXPECT_EQ(page->items.size(), 2U);
    EXPECT_EQ(page->items.at(1).at("access_code_id"), "c");
    EXPECT_EQ(page->next_page_cursor, "p2");
    EXPECT_EQ(page->sent_at, caller.now);
    EXPECT_THAT(sent("access_code_ids"), ElementsAre("a", "b"));
    EXPECT_EQ(seam.calls().back().headers.at("accept-encoding"), "identity");
}

TEST_F(ClientApi, ListsAccessCodesOfADevicePageByPage) {
    seam.once("/access_codes/list", {.body = R"({"access_codes":[],
        "pagination":{"next_page_cursor":null,"has_next_page":false}})"});
    seam.once("/access_codes/list", {.body = R"({"access_codes":[],
        "pagination":{"next_page_cursor":"stale","has_next_page":false}})"});
    seam.once("/access_codes/list", {.body = R"({"access_codes":[]})"});
    AccessCodeQuery wanted;
    wanted.device_id = "d";
    wanted.limit = 10;
    wanted.page_cursor = "p2";
    for (int i = 0; i < 3; ++i) {
        const auto page =
            result_of<ListPage>([&](auto done) { api.list_access_codes(wanted, std::move(done)); });
        ASSERT_TRUE(page);
        EXPECT_EQ(page->next_page_cursor, std::nullopt);
        EXPECT_THAT(sent("device_id"), ElementsAre("d"));
        EXPECT_THAT(sent("limit"), ElementsAre("10"));
        EXPECT_THAT(sent("page_cursor"), ElementsAre("p2"));
    }
}

TEST_F(ClientApi, FindsAnAccessCode) {
    seam.always("/access_codes/get",
                {.body = R"({"access_code":{"access_code_id":"a"},"ok":true})"});
    const auto found =
        result_of<Found>([&](auto done) { api.get_access_code("a", std::move(done)); });
    ASSERT_TRUE(found);
    EXPECT_EQ(found->object.at("access_code_id"), "a");
    EXPECT_EQ(found->sent_at, caller.now);
    EXPECT_THAT(query(), ElementsAre(Pair("access_code_id", "a")));
}

TEST_F(ClientApi, TellsThatACodeIsNotThere) {
    seam.always("/access_codes/get",
                test::fake_error(404, "access_code_not_found", "Access code not found"));
    const auto found =
        result_of<Found>([&](auto done) { api.get_access_code("a", std::move(done)); });
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Errc::not_found);
    EXPECT_EQ(found.error().error_type, "access_code_not_found");
    EXPECT_EQ(found.error().sent_at, caller.now);
}

TEST_F(ClientApi, RefusesJsonThatLacksWhatWasAskedFor) {
    for (const std::string body : {"{}", "[]", "null", R"({"access_code":[]})", "1"}) {
        seam.once("/access_codes/get", {.body = body});
        const auto found =
            result_of<Found>([&](auto done) { api.get_access_code("a", std::move(done)); });
        ASSERT_FALSE(found) << body;
        EXPECT_EQ(found.error().code, Errc::seam_unreachable);
        EXPECT_EQ(found.error().seam_request_id, "request-1");
        EXPECT_EQ(outcome_of(found.error()), Outcome::answered) << "it did answer";
        EXPECT_THAT(found.error().detail, HasSubstr("access_code"));
        seam.once("/webhooks/list", {.body = body});
        EXPECT_FALSE(result_of<ListPage>([&](auto done) { api.list_webhooks(std::move(done)); }));
    }
}

TEST_F(ClientApi, CreatesAnAccessCode) {
    seam.always("/access_codes/create", {.body = R"({"access_code":{"access_code_id":"new"}})"});
    const boost::json::object order{{"device_id", "d"},
                                    {"is_offline_access_code", true},
                                    {"starts_at", "2026-03-05T15:00:00-08:00"},
                                    {"ends_at", "2026-03-08T11:00:00-08:00"},
                                    {"max_time_rounding", "1d"}};
    const auto made =
        result_of<Found>([&](auto done) { api.create_access_code(order, std::move(done)); });
    ASSERT_TRUE(made);
    EXPECT_EQ(made->object.at("access_code_id"), "new");
    EXPECT_EQ(boost::json::parse(seam.calls().back().body), boost::json::value(order));
}

TEST_F(ClientApi, ListsEventsSinceAMomentOrBetweenTwo) {
    seam.always("/events/list", {.body = R"({"events":[{"event_id":"e"}],"ok":true})"});
    EventQuery wanted;
    wanted.since = *parse_rfc3339("2026-03-05T15:00:00.123Z");
    wanted.event_types = {"access_code.created", "device.removed"};
    wanted.limit = 500;
    auto page = result_of<ListPage>([&](auto done) { api.list_events(wanted, std::move(done)); });
    ASSERT_TRUE(page);
    EXPECT_EQ(page->items.size(), 1U);
    EXPECT_THAT(sent("since"), ElementsAre("2026-03-05T15:00:00.123000Z"));
    EXPECT_THAT(sent("event_types"), ElementsAre("access_code.created", "device.removed"));
    EXPECT_THAT(sent("limit"), ElementsAre("500"));
    wanted.since += std::chrono::microseconds{45};
    wanted.until = *parse_rfc3339("2026-03-05T16:00:00Z");
    wanted.event_types.clear();
    wanted.limit.reset();
    page = result_of<ListPage>([&](auto done) { api.list_events(wanted, std::move(done)); });
    ASSERT_TRUE(page);
    EXPECT_THAT(sent("between"),
                ElementsAre("2026-03-05T15:00:00.123045Z", "2026-03-05T16:00:00.000000Z"));
}

TEST_F(ClientApi, FindsAndListsDevices) {
    seam.always("/devices/get", {.body = R"({"device":{"device_id":"d"},"ok":true})"});
    seam.always("/devices/list", {.body = R"({"devices":[{"device_id":"d"}],"ok":true})"});
    const auto found = result_of<Found>([&](auto done) { api.get_device("d", std::move(done)); });
    ASSERT_TRUE(found);
    EXPECT_EQ(found->object.at("device_id"), "d");
    EXPECT_THAT(query(), ElementsAre(Pair("device_id", "d")));
    DeviceQuery wanted;
    wanted.device_ids = {"d", "e"};
    wanted.limit = 2;
    const auto page =
        result_of<ListPage>([&](auto done) { api.list_devices(wanted, std::move(done)); });
    ASSERT_TRUE(page);
    EXPECT_EQ(page->items.size(), 1U);
    EXPECT_THAT(sent("device_ids"), ElementsAre("d", "e"));
}

TEST_F(ClientApi, ListsAndCreatesWebhooks) {
    seam.always("/webhooks/list", {.body = R"({"webhooks":[{"webhook_id":"w"}],"ok":true})"});
    seam.always("/webhooks/create", {.body = R"({"webhook":{"secret":"whsec_x"},"ok":true})"});
    const auto page = result_of<ListPage>([&](auto done) { api.list_webhooks(std::move(done)); });
    ASSERT_TRUE(page);
    EXPECT_EQ(page->items.size(), 1U);
    const auto made = result_of<Found>([&](auto done) {
        api.create_webhook("https://hotel.test/webhooks/seam", {"access_code.created"},
                           std::move(done));
    });
    ASSERT_TRUE(made);
    EXPECT_EQ(made->object.at("secret"), "whsec_x");
    EXPECT_EQ(
        seam.calls().back().body,
        R"({"url":"https://hotel.test/webhooks/seam","event_types":["access_code.created"]})");
}

TEST(FakeSeamSchema, NoticesWhatSeamDoesNotKnow) {
    using Query = std::vector<std::pair<std::string, std::string>>;
    struct Case {
        std::string method;
        std::string path;
        Query query;
        std::string body;
        std::size_t violations;
    };
    const std::vector<Case> cases{
        {"GET", "/access_codes/get", {{"access_code_id", "a"}}, "", 0},
        {"GET", "/access_codes/got", {}, "", 1},
        {"GET", "/access_codes/create", {}, "", 1},
        {"GET", "/access_codes/get", {{"id", "a"}}, "", 1},
        {"GET", "/access_codes/get", {{"access_code_id", "a"}, {"access_code_id", "b"}}, "", 1},
        {"GET", "/access_codes/list", {{"limit", "ten"}}, "", 1},
        {"GET", "/events/list", {{"between", "2026-03-05T15:00:00Z"}}, "", 1},
        {"GET", "/events/list", {{"event_types", "access_code.invented"}}, "", 1},
        {"GET", "/webhooks/list", {}, "{}", 1},
        {"POST", "/webhooks/create", {}, R"({"url":"https://a.test"})", 0},
        {"POST", "/webhooks/create", {}, "{}", 1},
        {"POST", "/webhooks/create", {}, R"({"url":1,"more":2})", 2},
        {"POST", "/access_codes/create", {}, R"({"device_id":"d","max_time_rounding":"2d"})", 1},
        {"POST", "/access_codes/create", {}, "[]", 1},
    };
    for (const auto& [method, path, query, body, count] : cases)
        EXPECT_EQ(test::violations_of(method, path, query, body).size(), count)
            << method << " " << path << " " << body;
}

}  // namespace
}  // namespace oracode::seam
