// Completion for zsh, in its own system (compsys): descriptions, values and files.
#include <algorithm>
#include <ostream>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ctl/commands.hpp"
#include "ctl/completion.hpp"

namespace oracode::ctl {
namespace {

// Between single quotes.
std::string quoted(std::string_view text) {
    std::string out = "'";
    for (const char letter : text) out += letter == '\'' ? "'\\''" : std::string(1, letter);
    return out + "'";
}

// In a specification of _arguments and _describe ':' and brackets have a meaning.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char letter : text) {
        if (letter == ':' || letter == '[' || letter == ']' || letter == '\\') out += '\\';
        out += letter;
    }
    return out;
}

// What zsh does where a value stands: ":MESSAGE:ACTION".
std::string value_of(const Option& option) {
    const std::string_view name = *option.value != '\0' ? option.value : option.name;
    const auto words = words_of(option);
    if (names_file(option)) return fmt::format(":{}:_files", escaped(name));
    if (words.empty()) return fmt::format(":{}: ", escaped(name));
    if (option.list)
        return fmt::format(":{}:_values -s , value {}", escaped(name), fmt::join(words, " "));
    return fmt::format(":{}:({})", escaped(name), fmt::join(words, " "));
}

std::string specification(const Option& option) {
    switch (option.kind) {
        case Option::Kind::positional:
            return quoted(value_of(option));
        case Option::Kind::flag:
            return quoted(fmt::format("{}[{}]", option.name, escaped(option.help)));
        case Option::Kind::value:
            return quoted(
                fmt::format("{}=[{}]{}", option.name, escaped(option.help), value_of(option)));
    }
    return {};
}

constexpr const char* help = "'(- *)'{-h,--help}'[print the help and end]'";

void print_command(const Command& command, std::ostream& out) {
    out << fmt::format("            {})\n                _arguments $global {}", command.name,
                       help);
    for (const auto& option : command.options)
        out << " \\\n                    " << specification(option);
    out << "\n                ;;\n";
}

}  // namespace

void print_zsh(std::ostream& out) {
    out << "#compdef oracodectl\n# Completion for zsh, by `oracodectl completion zsh`: into a "
           "folder "
           "of $fpath as _oracodectl.\n_oracodectl() {\n"
           "    local curcontext=$curcontext state line ret=1\n    typeset -A opt_args\n"
           "    local -a global=(";
    for (const auto& option : global_options()) out << "\n        " << specification(option);
    out << "\n    )\n    local -a commands=(";
    for (const auto& command : commands())
        out << "\n        " << quoted(fmt::format("{}:{}", command.name, escaped(command.help)));
    out << "\n    )\n    _arguments -C $global " << help
        << " '(- *)--version[print the version and end]' \\\n"
           "        '1: :->command' '*:: :->rest' && ret=0\n"
           "    case $state in\n"
           "        command) _describe -t commands command commands && ret=0 ;;\n"
           "        rest)\n"
           "            curcontext=${curcontext%:*}-$words[1]:\n"
           "            case $words[1] in\n";
    for (const auto& command : commands()) print_command(command, out);
    out << "            esac && ret=0\n            ;;\n    esac\n    return ret\n}\n"
           // Autoloaded from $fpath this file is the function's body; sourced it registers it.
           "if [[ $funcstack[1] == _oracodectl ]]; then\n    _oracodectl \"$@\"\nelse\n"
           "    compdef _oracodectl oracodectl\nfi\n";
}

}  // namespace oracode::ctl
