// What the log tells of access codes: every change, every end, every one that is overdue, and who
// did what; and that strangers cannot fill it. Asked of the real program.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"
#include "tests/store/fixture.hpp"

namespace oracode::test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

class CodeLog : public testing::Test {
protected:
    explicit CodeLog(const std::string& sections = {}) : daemon_(with(sections)) {
        daemon_.start();
    }
    static Daemon::Options with(const std::string& sections) {
        Daemon::Options options;
        options.sections = sections;
        return options;
    }
    void tell(const std::string& code, const std::string& type,
              const std::string& at = "2026-03-02T15:00:00.000Z", const std::string& more = {}) {
        ASSERT_EQ(daemon_.deliver(event_json({type, code, ctl::fresh_uuid(), at, more})), 204U);
    }
    void expect_line(const std::string& form) {
        EXPECT_TRUE(eventually([&] {
            return testing::Matches(ContainsRegex(form))(daemon_.log());
        })) << form
            << "\n"
            << daemon_.log();
    }
    static std::size_t count(const std::string& text, const std::string& what) {
        std::size_t found = 0;
        for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
            ++found;
        return found;
    }

    Daemon daemon_;
};

TEST_F(CodeLog, HasALineForEachChangeOfAStatusAndEachEnd) {
    tell("code1", "access_code.created");
    tell("code1", "access_code.set_on_device", "2026-03-02T15:01:00.000Z", "\"code\":\"471108\",");
    tell("code1", "access_code.set_on_device", "2026-03-02T15:02:00.000Z");
    tell("code1", "access_code.removed_from_device", "2026-03-02T15:03:00.000Z");
    EXPECT_EQ(daemon_.stop(), 0);
    const auto log = daemon_.log();
    const std::string code = "access_code_id=code1 device_id=device1 ";
    EXPECT_THAT(log, HasSubstr("info  access_code.status " + code +
                               "from=none to=unset "
                               "at=2026-03-02T15:00:00.000Z source=webhook event_id="));
    EXPECT_EQ(count(log, "access_code.status " + code + "from=unset to=set"), 1U) << log;
    EXPECT_THAT(log, HasSubstr("access_code.status " + code + "from=set to=unset"));
    EXPECT_EQ(count(log, "access_code.status "), 3U) << "a repeated set is none: " << log;
    EXPECT_EQ(count(log, "access_code.ended " + code +
                             "reason=removed "
                             "at=2026-03-02T15:03:00.000Z source=webhook"),
              1U)
        << log;
    EXPECT_THAT(log, Not(HasSubstr("471108")));
}

// Not a change of the event's own code, and yet one of each.
TEST_F(CodeLog, HasALineForEachCodeOfAnAccountThatIsLost) {
    tell("code1", "access_code.set_on_device");
    tell("code2", "access_code.set_on_device");
    ASSERT_EQ(daemon_.deliver(R"({"event_id":"lost","event_type":"connected_account.disconnected",)"
                              R"("occurred_at":"2026-03-02T16:00:00.000Z",)"
                              R"("created_at":"2026-03-02T16:00:00.000Z",)"
                              R"("connected_account_id":"account1"})"),
              204U);
    for (const std::string code : {"code1", "code2"})
        expect_line("access_code.status access_code_id=" + code +
                    " device_id=device1 from=set to=unknown");
    EXPECT_THAT(
        daemon_.get("/metrics").body,
        HasSubstr("oracoded_transitions_total{from=\"set\",source=\"webhook\",to=\"unknown\"} 2"));
    EXPECT_EQ(daemon_.stop(), 0);
}

class OverdueLog : public CodeLog {
protected:
    OverdueLog() : CodeLog("[poll]\ngrace = \"1s\"\n") {}
};

TEST_F(OverdueLog, TellsOfEachCodeOnce) {
    tell("late", "access_code.created");
    tell("fine", "access_code.set_on_device");
    expect_line(
        "warn  access_code.overdue access_code_id=late device_id=device1 status=unset "
        "expected_by=2026-03-02T15:00:00.000Z .*last_polled_at=never");
    tell("later", "access_code.created");
    expect_line("access_code.overdue access_code_id=later");
    EXPECT_EQ(daemon_.stop(), 0);
    EXPECT_EQ(count(daemon_.log(), "access_code.overdue access_code_id=late "), 1U);
    EXPECT_EQ(count(daemon_.log(), "access_code.overdue access_code_id=fine"), 0U);
}

TEST_F(OverdueLog, OneLineStandsForMoreThanAThousand) {
    tell("code", "access_code.created");
    ASSERT_EQ(daemon_.stop(), 0);
    std::string copies = "BEGIN; CREATE TEMP TABLE t AS SELECT * FROM access_codes;";
    for (int i = 2; i <= 1'100; ++i)
        copies += fmt::format(
            "UPDATE t SET code_no = {0}, access_code_id = 'code{0}';"
            "INSERT INTO access_codes SELECT * FROM t;",
            i);
    sql(daemon_.database(), copies + "COMMIT");
    daemon_.start();
    expect_line("warn  access_code.many_overdue more_than=1000");
    tell("another", "access_code.created");
    EXPECT_EQ(daemon_.stop(), 0);
    EXPECT_EQ(count(daemon_.log(), "access_code.many_overdue"), 1U);
    EXPECT_LE(count(daemon_.log(), "access_code.overdue "), 1'001U) << "the first by itself before";
}

TEST_F(CodeLog, SumsUpWhatStrangersCauseOverAndOver) {
    for (int i = 0; i < 12; ++i) {
        auto forged = signed_delivery("{}");
        forged.headers.back().second = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        ASSERT_EQ(daemon_.webhook_client()->exchange(forged).status, 401U);
        auto unsigned_ = signed_delivery("{}");
        unsigned_.headers.pop_back();
        ASSERT_EQ(daemon_.webhook_client()->exchange(unsigned_).status, 400U);
    }
    EXPECT_EQ(daemon_.stop(), 0);
    const auto log = daemon_.log();
    for (const std::string reason : {"no_match", "missing_header"}) {
        const auto first = "reason=" + reason + " timestamp=\"not judged\" peer=127.0.0.1";
        EXPECT_EQ(count(log, first), 5U) << reason << log;
        EXPECT_THAT(log,
                    HasSubstr("log.repeated event=webhook.refused kind=" + reason + " lines=7"));
    }
}

}  // namespace
}  // namespace oracode::test
