// oracodectl slots, check and create against the real daemon.
#include <regex>
#include <sstream>

#include "ctl/table.hpp"
#include "support/paths.hpp"
#include "tests/daemon/creating.hpp"

namespace oracode::test {
namespace {

namespace json = boost::json;

class CtlOrders : public Creating {
protected:
    CtlOrders() { daemon_.start(); }

    Finished ctl(std::vector<std::string> arguments) const {
        arguments.insert(
            arguments.begin(),
            {oracodectl(), "--api", "http://127.0.0.1:" + std::to_string(daemon_.api_port())});
        return run(arguments, {{"TZ", "UTC"}});
    }
    Finished order_by(const std::string& command, const std::string& starts_at,
                      const std::string& ends_at, std::vector<std::string> more = {}) const {
        std::vector<std::string> arguments{command,       "--device", "lock1",
                                           "--starts-at", starts_at,  "--ends-at",
                                           ends_at,       "--name",   "Ada"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return ctl(std::move(arguments));
    }
    static constexpr auto in = "2036-09-10T07:00:00-07:00";
    static constexpr auto out = "2036-09-15T19:00:00-07:00";
};

#define EXPECT_HAS(text, words) EXPECT_NE((text).find(words), std::string::npos) << (text)

TEST_F(CtlOrders, SlotsShowsTheLockInItsOwnTime) {
    const auto shown = ctl({"slots", "lock1"});
    EXPECT_EQ(shown.exit_code, 0);
    EXPECT_HAS(shown.output, "Cabin 7");
    EXPECT_HAS(shown.output, "America/Los_Angeles");
    EXPECT_HAS(shown.output, "Day shift   07:00  19:00  hourly");
    EXPECT_HAS(shown.output, "Whole days  00:00  23:59  daily");
    EXPECT_TRUE(std::regex_search(shown.output, std::regex("[A-Z][a-z]{2} \\d\\d-\\d\\d 07:00")));
    const auto asked = ctl({"--json", "slots", "lock1"});
    EXPECT_EQ(json::parse(asked.output).at("device_id"), "lock1");
    EXPECT_EQ(ctl({"slots", "nowhere"}).exit_code, 1);
    EXPECT_EQ(ctl({"slots"}).exit_code, 64);
}

TEST_F(CtlOrders, CheckSaysWhatItComesTo) {
    const auto checked = order_by("check", "2036-09-10T14:20:00Z", out);
    EXPECT_EQ(checked.exit_code, 0);
    EXPECT_EQ(checked.output,
              "Lock       Cabin 7 (lock1)\n"
              "Time slot  Day shift\n"
              "From       Wed 2036-09-10 07:00 -07:00 (20 min earlier than asked for)\n"
              "To         Mon 2036-09-15 19:00 -07:00\n");
    EXPECT_EQ(order_by("check", "2036-09-10T00:10:00-07:00", "2036-09-15T00:10:00-07:00",
                       {"--max-time-rounding", "1d"})
                  .exit_code,
              0);
    EXPECT_TRUE(locks_.wishes().empty());
}

TEST_F(CtlOrders, CheckSaysWhyNotAndWhatInstead) {
    const auto refused = order_by("check", "2036-09-10T10:00:00-07:00", out);
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_HAS(refused.output, "oracodectl: No time slot of the lock is within one hour of ");
    EXPECT_HAS(refused.output, "The lock would take:\n");
    EXPECT_HAS(refused.output,
               "2036-09-10 07:00 -07:00  2036-09-15 19:00 -07:00  3 h          Day shift\n");
    const auto for_programs = order_by("check", "2036-09-10T10:00:00-07:00", out, {"--json"});
    EXPECT_EQ(for_programs.exit_code, 1);
    EXPECT_EQ(json::parse(for_programs.output).at("status"), 422);
    const auto unreadable = order_by("check", "tomorrow", out);
    EXPECT_EQ(unreadable.exit_code, 64);
    EXPECT_HAS(unreadable.output, "starts_at is not a date and time");
    EXPECT_EQ(ctl({"check", "--device", "lock1"}).exit_code, 64);
}

TEST_F(CtlOrders, CreateMakesACodeOnceAKey) {
    const auto made = order_by("create", in, out, {"--idempotency-key", "mine"});
    EXPECT_EQ(made.exit_code, 0) << made.output;
    EXPECT_HAS(made.output, " made1\n");
    EXPECT_HAS(made.output, " unset\n");
    const auto again = order_by("create", in, out, {"--idempotency-key", "mine", "--json"});
    EXPECT_EQ(json::parse(again.output).at("access_code_id"), "made1");
    EXPECT_EQ(locks_.wishes().size(), 1U);
    const auto another = order_by("create", in, out, {"--json"});
    EXPECT_EQ(json::parse(another.output).at("access_code_id"), "made2");
}

TEST_F(CtlOrders, CreateShowsThePinAndTheReference) {
    locks_.set_pin("184729");
    const auto made = order_by("create", in, out, {"--external-id", "R-1042"});
    EXPECT_EQ(made.exit_code, 0) << made.output;
    EXPECT_HAS(made.output, "PIN               184729\n");
    EXPECT_HAS(made.output, "External id       R-1042\n");
    const auto programs = order_by("create", in, out, {"--json"});
    EXPECT_EQ(json::parse(programs.output).at("code"), "184729");
    EXPECT_EQ(daemon_.log().find("184729"), std::string::npos);
    EXPECT_EQ(ctl({"show", "made1"}).output.find("184729"), std::string::npos);
    EXPECT_HAS(ctl({"track", "made1", "--external-id", "R-7"}).output, "External id       R-7\n");
    const auto listed = ctl({"--json", "list", "--external-id", "R-7"});
    EXPECT_EQ(json::parse(listed.output).at("access_codes").as_array().size(), 1U);
    EXPECT_EQ(json::parse(ctl({"--json", "list", "--search", "R-7"}).output)
                  .at("access_codes")
                  .as_array()
                  .size(),
              1U);
}

TEST_F(CtlOrders, TablesShowNamesAndTheLocksOwnTimeIn80Columns) {
    ASSERT_EQ(order_by("create", in, out).exit_code, 0);
    const auto devices = ctl({"devices"});
    EXPECT_HAS(devices.output, "Cabin 7");
    EXPECT_HAS(devices.output, "yes      America/Los_Angeles\n  lock1\n");
    const auto listed = ctl({"list"});
    EXPECT_HAS(listed.output, "Ada    Cabin 7  2036-09-10  2036-09-15  unset");
    const auto shown = ctl({"show", "made1"});
    EXPECT_HAS(shown.output, "2036-09-10 07:00:00 -07:00 to 2036-09-15 19:00:00 -07:00\n");
    EXPECT_HAS(ctl({"--utc", "show", "made1"}).output, "2036-09-10 14:00:00 UTC");
    const auto watched = ctl({"watch", "--after", "0", "--limit", "1"});
    EXPECT_HAS(watched.output, "  Ada               Cabin 7         -        -> unset");
    EXPECT_HAS(watched.output, "\n  made1  ");
    for (const auto& output :
         {devices.output, listed.output, shown.output, watched.output,
          ctl({"slots", "lock1"}).output, ctl({"history", "made1"}).output, ctl({"status"}).output,
          ctl({"arrivals", "--within", "366d"}).output, ctl({"quarantine", "list"}).output}) {
        std::istringstream lines(output);
        for (std::string line; std::getline(lines, line);)
            EXPECT_LE(ctl::columns(line), 80U) << line;
    }
}

TEST_F(CtlOrders, CreateTellsHowToGoOnWhereTheAnswerWasLost) {
    seam_.once("/access_codes/create", fake_error(500, "internal", "oops"));
    const auto lost = order_by("create", in, out);
    EXPECT_EQ(lost.exit_code, 69);
    EXPECT_HAS(lost.output, "--idempotency-key ");
    seam_.once("/access_codes/create", fake_error(400, "time_slot_mismatch", "no such slot"));
    const auto refused = order_by("create", in, out);
    EXPECT_EQ(refused.exit_code, 69);
    EXPECT_HAS(refused.output, "no such slot");
}

}  // namespace
}  // namespace oracode::test
