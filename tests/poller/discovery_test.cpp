#include "poller/discovery.hpp"

#include <boost/json/value.hpp>
#include <gtest/gtest.h>

namespace oracode::poller {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

const Timestamp now = *parse_rfc3339("2026-03-05T15:00:00Z");

json::object lock(std::string_view id) {
    return {{"device_id", id}, {"can_program_offline_access_codes", true}};
}

Shown page(json::array items, std::optional<std::string> next = {}) {
    return {.items = std::move(items), .sent_at = now, .next_page_cursor = std::move(next)};
}

// "devices", "devices CURSOR", "LOCK", "LOCK CURSOR"; empty: nothing.
std::string asked(const Discovery& discovery) {
    const auto request = discovery.next();
    if (!request) return {};
    const auto with = [](const std::string& what, const std::optional<std::string>& cursor) {
        return cursor ? what + ' ' + *cursor : what;
    };
    if (const auto* list = std::get_if<ListDevices>(&*request))
        return with("devices", list->cursor);
    const auto& codes = std::get<ListLockCodes>(*request);
    return with(codes.device_id, codes.cursor);
}

TEST(Discovery, WalksOverEveryOracodeLockPageByPage) {
    Discovery discovery(24h, now);
    EXPECT_EQ(asked(discovery), "") << "not before it was begun";
    discovery.begin_if_due(now);
    EXPECT_EQ(asked(discovery), "devices");
    discovery.devices_shown(page({lock("a"), json::object{{"device_id", "thermostat"}}}, "2"));
    EXPECT_EQ(asked(discovery), "devices 2");
    discovery.devices_shown(page({lock("b"), "no device"}));
    EXPECT_EQ(asked(discovery), "a");
    discovery.codes_shown(page({}, "2"));
    EXPECT_EQ(asked(discovery), "a 2");
    discovery.codes_shown(page({}));
    EXPECT_EQ(asked(discovery), "b");
    discovery.codes_shown(page({}));
    EXPECT_EQ(asked(discovery), "");
}

TEST(Discovery, BeginsOnceInAnInterval) {
    Discovery discovery(24h, now);
    discovery.begin_if_due(now);
    discovery.devices_shown(page({}));
    EXPECT_EQ(discovery.next_at(), now + 24h);
    discovery.begin_if_due(now + 24h - 1ms);
    EXPECT_EQ(asked(discovery), "");
    discovery.begin_if_due(now + 24h);
    EXPECT_EQ(asked(discovery), "devices");
    discovery.devices_shown(page({lock("a")}));
    discovery.begin_if_due(now + 48h);
    EXPECT_EQ(asked(discovery), "a") << "a walk under way is not begun again";
}

TEST(Discovery, AClockThatWasSetBackDoesNotPutItOff) {
    Discovery discovery(24h, now);
    discovery.begin_if_due(now);
    discovery.devices_shown(page({}));
    discovery.begin_if_due(now - 24h * 365);
    EXPECT_EQ(discovery.next_at(), now - 24h * 364);
}

TEST(Discovery, ZeroIsNever) {
    Discovery discovery(0s, now);
    discovery.begin_if_due(now + 24h);
    discovery.begin_again(now);
    EXPECT_EQ(asked(discovery), "");
    EXPECT_EQ(discovery.next_at(), std::nullopt);
}

TEST(Discovery, ARefusedLockIsPassedOverAndARefusedListOfLocksEndsTheWalk) {
    Discovery discovery(24h, now);
    discovery.begin_again(now);
    discovery.devices_shown(page({lock("a"), lock("b")}));
    discovery.codes_shown(page({}, "2"));
    discovery.refused();
    EXPECT_EQ(asked(discovery), "b") << "from its first page";
    discovery.begin_again(now);
    EXPECT_EQ(asked(discovery), "devices");
    discovery.refused();
    EXPECT_EQ(asked(discovery), "");
}

TEST(Discovery, ACursorThatStandsStillEndsAList) {
    Discovery discovery(24h, now);
    discovery.begin_again(now);
    discovery.devices_shown(page({lock("a")}, "2"));
    discovery.devices_shown(page({lock("b")}, "2"));
    EXPECT_EQ(asked(discovery), "a");
    discovery.codes_shown(page({}, "x"));
    discovery.codes_shown(page({}, "x"));
    EXPECT_EQ(asked(discovery), "b");
}

TEST(Discovery, AnAnswerThatComesTooLateSaysNothing) {
    Discovery discovery(24h, now);
    discovery.devices_shown(page({lock("a")}));
    discovery.codes_shown(page({}));
    discovery.refused();
    EXPECT_EQ(asked(discovery), "");
}

}  // namespace
}  // namespace oracode::poller
