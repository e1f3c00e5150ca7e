// Completion for shells, made from the table of commands: nothing has to be kept in step by hand.
#include "ctl/completion.hpp"

#include <algorithm>
#include <ostream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ctl/commands.hpp"

namespace oracode::ctl {
namespace {

std::string option_names(std::span<const Option> options) {
    std::string names = "--help";
    for (const auto& option : options)
        if (option.kind != Option::Kind::positional) names += std::string(" ") + option.name;
    return names;
}

// Calls `visit(option)` for every option of every command and of all of them.
void for_each_option(auto visit) {
    for (const auto& option : global_options()) visit(option);
    for (const auto& command : commands())
        for (const auto& option : command.options) visit(option);
}

// The names, each between blanks, of the options that `wanted` chooses.
std::string chosen_names(auto wanted) {
    std::string names = " ";
    for_each_option([&](const Option& option) {
        if (option.kind == Option::Kind::value && wanted(option))
            names += std::string(option.name) + ' ';
    });
    return names;
}

constexpr const char* bash_logic = R"(
    # The command, if it is there already: the first word that is neither an option nor an option's value.
    for ((at = 1; at < COMP_CWORD; ++at)); do
        word=${COMP_WORDS[at]}
        if [[ $valued == *" $word "* ]]; then
            ((++at))
            # bash takes the = of --option=value for a word.
            if [[ ${COMP_WORDS[at]} == = ]]; then ((++at)); fi
        elif [[ -n $word && -n ${own[$word]:-} ]]; then
            command=$word
            break
        fi
    done
    COMPREPLY=()
    if [[ $current == = ]]; then
        current=''
    elif [[ $previous == = ]]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    if [[ -n ${values[$previous]:-} ]]; then
        # What stands before the last comma of a list stays.
        local before=''
        if [[ $lists == *" $previous "* && $current == *,* ]]; then before=${current%,*},; fi
        mapfile -t COMPREPLY < <(compgen -P "$before" -W "${values[$previous]}" -- "${current#"$before"}")
    elif [[ $files == *" $previous "* ]]; then
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        compopt -o filenames 2>/dev/null
    elif [[ $valued == *" $previous "* ]]; then
        return 0
    elif [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$global ${command:+${own[$command]}}" -- "$current")
    elif [[ -z $command ]]; then
        mapfile -t COMPREPLY < <(compgen -W "${!own[*]}" -- "$current")
    elif [[ -n ${positional[$command]:-} ]]; then
        if [[ ${positional[$command]} == FILE ]]; then
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            compopt -o filenames 2>/dev/null
        else
            mapfile -t COMPREPLY < <(compgen -W "${positional[$command]}" -- "$current")
        fi
    fi
}
complete -F _oracodectl oracodectl
)";

std::string joined(const std::vector<std::string>& words) {
    return fmt::format("{}", fmt::join(words, " "));
}

// What the first positional can be: "FILE", or its words.
std::string positional_words(const Command& command) {
    const auto first = std::ranges::find(command.options, Option::Kind::positional, &Option::kind);
    if (first == command.options.end()) return {};
    return names_file(*first) ? "FILE" : joined(words_of(*first));
}

void print_bash(std::ostream& out) {
    out << "# Completion for bash, by `oracodectl completion bash`.\n_oracodectl() {\n"
           "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} "
           "command='' word at\n";
    out << fmt::format("    local global='{} --version'\n", option_names(global_options()));
    out << fmt::format("    local valued='{}'\n", chosen_names([](const Option&) { return true; }));
    out << fmt::format("    local files='{}'\n", chosen_names(names_file));
    out << fmt::format("    local lists='{}'\n",
                       chosen_names([](const Option& option) { return option.list; }));
    out << "    local -A own=() positional=() values=()\n";
    for_each_option([&out](const Option& option) {
        const auto words = words_of(option);
        if (option.kind == Option::Kind::value && !words.empty())
            out << fmt::format("    values[{}]='{}'\n", option.name, joined(words));
    });
    for (const auto& command : commands()) {
        out << fmt::format("    own[{}]='{}'\n", command.name, option_names(command.options));
        if (const auto words = positional_words(command); !words.empty())
            out << fmt::format("    positional[{}]='{}'\n", command.name, words);
    }
    out << bash_logic;
}

// As fish reads it between single quotes.
std::string fish_text(std::string_view text) {
    std::string quoted;
    for (const char letter : text) {
        if (letter == '\'' || letter == '\\') quoted += '\\';
        quoted += letter;
    }
    return "'" + quoted + "'";
}

void print_fish_option(std::ostream& out, const std::string& condition, const Option& option) {
    if (option.kind == Option::Kind::positional) return;
    out << "complete -c oracodectl" << condition << " -l "
        << std::string_view(option.name).substr(2)
        << (option.kind == Option::Kind::value ? " -r" : "") << (names_file(option) ? " -F" : "");
    if (const auto words = words_of(option); !words.empty()) out << " -a '" << joined(words) << "'";
    out << " -d " << fish_text(option.help) << '\n';
}

void print_fish(std::ostream& out) {
    out << "# Completion for fish, by `oracodectl completion fish`.\ncomplete -c oracodectl -f\n";
    for (const auto& option : global_options()) print_fish_option(out, "", option);
    for (const auto& command : commands()) {
        out << "complete -c oracodectl -n __fish_use_subcommand -a " << command.name << " -d "
            << fish_text(command.help) << '\n';
        const auto condition = fmt::format(" -n '__fish_seen_subcommand_from {}'", command.name);
        if (const auto words = positional_words(command); words == "FILE")
            out << "complete -c oracodectl" << condition << " -F\n";
        else if (!words.empty())
            out << "complete -c oracodectl" << condition << " -a '" << words << "'\n";
        for (const auto& option : command.options) print_fish_option(out, condition, option);
    }
}

ExitCode run_completion(const Arguments& arguments, Session& session) {
    const auto& shell = arguments.text("SHELL");
    if (shell == "fish")
        print_fish(session.out);
    else if (shell == "zsh")
        print_zsh(session.out);
    else
        print_bash(session.out);
    return ExitCode::success;
}

}  // namespace

bool names_file(const Option& option) {
    return std::string_view(option.value) == "FILE" ||
           (option.kind == Option::Kind::positional && std::string_view(option.name) == "FILE");
}

std::vector<std::string> words_of(const Option& option) {
    return words_in(*option.words != '\0' ? option.words : option.value);
}

Command completion_command() {
    return {.name = "completion",
            .help = "Print what a shell needs to complete oracodectl's commands and options",
            .example = "oracodectl completion zsh",
            .options = {{.kind = Option::Kind::positional,
                         .name = "SHELL",
                         .value = "bash|fish|zsh",
                         .help = "bash, fish or zsh",
                         .required = true}},
            .run = run_completion};
}

}  // namespace oracode::ctl
