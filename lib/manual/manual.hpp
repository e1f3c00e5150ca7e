// The manual pages, as far as the programs' own tables and the commented configuration tell them,
// in the language of scdoc(5). Pure; for the build and its tests.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/command.hpp"

namespace oracode::manual {

// Keys of a commented configuration file that share one comment.
struct KeyGroup {
    struct Key {
        std::string name;   // "max_body"
        std::string value;  // as TOML has it: "\"256KiB\""
    };
    std::string section;  // "webhook"
    std::vector<Key> keys;
    std::vector<std::string> comment;  // its lines
};

struct CommentedFile {
    std::vector<std::string> preamble;  // the comment in front of the first section, line by line
    std::vector<KeyGroup> groups;
};

// `toml`: comments, sections and "#key = value" lines, groups apart by blank lines.
[[nodiscard]] CommentedFile read_commented(std::string_view toml);

// A page's `source` with its placeholders filled in: @VERSION@, and on lines of their own @OPTIONS@
// and @COMMANDS@ (of oracodectl), @PREAMBLE@ and @KEYS@ (of the configuration file `toml`).
[[nodiscard]] std::string fill_in(std::string_view source, std::string_view toml);

[[nodiscard]] std::string options_text(std::span<const ctl::Option> options);
[[nodiscard]] std::string commands_text(std::span<const ctl::Command> commands);

// Without what scdoc would take for markup.
[[nodiscard]] std::string escaped(std::string_view text);

}  // namespace oracode::manual
