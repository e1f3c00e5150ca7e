// Holds the tree to its own rules: which module may include which, and what the pure ones must not
// know.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>

#include <gtest/gtest.h>

#include "support/paths.hpp"
#include "support/temporary_folder.hpp"

namespace {

namespace fs = std::filesystem;

const fs::path root{oracode::test::source_path()};

// Module → what it may include beside itself. Arrows point one way only.
const std::map<std::string, std::set<std::string>> allowed{
    {"core", {}},
    {"logging", {"core"}},
    {"async", {"core", "logging"}},
    {"net", {"core"}},
    {"client", {"core", "net"}},
    {"lifecycle", {"core"}},
    {"userlevel", {"core"}},
    {"settings", {"core", "logging", "net"}},
    {"supervision", {"core", "async"}},
    {"metrics", {"core", "lifecycle"}},
    {"http", {"core", "net"}},
    {"seam", {"core", "client", "lifecycle", "logging", "net", "userlevel"}},
    {"store", {"core", "lifecycle"}},
    {"webhook", {"core", "lifecycle", "http", "logging", "metrics", "seam", "store"}},
    {"poller", {"core", "async", "lifecycle", "logging", "metrics", "seam", "store"}},
    {"devices", {"core", "async", "lifecycle", "logging", "metrics", "seam", "store", "userlevel"}},
    {"representation", {"core", "lifecycle", "store"}},
    {"notify",
     {"core", "async", "client", "lifecycle", "logging", "metrics", "net", "representation",
      "store", "webhook"}},
    {"api",
     {"core", "async", "devices", "http", "lifecycle", "logging", "metrics", "notify", "poller",
      "representation", "seam", "store", "supervision", "userlevel", "webhook"}},
    {"ctl", {"core", "client", "lifecycle", "net", "seam", "store", "userlevel", "webhook"}},
    {"manual", {"core", "ctl"}},
};

std::vector<fs::path> sources(const fs::path& folder,
                              const std::set<std::string>& extensions = {".cpp", ".hpp"}) {
    std::vector<fs::path> found;
    for (auto entry = fs::recursive_directory_iterator(folder);
         entry != fs::recursive_directory_iterator(); ++entry) {
        if (entry->path().filename() == "node_modules") entry.disable_recursion_pending();
        if (extensions.contains(entry->path().extension())) found.push_back(entry->path());
    }
    return found;
}

std::vector<std::string> includes(const fs::path& file) {
    static const std::regex line_form(R"(^#include [<"]([^>"]+)[>"])");
    std::vector<std::string> found;
    std::ifstream in(file);
    std::smatch match;
    for (std::string line; std::getline(in, line);) {
        if (std::regex_search(line, match, line_form)) found.push_back(match[1]);
    }
    return found;
}

TEST(Structure, ModulesIncludeOnlyWhatStandsBelowThem) {
    for (const auto& file : sources(root / "lib")) {
        const auto module = fs::relative(file, root / "lib").begin()->string();
        ASSERT_TRUE(allowed.contains(module))
            << module << " is a module without a place in the table";
        for (const auto& include : includes(file)) {
            const auto other = include.substr(0, include.find('/'));
            if (!allowed.contains(other) || other == module) continue;
            EXPECT_TRUE(allowed.at(module).contains(other)) << file << " includes " << include;
        }
    }
}

TEST(Structure, ThePureModulesKnowNoSocketsNoDatabaseNoLog) {
    for (const auto* module : {"core", "lifecycle", "userlevel"}) {
        for (const auto& file : sources(root / "lib" / module)) {
            for (const auto& include : includes(file)) {
                for (const auto* foreign : {"boost/asio", "boost/beast", "sqlite3"})
                    EXPECT_EQ(include.find(foreign), std::string::npos)
                        << file << " includes " << include;
            }
        }
    }
}

// Another engine could stand behind the store's face.
TEST(Structure, NothingOutsideTheStoresEngineKnowsSqlite) {
    const auto engine = root / "lib/store/sqlite";
    for (const auto* folder : {"lib", "daemon"}) {
        for (const auto& file : sources(root / folder)) {
            if (file.string().starts_with(engine.string() + "/")) continue;
            for (const auto& include : includes(file)) {
                EXPECT_NE(include, "sqlite3.h") << file;
                EXPECT_FALSE(include.starts_with("store/sqlite/"))
                    << file << " includes " << include;
            }
        }
    }
}

// The tests of the store look behind it, and so do the simulation, which writes without a thread,
// and the fuzz target of its rows.
TEST(Structure, OtherTestsKeepToTheStoresFace) {
    for (const auto& file : sources(root / "tests")) {
        const auto folder = fs::relative(file, root / "tests").begin()->string();
        if (folder == "store" || folder == "simulation" || folder == "fuzz") continue;
        for (const auto& include : includes(file))
            EXPECT_FALSE(include.starts_with("store/sqlite/")) << file << " includes " << include;
    }
}

// Beside the wrapper only the layer under SQLite's files, which SQLite itself calls.
TEST(Structure, OnlyTheStoresLowestFilesKnowSqlite) {
    std::set<std::string> knowing;
    for (const auto& file : sources(root / "lib")) {
        for (const auto& include : includes(file)) {
            if (include == "sqlite3.h") knowing.insert(fs::relative(file, root).string());
        }
    }
    EXPECT_EQ(knowing, (std::set<std::string>{"lib/store/sqlite/sqlite.cpp",
                                              "lib/store/sqlite/wal_buffer.cpp"}));
}

// A file declares in its module's namespace, and before that at most names classes of others. The
// core is everybody's vocabulary; `log` is shorter at every call than `logging`.
TEST(Structure, NamespacesFollowFolders) {
    static const std::regex form(R"(\nnamespace oracode(?:::(\w+))?)");
    for (const auto& file : sources(root / "lib")) {
        const auto module = fs::relative(file, root / "lib").begin()->string();
        const auto expected = module == "core" ? "" : module == "logging" ? "log" : module;
        const auto text = oracode::test::contents(file);
        std::string last = expected;
        for (std::sregex_iterator at(text.begin(), text.end(), form), end; at != end; ++at)
            last = (*at)[1].str();
        EXPECT_EQ(last, expected) << file;
    }
}

TEST(Structure, WhatTestsShareHasOneNamespace) {
    static const std::regex form(R"(\nnamespace (oracode[a-z:]*))");
    for (const auto& file : sources(root / "tests")) {
        const auto text = oracode::test::contents(file);
        for (std::sregex_iterator at(text.begin(), text.end(), form), end; at != end; ++at) {
            const auto name = (*at)[1].str() + "::";
            const auto part = name.find("::test");
            EXPECT_TRUE(part == std::string::npos || name.starts_with("oracode::test::"))
                << file << ": " << name;
        }
    }
}

TEST(Structure, NoFileIsTooLongToRead) {
    // The rest of what is compiled in counts too.
    auto all = sources(root / "lib", {".html", ".css", ".js", ".json", ".sql"});
    for (const auto* folder : {"lib", "daemon", "tests"})
        std::ranges::copy(sources(root / folder, {".cpp", ".hpp", ".mjs"}),
                          std::back_inserter(all));
    for (const auto& file : all) {
        std::ifstream in(file);
        const auto lines = std::count(std::istreambuf_iterator<char>(in), {}, '\n');
        EXPECT_LE(lines, 400) << file;
    }
}

}  // namespace
