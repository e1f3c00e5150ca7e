#include "manual/manual.hpp"

#include <map>

#include <fmt/format.h>

#include "core/version.hpp"

namespace oracode::manual {
namespace {

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = text.find('\n');
        lines.push_back(text.substr(0, end));
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return lines;
}

bool begins_a_name(char c) {
    return c >= 'a' && c <= 'z';
}

// The characters after "#", less one blank.
std::string comment_text(std::string_view line) {
    line.remove_prefix(1);
    if (line.starts_with(' ')) line.remove_prefix(1);
    return std::string(line);
}

// Without the title, which is the first line. A list stays one; a line that goes on in it is
// indented by two.
std::string preamble_text(const CommentedFile& file) {
    std::string text;
    for (const auto& line : std::span(file.preamble).subspan(file.preamble.empty() ? 0 : 1))
        text += (line.starts_with("- ") ? "- " + escaped(line.substr(2)) : escaped(line)) + '\n';
    return text;
}

std::string keys_text(const CommentedFile& file) {
    std::string text;
    std::string_view section;
    for (const auto& group : file.groups) {
        if (group.section != section) text += fmt::format("# [{}]\n\n", group.section);
        section = group.section;
        std::string_view between;
        for (const auto& key : group.keys) {
            text += fmt::format("{}*{}* = {}", between, escaped(key.name), escaped(key.value));
            between = "++\n";
        }
        text += '\n';
        for (const auto& line : group.comment) text += '\t' + escaped(line) + '\n';
        text += '\n';
    }
    return text;
}

std::string capitalized(std::string text) {
    if (!text.empty() && begins_a_name(text.front()))
        text.front() = static_cast<char>(text.front() - 'a' + 'A');
    return text;
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool first = out.empty();
        const std::string_view markup = first ? "\\*_<[]|:.#-" : "\\*_<";
        if (markup.find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
    return out;
}

CommentedFile read_commented(std::string_view toml) {
    CommentedFile file;
    KeyGroup group;
    const auto finish = [&file, &group] {
        if (!group.keys.empty()) file.groups.push_back(group);
        group.keys.clear();
        group.comment.clear();
    };
    for (const auto line : lines_of(toml)) {
        if (line.starts_with('[')) {
            finish();
            group.section = line.substr(1, line.find(']') - 1);
        } else if (group.section.empty()) {
            file.preamble.push_back(line.empty() ? "" : comment_text(line));
        } else if (line.empty()) {
            finish();
        } else if (const auto equals = line.find(" = ");
                   line.size() > 1 && begins_a_name(line[1]) && equals != std::string_view::npos) {
            group.keys.push_back(
                {std::string(line.substr(1, equals - 1)), std::string(line.substr(equals + 3))});
        } else {
            group.comment.push_back(comment_text(line));
        }
    }
    finish();
    return file;
}

std::string options_text(std::span<const ctl::Option> options) {
    std::string text;
    for (const auto& option : options) {
        text += fmt::format("*{}*", option.name);
        if (*option.value != '\0') text += fmt::format(" _{}_", escaped(option.value));
        text += fmt::format("\n\t{}", escaped(option.help));
        if (option.required) text += " (required)";
        if (*option.environment != '\0')
            text += fmt::format("; else the variable {}", escaped(option.environment));
        text += "\n\n";
    }
    return text;
}

std::string commands_text(std::span<const ctl::Command> commands) {
    std::string text;
    for (const auto& command : commands)
        text += fmt::format("## {}\n\n{}.\n\n{}\t*{}*\n\n", command.name,
                            escaped(capitalized(command.help)), options_text(command.options),
                            escaped(command.example));
    return text;
}

std::string fill_in(std::string_view source, std::string_view toml) {
    const auto file = read_commented(toml);
    const std::map<std::string_view, std::string> parts{
        {"@OPTIONS@", options_text(ctl::global_options())},
        {"@COMMANDS@", commands_text(ctl::commands())},
        {"@PREAMBLE@", preamble_text(file)},
        {"@KEYS@", keys_text(file)}};
    constexpr std::string_view version_mark = "@VERSION@";
    std::string text;
    for (const auto line : lines_of(source)) {
        if (const auto part = parts.find(line); part != parts.end()) {
            text += part->second;
            continue;
        }
        std::string filled(line);
        if (const auto at = filled.find(version_mark); at != std::string::npos)
            filled.replace(at, version_mark.size(), version());
        text += filled + '\n';
    }
    return text;
}

}  // namespace oracode::manual
