// A configuration file as a list of what it says, before any key is known. Internal to settings;
// the only user of toml++, which is slow to compile.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "settings/given.hpp"
#include "settings/load.hpp"

namespace oracode::settings {

struct Entry {
    std::string section;
    std::string name;
    Given given;
};

// One of several tables of a name: [[name]].
struct ListedTable {
    std::string name;
    std::size_t line = 0;
    std::vector<Entry> entries;
};

struct TopLevel {
    std::string name;
    std::size_t line = 0;
    bool is_section = true;  // otherwise a value outside of all sections, or [[several]]
    bool is_listed = false;  // [[several]]
};

struct Document {
    std::vector<TopLevel> sections;
    std::vector<Entry> entries;
    std::vector<ListedTable> tables;
    std::vector<Problem> problems;  // the text is not TOML; then there is nothing else
};

// `source` is the name for problems, `base` where relative paths start.
[[nodiscard]] Document read_toml(std::string_view text, const std::string& source,
                                 const std::filesystem::path& base);

}  // namespace oracode::settings
