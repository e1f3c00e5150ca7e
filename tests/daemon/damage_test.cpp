// A database with a damaged page: what does not need it goes on.
#include <filesystem>
#include <fstream>
#include <map>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"

namespace oracode::test {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t page_size = 2'048;

// The first page of each table and index, by name.
std::map<std::string, std::int64_t> root_pages(const std::string& path) {
    sqlite3* database = nullptr;
    sqlite3_open(path.c_str(), &database);
    std::map<std::string, std::int64_t> pages;
    sqlite3_exec(
        database, "SELECT name, rootpage FROM sqlite_schema WHERE rootpage > 1",
        [](void* out, int, char** values, char**) {
            (*static_cast<std::map<std::string, std::int64_t>*>(out))[values[0]] =
                std::stoll(values[1]);
            return 0;
        },
        &pages, nullptr);
    sqlite3_close(database);
    return pages;
}

void write_page(const std::string& path, std::int64_t page, const std::string& content) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp((page - 1) * page_size);
    file << content;
}

const std::string garbage(page_size, '\xee');

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
    const auto page = root_pages(daemon.database()).at("live_codes_by_end");
    write_page(daemon.database(), page, garbage);
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

// Whatever page it is: either the rest is served, or the start is refused and says what to do.
TEST(Damage, OfAnyPageIsNamedWithTheRemedyWhereItKeepsTheDaemonFromStarting) {
    Daemon daemon;
    daemon.start();
    EXPECT_EQ(daemon.deliver(event_json({"access_code.created", "code1", ctl::fresh_uuid()})),
              204U);
    EXPECT_EQ(daemon.stop(), 0);
    const auto sound = daemon.folder() / "sound.db";
    fs::copy_file(daemon.database(), sound);
    int refused = 0;
    for (const auto& [name, page] : root_pages(sound.string())) {
        SCOPED_TRACE(name);
        for (const auto* log : {"-wal", "-shm"}) fs::remove(daemon.database() + log);
        fs::copy_file(sound, daemon.database(), fs::copy_options::overwrite_existing);
        write_page(daemon.database(), page, garbage);
        const auto log_before = daemon.log().size();
        try {
            daemon.start();
            EXPECT_EQ(daemon.get("/healthz").status, 200U);
            EXPECT_EQ(daemon.stop(), 0);
        } catch (const std::runtime_error&) {
            EXPECT_EQ(daemon.process().wait(), 74);
            const auto said = daemon.log().substr(log_before);
            EXPECT_NE(said.find("integrity_check"), std::string::npos) << said;
            EXPECT_NE(said.find("oracodectl restore"), std::string::npos) << said;
            ++refused;
        }
    }
    EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace oracode::test
