// What Tab offers, held to what --help shows: asked of a real bash and a real zsh that have read
// what the program printed.
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
    EXPECT_EQ(offered({"completion", ""}), (Words{"bash", "fish", "zsh"}));
    EXPECT_EQ(offered({"quarantine", ""}), (Words{"list", "replay", "show"}));
    EXPECT_EQ(offered({"backup", "se"}, here), Words{"secret"});
    EXPECT_EQ(offered({"show", "$(touch hit)"}, here), Words{});
    EXPECT_EQ(offered({"$(touch hit)", ""}, here), commands_in_help());
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "hit"));
}

const Words statuses{"unset", "setting", "set", "removing", "unknown"};

TEST(Completion, OffersTheValuesThatAnOptionTakes) {
    EXPECT_EQ(offered({"list", "--status", ""}), statuses);
    EXPECT_EQ(offered({"list", "--status", "set,rem"}), Words{"set,removing"});
    EXPECT_EQ(offered({"list", "--ready", "t"}), Words{"true"});
    EXPECT_EQ(offered({"list", "--ready", "=", "t"}), Words{"true"});
    EXPECT_EQ(offered({"check", "--max-time-rounding", ""}), (Words{"1h", "1d"}));
    EXPECT_EQ(offered({"list", "--device", ""}), Words{});
}

// An interactive zsh in a terminal of its own; arguments: the script and the line that is typed
// before Tab. Prints what zsh would insert, one word a line.
constexpr const char* asking_zsh = R"zsh(
    zmodload zsh/zpty || exit 77
    setup=$(mktemp)
    trap 'rm -f -- $setup $setup.dump' EXIT
    cat >$setup <<'SETUP'
PROMPT=
autoload -Uz compinit
compinit -u -d $1.dump
source $2
bindkey '^I' complete-word
compadd() {
    # Calls that only fill an array offer nothing.
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
    local -a hits
    builtin compadd -A hits "$@"
    local hit
    for hit in $hits; do print -r -- "offer:$IPREFIX$hit"; done
}
finish() { print -r -- offers-end; exit; }
comppostfuncs=(finish)
print -r -- offers-ready
SETUP
    zpty shell zsh -f -i
    zpty -w shell "source $setup $setup $1"
    while zpty -r shell line; do [[ $line == *offers-ready* ]] && break; done
    zpty -w -n shell "$2"$'\t'
    while zpty -r shell line; do
        line=${line%$'\r'*}
        [[ $line == *offer:* ]] && print -r -- ${line##*offer:}
        [[ $line == *offers-end* ]] && break
    done
    zpty -d shell
)zsh";

class ZshCompletion : public testing::Test {
protected:
    void SetUp() override {
        const auto found = test::run({"/bin/sh", "-c", "command -v zsh"});
        if (found.exit_code != 0) GTEST_SKIP() << "there is no zsh";
        zsh_ = found.output.substr(0, found.output.find('\n'));
        script_ =
            folder_.write("_oracodectl", output_of({test::oracodectl(), "completion", "zsh"}));
    }
    // What it offers for the last word of `line`.
    [[nodiscard]] Words offered_by_zsh(const std::string& line) const {
        std::istringstream lines(
            output_of({zsh_, "-f", "-c", asking_zsh, "zsh", script_, "oracodectl " + line}));
        Words words;
        for (std::string word; std::getline(lines, word);)
            if (!word.empty()) words.insert(word);
        return words;
    }

    test::TemporaryFolder folder_;
    std::string zsh_;
    std::string script_;
};

TEST_F(ZshCompletion, OffersEveryCommandAndOptionOfTheHelp) {
    EXPECT_EQ(offered_by_zsh(""), commands_in_help());
    const auto global = options_in_help("");
    for (const auto* command : {"list", "create", "backup", "simulate"}) {
        auto expected = options_in_help(command);
        expected.insert(global.begin(), global.end());
        expected.erase("--version");
        expected.insert("-h");
        EXPECT_EQ(offered_by_zsh(std::string(command) + " -"), expected) << command;
    }
    EXPECT_EQ(offered_by_zsh("--json --timeout 5s simu"), Words{"simulate"});
}

TEST_F(ZshCompletion, OffersValuesAndFiles) {
    EXPECT_EQ(offered_by_zsh("list --status "), statuses);
    EXPECT_EQ(offered_by_zsh("list --status unset,rem"), Words{"unset,removing"});
    EXPECT_EQ(offered_by_zsh("list --ready=t"), Words{"--ready=true"});
    EXPECT_EQ(offered_by_zsh("quarantine "), (Words{"list", "replay", "show"}));
    static_cast<void>(folder_.write("secret", "x"));
    EXPECT_EQ(offered_by_zsh("restore " + folder_.path().string() + "/sec"), Words{"secret"});
}

TEST(Completion, FishGetsEveryCommandAndOption) {
    const auto script = output_of({test::oracodectl(), "completion", "fish"});
    for (const auto& command : commands_in_help()) {
        EXPECT_NE(script.find("-a " + command + " -d '"), std::string::npos) << command;
        for (const auto& option : options_in_help(command)) {
            if (option == "--help") continue;
            const auto line = "__fish_seen_subcommand_from " + command + "' -l " + option.substr(2);
            EXPECT_NE(script.find(line), std::string::npos) << line;
        }
    }
    EXPECT_NE(script.find("-l ready -r -a 'true false'"), std::string::npos);
    EXPECT_EQ(test::run({test::oracodectl(), "completion", "cmd"}).exit_code, 64);
}

}  // namespace
}  // namespace oracode::ctl
