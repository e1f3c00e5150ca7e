// POST /v1/access_codes and /v1/access_codes/check, asked of the real program.
#include "tests/daemon/creating.hpp"

namespace oracode::test {
namespace {

namespace json = boost::json;

class Creation : public Creating {
protected:
    // Without the list of every lock's codes: at the start it may show a code before its creation
    // was answered, and the history then begins with the poll.
    Creation() : Creating("[poll]\ndiscover = \"0s\"\n") { daemon_.start(); }
};

TEST_F(Creation, MakesTheHourlyExampleByTheInstantsSeamDocuments) {
    const auto made = create(order());
    ASSERT_EQ(made.status, 201U) << made.http.body;
    EXPECT_EQ(made.header("Location"), "/v1/access_codes/made1");
    EXPECT_EQ(made.body.at("access_code_id"), "made1");
    EXPECT_EQ(made.body.at("starts_at"), "2036-09-10T14:00:00.000Z");
    EXPECT_EQ(made.body.at("ends_at"), "2036-09-16T02:00:00.000Z");
    EXPECT_EQ(made.body.at("name"), "Ada");
    EXPECT_EQ(made.body.at("status"), "unset");
    EXPECT_EQ(made.body.at("status_source"), "create");
    EXPECT_FALSE(made.body.contains("code"));
    ASSERT_EQ(locks_.wishes().size(), 1U);
    EXPECT_EQ(locks_.wishes()[0], (json::object{{"device_id", "lock1"},
                                                {"starts_at", "2036-09-10T07:00:00-07:00"},
                                                {"ends_at", "2036-09-15T19:00:00-07:00"},
                                                {"is_offline_access_code", true},
                                                {"name", "Ada"}}));
    // No webhook was delivered.
    const auto seen = get("/v1/access_codes/made1");
    EXPECT_EQ(seen.status, 200U);
    EXPECT_EQ(seen.body.at("starts_at"), "2036-09-10T14:00:00.000Z");
    const auto history = get("/v1/access_codes/made1/history");
    ASSERT_EQ(history.body.at("transitions").as_array().size(), 1U);
    EXPECT_EQ(history.body.at("transitions").at(0).at("source"), "create");
    EXPECT_TRUE(history.body.at("transitions").at(0).at("from").is_null());
}

TEST_F(Creation, MakesTheDailyExampleRoundedByADay) {
    auto wish = order("2036-09-10T00:00:00-07:00", "2036-09-15T23:59:00-07:00");
    wish["max_time_rounding"] = "1d";
    const auto made = create(wish);
    ASSERT_EQ(made.status, 201U) << made.http.body;
    EXPECT_EQ(made.body.at("starts_at"), "2036-09-10T07:00:00.000Z");
    EXPECT_EQ(made.body.at("ends_at"), "2036-09-16T06:59:00.000Z");
    EXPECT_EQ(locks_.wishes().at(0).at("max_time_rounding"), "1d");
}

TEST_F(Creation, SendsTheLevelsTimesInTheLocksOwnOffset) {
    const auto made = create(order("2036-09-10T14:20:00Z", "2036-09-16T01:30:00Z"));
    ASSERT_EQ(made.status, 201U) << made.http.body;
    EXPECT_EQ(locks_.wishes().at(0).at("starts_at"), "2036-09-10T07:00:00-07:00");
    EXPECT_EQ(locks_.wishes().at(0).at("ends_at"), "2036-09-15T19:00:00-07:00");
}

TEST_F(Creation, ACheckMakesNothing) {
    const auto checked = check(order("2036-09-10T14:20:00Z", "2036-09-15T19:00:00-07:00"));
    ASSERT_EQ(checked.status, 200U) << checked.http.body;
    EXPECT_EQ(checked.body.at("ok"), true);
    EXPECT_EQ(checked.body.at("time_slot").at("name"), "Day shift");
    EXPECT_EQ(checked.body.at("time_slot").at("dormakaba_oracode_user_level_prefix"), 1);
    EXPECT_EQ(checked.body.at("starts_at"), "2036-09-10T14:00:00.000Z");
    EXPECT_EQ(checked.body.at("ends_at"), "2036-09-16T02:00:00.000Z");
    EXPECT_EQ(checked.body.at("local_starts_at"), "2036-09-10T07:00:00-07:00");
    EXPECT_EQ(checked.body.at("start_moved_s"), -1200);
    EXPECT_EQ(checked.body.at("device").at("iana_timezone"), "America/Los_Angeles");
    EXPECT_TRUE(checked.body.at("device").as_object().contains("age_s"));
    EXPECT_TRUE(locks_.wishes().empty());
}

TEST_F(Creation, ReportsAllThatIsWrongAndTheNearestWindows) {
    auto wish = order("2036-09-10T10:00:00-07:00", "2036-09-15T22:00:00-07:00");
    wish["code"] = "1234";
    wish["is_one_time_use"] = true;
    for (const auto& answer : {check(wish), create(wish)}) {
        EXPECT_EQ(answer.status, 422U) << answer.http.body;
        EXPECT_EQ(answer.codes(),
                  "code_not_selectable one_time_use_not_supported no_matching_time_slot");
        EXPECT_EQ(answer.body.at("type"), "/problems/rule-violated");
        const auto& nearest = answer.body.at("nearest").as_array();
        ASSERT_FALSE(nearest.empty());
        EXPECT_EQ(nearest[0].at("starts_at"), "2036-09-10T14:00:00.000Z");
        EXPECT_EQ(nearest[0].at("ends_at"), "2036-09-16T02:00:00.000Z");
        EXPECT_EQ(nearest[0].at("distance_s"), 6 * 3600);
        EXPECT_EQ(nearest[0].at("time_slot").at("name"), "Day shift");
        // What is offered is accepted.
        for (const auto& window : nearest)
            EXPECT_EQ(check(order(std::string(window.at("starts_at").as_string()),
                                  std::string(window.at("ends_at").as_string())))
                          .status,
                      200U)
                << window;
    }
    EXPECT_TRUE(locks_.wishes().empty());
}

struct Broken {
    const char* codes;
    const char* starts_at;
    const char* ends_at;
    json::object more = {};
    std::function<void(json::object&)> change = {};  // of the lock
};

void only_slot(json::object& lock, const json::object& slot) {
    metadata_of(lock)["predefined_time_slots"] = json::array{slot};
}

json::object slot_with(const char* flag) {
    auto slot = time_slot("Special", "07:00", "19:00");
    slot[flag] = true;
    return slot;
}

TEST_F(Creation, NamesEveryRuleOfTheLock) {
    constexpr auto in = "2036-09-10T07:00:00-07:00";
    constexpr auto out = "2036-09-15T19:00:00-07:00";
    const auto with = [](const char* flag) {
        return [flag](json::object& lock) { only_slot(lock, slot_with(flag)); };
    };
    const std::vector<Broken> rows{
        {"code_not_selectable", in, out, {{"code", "1234"}}},
        {"one_time_use_not_supported", in, out, {{"is_one_time_use", true}}},
        {"offline_codes_not_supported",
         in,
         out,
         {},
         [](json::object& lock) { lock["can_program_offline_access_codes"] = false; }},
        {"offline_codes_not_supported",
         in,
         out,
         {},
         [](json::object& lock) { lock.erase("can_program_offline_access_codes"); }},
        {"no_time_slots",
         in,
         out,
         {},
         [](json::object& lock) { metadata_of(lock)["predefined_time_slots"] = json::array{}; }},
        {"time_zone_unknown",
         in,
         out,
         {},
         [](json::object& lock) { metadata_of(lock)["iana_timezone"] = "Mars/Olympus"; }},
        {"starts_not_before_ends", "2036-09-15T07:00:00-07:00", "2036-09-10T19:00:00-07:00"},
        {"ends_in_the_past", "2024-09-10T07:00:00-07:00", "2024-09-15T19:00:00-07:00"},
        {"no_matching_time_slot", "2036-09-10T09:00:00-07:00", out},
        {"no_matching_time_slot offset_not_of_the_lock", "2036-09-10T07:00:00Z",
         "2036-09-15T19:00:00Z"},
        {"no_matching_time_slot master_time_slot", in, out, {}, with("is_master")},
        {"no_matching_time_slot one_time_use_time_slot", in, out, {}, with("is_one_shot")},
        {"daily_times_differ",
         "2036-09-10T10:00:00-07:00",
         "2036-09-15T15:00:00-07:00",
         {{"max_time_rounding", "1day"}},
         [](json::object& lock) {
             auto slot = time_slot("Whole days", "00:00", "23:59");
             slot["is_24_hour"] = true;
             only_slot(lock, slot);
         }},
        {"daily_same_date", "2036-09-10T00:00:00-07:00", "2036-09-10T23:59:00-07:00"},
        {"biweekly_too_long", in, "2036-09-25T19:00:00-07:00", {}, with("is_biweekly_mode")},
        {"too_many_days", in, "2036-10-11T19:00:00-07:00"},
    };
    for (const auto& row : rows) {
        auto lock = sample_lock();
        const auto id = fmt::format("lock of row {}", &row - rows.data());
        lock["device_id"] = id;
        if (row.change) row.change(lock);
        locks_.put(lock);
        auto wish = order(row.starts_at, row.ends_at);
        wish["device_id"] = id;
        for (const auto& [key, value] : row.more) wish[key] = value;
        const auto checked = check(wish);
        EXPECT_EQ(checked.status, 422U) << row.codes << checked.http.body;
        EXPECT_EQ(checked.codes(), row.codes);
        EXPECT_EQ(create(wish).codes(), row.codes);
    }
    EXPECT_TRUE(locks_.wishes().empty());
}

TEST_F(Creation, RefusesWhatCannotBeReadBeforeAnybodyIsAsked) {
    const std::pair<const char*, const char*> rows[] = {
        {R"({"starts_at":"tomorrow"})", "starts_at_malformed"},
        {R"({"starts_at":null})", "starts_at_malformed"},
        {R"({"starts_at":"2036-09-10T07:00:00"})", "starts_at_without_offset"},
        {R"({"ends_at":"2036-13-10T07:00:00Z"})", "ends_at_malformed"},
        {R"({"ends_at":"2036-09-15T19:00:00"})", "ends_at_without_offset"},
        {R"({"max_time_rounding":"2h"})", "max_time_rounding_unknown"},
        {R"({"device_id":null})", ""},
        {R"({"device_id":""})", ""},
        {R"({"device_id":7})", ""},
        {R"({"name":7})", ""},
        {R"({"starts_at":7})", ""},
        {R"({"is_one_time_use":"yes"})", ""},
        {R"({"is_offline_access_code":false})", ""},
        {R"({"max_rounding":"1d"})", ""},
        {R"({"external_id":7})", ""},
        {R"({"external_id":""})", ""},
    };
    for (const auto& [change, codes] : rows) {
        auto wish = order();
        const auto changes = json::parse(change).as_object();
        for (const auto& [key, value] : changes) wish[key] = value;
        for (const auto& answer : {check(wish), create(wish)}) {
            EXPECT_EQ(answer.status, 400U) << change << answer.http.body;
            EXPECT_EQ(answer.codes(), codes) << change;
            EXPECT_TRUE(answer.body.contains("detail")) << change;
        }
    }
    for (const auto* body : {"", "{", "[]", "null", "7", "[[[[[[[[[[[[]]]]]]]]]]]]"})
        EXPECT_EQ(send("POST", "/v1/access_codes", body).status, 400U) << body;
    EXPECT_EQ(send("POST", "/v1/access_codes?sync=1", json::serialize(order())).status, 400U);
    auto referred = order();
    referred["external_id"] = std::string(201, 'x');
    EXPECT_EQ(create(referred).status, 400U);
    EXPECT_EQ(create(order(), "two words").status, 400U);
    EXPECT_EQ(create(order(), std::string(256, 'k')).status, 400U);
    EXPECT_EQ(locks_.requests_to("/devices/get"), 0U);
}

TEST_F(Creation, ATrackedCodeTakesTheCallersReferenceOrSaysWhatIsWrongWithIt) {
    locks_.add_code({{"access_code_id", "theirs"}, {"device_id", "lock1"}, {"status", "unset"}});
    const auto put = [&](const std::string& body) {
        return send("PUT", "/v1/access_codes/theirs", body);
    };
    for (const auto& body : {std::string(R"({"external_id":7})"), std::string("[]"),
                             std::string(R"({"externalid":"x"})"),
                             R"({"external_id":")" + std::string(201, 'x') + R"("})"})
        EXPECT_EQ(put(body).status, 400U) << body;
    EXPECT_EQ(get("/v1/access_codes/theirs").status, 404U) << "nothing was tracked";
    EXPECT_EQ(put(R"({"external_id":"booking 7"})").status, 201U);
    EXPECT_EQ(get("/v1/access_codes/theirs").body.at("external_id"), "booking 7");
    EXPECT_EQ(put(R"({"external_id":"booking 8"})").body.at("external_id"), "booking 8");
    EXPECT_EQ(put("").body.at("external_id"), "booking 8") << "nothing was said of it";
    EXPECT_EQ(send("POST", "/v1/access_codes/theirs/untrack", "").status, 200U);
    EXPECT_TRUE(put(R"({"external_id":""})").body.at("external_id").is_null());
    auto wish = order();
    wish["external_id"] = "booking 9";
    EXPECT_EQ(create(wish).body.at("external_id"), "booking 9");
}

TEST_F(Creation, DoesNotKnowALockThatSeamDoesNotKnow) {
    auto wish = order();
    wish["device_id"] = "nowhere";
    EXPECT_EQ(check(wish).status, 404U);
    EXPECT_EQ(create(wish).status, 404U);
    EXPECT_TRUE(locks_.wishes().empty());
}

TEST_F(Creation, ALocksEleventhCodeInAMinuteHasToWait) {
    for (int i = 0; i < 10; ++i) ASSERT_EQ(create(order()).status, 201U) << i;
    const auto refused = create(order());
    EXPECT_EQ(refused.status, 429U);
    EXPECT_EQ(refused.codes(), "creations_too_fast");
    const auto wait = std::stoi(refused.header("Retry-After"));
    EXPECT_GE(wait, 1);
    EXPECT_LE(wait, 60);
    EXPECT_EQ(locks_.wishes().size(), 10U) << "Seam was not even asked";
    EXPECT_EQ(check(order()).status, 200U) << "a check makes nothing";
    auto other = sample_lock();
    other["device_id"] = "lock2";
    locks_.put(other);
    auto wish = order();
    wish["device_id"] = "lock2";
    EXPECT_EQ(create(wish).status, 201U);
}

TEST_F(Creation, PassesSeamsOwn429On) {
    auto patience = fake_error(429, "rate_limit_exceeded", "ten a minute");
    patience.headers = {{"Retry-After", "17"}};
    seam_.once("/access_codes/create", patience);
    const auto refused = create(order(), "key");
    EXPECT_EQ(refused.status, 429U);
    EXPECT_EQ(refused.header("Retry-After"), "17");
    EXPECT_EQ(refused.body.at("seam_error").at("type"), "rate_limit_exceeded");
    EXPECT_EQ(create(order(), "key").status, 201U) << "nothing was made: the key is free";
}

TEST_F(Creation, TellsSeamsRefusalInItsWords) {
    seam_.once("/access_codes/create", fake_error(400, "time_slot_mismatch", "no such slot"));
    const auto before = locks_.requests_to("/devices/get");
    const auto refused = create(order());
    EXPECT_EQ(refused.status, 502U);
    EXPECT_EQ(refused.body.at("seam_error").at("type"), "time_slot_mismatch");
    EXPECT_EQ(refused.body.at("seam_error").at("message"), "no such slot");
    EXPECT_EQ(refused.body.at("seam_request_id"), "request-1");
    EXPECT_EQ(get("/v1/access_codes").body.at("access_codes").as_array().size(), 0U);
    EXPECT_EQ(create(order()).status, 201U);
    EXPECT_EQ(locks_.requests_to("/devices/get"), before + 2)
        << "after the refusal the lock was doubted";
}

TEST_F(Creation, AsksForTheLockAgainWhenACheckFailsOnIt) {
    const auto wish = order("2036-09-10T09:00:00-07:00", "2036-09-12T11:00:00-07:00");
    EXPECT_EQ(check(wish).codes(), "no_matching_time_slot");
    auto lock = sample_lock();
    only_slot(lock, time_slot("New", "09:00", "11:00"));
    locks_.put(lock);
    EXPECT_EQ(check(wish).status, 200U);
    const auto asked = locks_.requests_to("/devices/get");
    EXPECT_EQ(check(wish).status, 200U);
    EXPECT_EQ(locks_.requests_to("/devices/get"), asked) << "what is young and fits is believed";
    locks_.remove("lock1");
    EXPECT_EQ(check(order()).status, 404U) << "it fitted the lock that is gone";
}

class CreationWithALimit : public Creating {
protected:
    CreationWithALimit() : Creating("[oracode]\nmax_codes_per_device = 3\n") { daemon_.start(); }

