// The limit of threads: said at the start, and no end of what runs.
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"
#include "support/fake_seam.hpp"

namespace oracode::test {
namespace {

using testing::HasSubstr;

Daemon::Options without_threads() {
    Daemon::Options options;
    options.failing_disk = true;
    return options;
}

// The first thread is refused, then the second, and so on, until it starts.
TEST(LimitsAtStart, TooFewThreadsAreSaidWhicheverIsRefused) {
    Daemon daemon(without_threads());
    int refused = 0;
    for (;; ++refused) {
        ASSERT_LT(refused, 100);
        daemon.folder().write("fault-thread", std::to_string(refused));
        daemon.launch();
        const auto started = [&] {
            return daemon.log_of_this_run().find("daemon.started") != std::string::npos;
        };
        ASSERT_TRUE(eventually([&] { return daemon.process().exit_code() || started(); }));
        if (!daemon.process().exit_code()) break;
        EXPECT_EQ(*daemon.process().exit_code(), 71) << daemon.log_of_this_run();
        EXPECT_THAT(daemon.log_of_this_run(), HasSubstr("thread")) << refused;
    }
    EXPECT_GE(refused, 6);
    EXPECT_EQ(daemon.stop(), 0);
}

TEST(LimitsWhileRunning, ThreadsThatRunOutEndNothingAndComeBack) {
    FakeSeam seam;
    seam.always("/access_codes/list", {.body = R"({"access_codes":[],"ok":true})"});
    seam.always("/events/list", {.body = R"({"events":[],"ok":true})"});
    seam.always("/webhooks/list", {.body = R"({"webhooks":[],"ok":true})"});
    seam.always("/access_codes/get", fake_error(404, "access_code_not_found", "gone"));
    auto options = without_threads();
    options.sections = fmt::format(
        "[seam]\nendpoint = \"{}\"\nca_file = \"{}\"\napi_key = \"seam_test_key\"\n"
        "[poll]\ngrace = \"1s\"\nretry_min = \"1s\"\nretry_max = \"1s\"\n",
        seam.url(), seam.ca_file());
    Daemon daemon(options);
    daemon.folder().write("fault-thread", "100");
    daemon.start();
    ASSERT_TRUE(seam.wait_for_calls(1));
    daemon.break_disk("thread");
    seam.close_connections();  // the next one takes a lookup, which takes a thread
    const auto unreachable = [&] {
        return daemon.log().find("seam.does_not_answer") != std::string::npos;
    };
    int delivered = 0;
    EXPECT_TRUE(eventually([&] {
        const auto code = "code" + std::to_string(delivered++);
        EXPECT_EQ(daemon.deliver(event_json({"access_code.created", code, ctl::fresh_uuid()})),
                  204U);
        return unreachable();
    })) << "Seam was reached";
    EXPECT_EQ(daemon.get("/readyz").status, 200U);
    EXPECT_EQ(daemon.get("/v1/access_codes").status, 200U);
    auto forged = signed_delivery("{}");
    forged.body += " ";
    for (int i = 0; i < 200; ++i)  // so many that the log sums them up
        EXPECT_EQ(daemon.webhook_client()->exchange(forged).status, 401U);

    daemon.mend_disk("thread");
    EXPECT_TRUE(
        eventually([&] { return daemon.log().find("seam.answers_again") != std::string::npos; }));
    EXPECT_EQ(daemon.stop(), 0);
}

}  // namespace
}  // namespace oracode::test
