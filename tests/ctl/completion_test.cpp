// What Tab offers, held to what --help shows: asked of a real bash that has read what the program
// printed.
#include <regex>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "support/paths.hpp"
#include "support/process.hpp"
#include "support/temporary_folder.hpp"

namespace oracode::ctl {
namespace {

using Words = std::set<std::string>;

std::string output_of(const std::vector<std::string>& command) {
    const auto finished = test::run(command);
    EXPECT_EQ(finished.exit_code, 0) << finished.output;
    return finished.output;
}

Words matches(const std::string& text, const std::string& form) {
    const std::regex pattern(form, std::regex::multiline);
    Words found;
    for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at)
        found.insert((*at)[1]);
    return found;
}

Words options_in_help(const std::string& command) {
    std::vector<std::string> line{test::oracodectl(), "--help"};
    if (!command.empty()) line.insert(line.begin() + 1, command);
    return matches(output_of(line), R"(^  (?:-h,)?(--[a-z-]+))");
}

Words commands_in_help() {
    const auto help = output_of({test::oracodectl(), "--help"});
    return matches(help.substr(help.find("Subcommands:")), R"(^  ([a-z-]+) )");
}

constexpr const char* asking = R"bash(
    eval "$("$1" completion bash)"
    cd "$2"
    shift 2
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
    _oracodectl
    printf '%s\n' "${COMPREPLY[@]}"
)bash";

// What a bash that knows the completion offers after `typed`, the last word being the one at the
// cursor.
Words offered(const std::vector<std::string>& typed, const std::string& folder = "/") {
    std::vector<std::string> line{"/bin/bash",        "-c",   asking,      "bash",
                                  test::oracodectl(), folder, "oracodectl"};
    line.insert(line.end(), typed.begin(), typed.end());
    std::istringstream lines(output_of(line));
    Words words;
    for (std::string word; std::getline(lines, word);)
        if (!word.empty()) words.insert(word);
    return words;
}

TEST(Completion, OffersEveryCommandOfTheHelp) {
    const auto commands = commands_in_help();
    EXPECT_GE(commands.size(), 7U);
    EXPECT_EQ(offered({""}), commands);
    EXPECT_EQ(offered({"--json", "--timeout", "list", ""}), commands)
        << "an option's value was taken for a command";
    EXPECT_EQ(offered({"simu"}), Words{"simulate"});
}

TEST(Completion, OffersEveryOptionOfEachCommand) {
    const auto global = options_in_help("");
    EXPECT_EQ(offered({"-"}), global);
    for (const auto& command : commands_in_help()) {
        auto expected = options_in_help(command);
        expected.insert(global.begin(), global.end());
        EXPECT_EQ(offered({command, "-"}), expected) << command;
        EXPECT_EQ(offered({"--api", "simulate", command, "-"}), expected) << command;
    }
}

TEST(Completion, OffersFilesAndWordsWhereTheyAreAskedFor) {
    const test::TemporaryFolder folder;
    static_cast<void>(folder.write("secret", "x"));
    const auto here = folder.path().string();
    EXPECT_EQ(offered({"simulate", "--secret-file", "se"}, here), Words{"secret"});
    EXPECT_EQ(offered({"simulate", "--secret-file", "=", "se"}, here), Words{"secret"});
    EXPECT_EQ(offered({"--timeout", "se"}, here), Words{});
    EXPECT_EQ(offered({"completion", ""}), (Words{"bash", "fish"}));
    EXPECT_EQ(offered({"quarantine", ""}), (Words{"list", "replay", "show"}));
    EXPECT_EQ(offered({"backup", "se"}, here), Words{"secret"});
    EXPECT_EQ(offered({"show", "$(touch hit)"}, here), Words{});
    EXPECT_EQ(offered({"$(touch hit)", ""}, here), commands_in_help());
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "hit"));
}

TEST(Completion, FishIsToldOfEveryCommandAndOption) {
    const auto script = output_of({test::oracodectl(), "completion", "fish"});
    for (const auto& command : commands_in_help()) {
        EXPECT_NE(script.find("-a " + command + " -d '"), std::string::npos) << command;
        for (const auto& option : options_in_help(command)) {
            if (option == "--help") continue;
            const auto line = "__fish_seen_subcommand_from " + command + "' -l " + option.substr(2);
            EXPECT_NE(script.find(line), std::string::npos) << line;
        }
    }
    EXPECT_EQ(test::run({test::oracodectl(), "completion", "cmd"}).exit_code, 64);
}

}  // namespace
}  // namespace oracode::ctl
