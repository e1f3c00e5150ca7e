// The manual pages tell every command and option, every setting and every exit code.
#include "manual/manual.hpp"

#include <regex>

#include <gtest/gtest.h>

#include "core/version.hpp"
#include "settings/load.hpp"
#include "support/paths.hpp"
#include "support/process.hpp"

namespace oracode::manual {
namespace {

using test::contents;
using test::source_path;

std::string page(const std::string& name) {
    return fill_in(contents(source_path("daemon/man/" + name + ".scd")),
                   contents(source_path("config/oracoded.toml")));
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

// From the line `heading` to the next heading of its rank or above.
std::string section_of(const std::string& page, const std::string& heading) {
    const auto begin = page.find('\n' + heading + '\n');
    if (begin == std::string::npos) return {};
    const auto text = page.substr(begin + heading.size() + 2);
    return text.substr(
        0, std::regex_search(text, std::regex("\n##? ")) ? text.find("\n#") : std::string::npos);
}

std::vector<std::string> exit_codes(const std::string& header) {
    const auto text = contents(source_path(header));
    static const std::regex form(R"(\n    [a-z_]+ = (\d+),)");
    std::vector<std::string> codes;
    for (std::sregex_iterator at(text.begin(), text.end(), form), end; at != end; ++at)
        codes.push_back((*at)[1]);
    return codes;
}

void expect_options(const std::string& text, std::span<const ctl::Option> options) {
    for (const auto& option : options) {
        const auto heading = *option.value != '\0' ? "*" + std::string(option.name) + "* _" +
                                                         escaped(option.value) + "_\n"
                                                   : "*" + std::string(option.name) + "*\n";
        EXPECT_TRUE(has(text, heading + '\t' + escaped(option.help))) << heading << text;
        EXPECT_TRUE(has(text, escaped(option.environment))) << text;
    }
}

TEST(Manual, TellsEveryCommandWithItsOptions) {
    const auto text = page("oracodectl.1");
    ASSERT_GT(ctl::commands().size(), 10U);
    for (const auto& command : ctl::commands()) {
        const auto section = section_of(text, "## " + std::string(command.name));
        EXPECT_FALSE(section.empty()) << command.name;
        expect_options(section, command.options);
    }
    expect_options(section_of(text, "# OPTIONS"), ctl::global_options());
}

TEST(Manual, TellsEverySettingInItsSection) {
    const auto text = page("oracoded.toml.5");
    for (const auto& description : settings::describe_keys()) {
        const auto& key = description.key;
        const auto dot = key.find('.');
        const auto section = section_of(text, "# [" + key.substr(0, dot) + "]");
        EXPECT_TRUE(has("\n" + section, "\n*" + escaped(key.substr(dot + 1)) + "* = ")) << key;
    }
    EXPECT_FALSE(has(text, "oracoded: configuration")) << "the file's own title";
    EXPECT_TRUE(has(text, "ORACODED\\_SECTION\\_KEY")) << "what stands in front of the sections";
}

TEST(Manual, TellsEveryExitCode) {
    const auto codes = exit_codes("lib/core/exit_code.hpp");
    ASSERT_GT(codes.size(), 10U);
    const auto expect_all = [&codes](const char* name, const std::set<std::string>& never) {
        const auto text = page(name);
        for (const auto& code : codes)
            EXPECT_NE(has(text, "*" + code + "*"), never.contains(code)) << name << ' ' << code;
    };
    expect_all("oracodectl.1", {"71", "74", "78"});
    expect_all("oracoded.8", {"1", "65", "66", "73", "75", "76"});
}

TEST(Manual, LeavesNoPlaceholderAndIsTakenByScdoc) {
    const auto installed = test::run({"/bin/sh", "-c", "command -v scdoc"}).exit_code == 0;
    const test::TemporaryFolder folder;
    for (const auto* name : {"oracodectl.1", "oracoded.toml.5", "oracoded.8"}) {
        const auto text = page(name);
        EXPECT_FALSE(std::regex_search(text, std::regex("@[A-Z]+@"))) << name;
        EXPECT_TRUE(has(text, "\"oracoded " + std::string(version()) + "\"")) << name;
        if (!installed) continue;
        const auto scdoc =
            test::run({"/bin/sh", "-c", "scdoc < '" + folder.write("page", text) + "'"});
        EXPECT_EQ(scdoc.exit_code, 0) << name << ": " << scdoc.output;
    }
}

TEST(Manual, MarkupOfScdocIsEscaped) {
    EXPECT_EQ(escaped("a_b*c\\d<e"), "a\\_b\\*c\\\\d\\<e");
    for (const std::string first : {"[", "]", "|", ":", ".", "#", "-"}) {
        EXPECT_EQ(escaped(first + "x"), "\\" + first + "x");
        EXPECT_EQ(escaped("x" + first), "x" + first);
    }
    EXPECT_EQ(escaped(""), "");
}

TEST(Manual, KeysThatStandTogetherShareTheirComment) {
    const auto file = read_commented(
        "# first\n#\n# second\n\n[one]\n# why\n# so\n#a = 1\n#b = \"x = y\"\n\n#c = []\n[two]\n"
        "# no key\n\n#d = true");
    EXPECT_EQ(file.preamble, (std::vector<std::string>{"first", "", "second", ""}));
    ASSERT_EQ(file.groups.size(), 3U);
    EXPECT_EQ(file.groups[0].section, "one");
    EXPECT_EQ(file.groups[0].comment, (std::vector<std::string>{"why", "so"}));
    ASSERT_EQ(file.groups[0].keys.size(), 2U);
    EXPECT_EQ(file.groups[0].keys[1].name, "b");
    EXPECT_EQ(file.groups[0].keys[1].value, "\"x = y\"");
    EXPECT_EQ(file.groups[1].keys.at(0).value, "[]");
    EXPECT_TRUE(file.groups[1].comment.empty());
    EXPECT_EQ(file.groups[2].section, "two");
    EXPECT_TRUE(file.groups[2].comment.empty()) << "a comment without a key belongs to none";
}

}  // namespace
}  // namespace oracode::manual
