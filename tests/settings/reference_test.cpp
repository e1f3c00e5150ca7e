// config/README.md tells every key as the program has it.
#include <map>

#include <gtest/gtest.h>

#include "manual/manual.hpp"
#include "settings/load.hpp"
#include "support/paths.hpp"
#include "support/temporary_folder.hpp"

namespace oracode {
namespace {

// The beginning of what a value has to be: without examples and details.
std::string in_short(const settings::KeyDescription& key) {
    auto text = key.expected;
    for (const auto* rest : {", such as", "; ", ": whsec", ", the name", " and holds", " with no"})
        text = text.substr(0, text.find(rest));
    return key.list ? "list: " + text : text;
}

// By key, as config/oracoded.toml shows them; another test holds that they are true.
std::map<std::string, std::string> defaults() {
    std::map<std::string, std::string> found;
    const auto file =
        manual::read_commented(test::contents(test::source_path("config/oracoded.toml")));
    for (const auto& group : file.groups)
        for (const auto& [name, value] : group.keys) {
            const auto quoted = value.starts_with('"');
            const auto text = quoted ? value.substr(1, value.size() - 2) : value;
            found[group.section + '.' + name] = text == "[]" ? "" : text;
        }
    return found;
}

// The lines of the tables that speak of a key.
std::vector<std::string> rows() {
    std::vector<std::string> found;
    std::istringstream text(test::contents(test::source_path("config/README.md")));
    for (std::string line; std::getline(text, line);)
        if (line.starts_with("| `")) found.push_back(line);
    return found;
}

// Those of the [[notify]] tables stand before the last section.
std::vector<settings::KeyDescription> all_keys_in_order() {
    auto keys = settings::describe_keys();
    const auto log = std::ranges::find(keys, "log.level", &settings::KeyDescription::key);
    const auto of_targets = settings::describe_target_keys();
    keys.insert(log, of_targets.begin(), of_targets.end());
    return keys;
}

TEST(Reference, HasEveryKeyInOrderWithItsDefaultItsValuesAndItsHelp) {
    const auto keys = all_keys_in_order();
    const auto found = rows();
    ASSERT_EQ(found.size(), keys.size());
    auto shown = defaults();
    shown["notify.format"] = name(settings::NotifyTarget{}.format);
    shown["notify.types"] = "[\"alert.opened\", \"alert.closed\"]";
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const auto& key = keys[i];
        const auto value = shown[key.key].empty() ? "" : '`' + shown[key.key] + "` ";
        const auto begin =
            "| `" + key.key + "` | " + value + "| " + in_short(key) + " | " + std::string(key.help);
        EXPECT_TRUE(found[i].starts_with(begin))
            << "expected: " << begin << "\nfound: " << found[i];
        EXPECT_EQ(found[i].ends_with(" (reload) |"), key.reloadable) << found[i];
    }
}

TEST(Reference, EverySectionHasItsHeading) {
    const auto text = test::contents(test::source_path("config/README.md"));
    EXPECT_NE(text.find("\n## `[[notify]]`"), std::string::npos);
    for (const auto& key : settings::describe_keys()) {
        const auto section = key.key.substr(0, key.key.find('.'));
        EXPECT_NE(text.find("\n## `[" + section + "]`"), std::string::npos) << section;
    }
}

}  // namespace
}  // namespace oracode