    static json::object code(const char* id, const char* ends_at, const char* device = "lock1") {
        return {{"access_code_id", id},
                {"device_id", device},
                {"status", "set"},
                {"starts_at", "2020-01-01T00:00:00.000Z"},
                {"ends_at", ends_at}};
    }
};

TEST_F(CreationWithALimit, CountsTheCodesThatOthersMadeToo) {
    constexpr auto later = "2036-01-01T00:00:00.000Z";
    locks_.add_code(code("theirs1", later));
    locks_.add_code(code("over", "2021-01-01T00:00:00.000Z"));
    locks_.add_code(code("elsewhere", later, "lock2"));
    locks_.page_size(1);
    EXPECT_EQ(create(order()).status, 201U);
    EXPECT_EQ(create(order()).status, 201U);
    for (const auto& answer : {check(order()), create(order())}) {
        EXPECT_EQ(answer.status, 422U);
        EXPECT_EQ(answer.codes(), "code_limit_reached");
    }
    EXPECT_EQ(locks_.wishes().size(), 2U);
    EXPECT_EQ(get("/v1/devices/lock1").body.at("max_codes"), 3);
}

TEST_F(CreationWithALimit, CountsItsOwnCodesThatSeamDoesNotListYet) {
    for (int i = 0; i < 3; ++i) ASSERT_EQ(create(order()).status, 201U);
    seam_.always("/access_codes/list", {.body = R"({"access_codes":[],"ok":true})"});
    EXPECT_EQ(create(order()).codes(), "code_limit_reached");
}

TEST_F(CreationWithALimit, MakesNothingWhereTheCodesCannotBeCounted) {
    seam_.always("/access_codes/list", fake_error(500, "internal", "oops"));
    EXPECT_EQ(create(order()).status, 503U);
    EXPECT_TRUE(locks_.wishes().empty());
}

}  // namespace
}  // namespace oracode::test
