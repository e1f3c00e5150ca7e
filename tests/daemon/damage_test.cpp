// A database with a damaged page: what does not need it goes on.
#include <fstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"

namespace oracode::test {
namespace {

constexpr std::int64_t page_size = 4'096;

std::int64_t root_page(const std::string& path, const std::string& index) {
    sqlite3* database = nullptr;
    sqlite3_open(path.c_str(), &database);
    std::int64_t page = 0;
    const auto query = "SELECT rootpage FROM sqlite_schema WHERE name = '" + index + "'";
    sqlite3_exec(
        database, query.c_str(),
        [](void* out, int, char** values, char**) {
            *static_cast<std::int64_t*>(out) = std::stoll(values[0]);
            return 0;
        },
        &page, nullptr);
    sqlite3_close(database);
    return page;
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
    return found;
}

TEST(Damage, OfAnIndexOfThePollersIsNoCrashLoopAndIsNamedWithTheRemedy) {
    Daemon daemon;
    daemon.start();
    EXPECT_EQ(daemon.deliver(event_json({"access_code.created", "code1", ctl::fresh_uuid()})),
              204U);
    EXPECT_EQ(daemon.stop(), 0);
    const auto page = root_page(daemon.database(), "live_codes_by_end");
    ASSERT_GT(page, 1);
    {
        std::fstream file(daemon.database(), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp((page - 1) * page_size);
        file << std::string(page_size, '\xee');
    }
    daemon.start();
    ASSERT_TRUE(eventually([&] {
        return daemon.log().find("poller.cannot_read") != std::string::npos;
    })) << daemon.log();
    EXPECT_NE(daemon.log().find("integrity_check"), std::string::npos) << daemon.log();
    EXPECT_EQ(daemon.get("/v1/access_codes/code1").status, 200U);
    EXPECT_EQ(daemon.get("/healthz").status, 200U);
    EXPECT_EQ(daemon.stop(), 0);
    EXPECT_EQ(count(daemon.log(), "poller.cannot_read"), 1U);
}

}  // namespace
}  // namespace oracode::test
