#include <fstream>
#include <sstream>

#include "settings/load_text.hpp"
#include "support/paths.hpp"

namespace oracode {
namespace {

// The name if `line` is `name = …`, else nothing.
std::string key_of(const std::string& line) {
    const auto end = line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_");
    if (end == 0 || end == std::string::npos || line.compare(end, 3, " = ") != 0) return {};
    return line.substr(0, end);
}

std::vector<std::string> default_lines() {
    std::ifstream file(test::source_path("config/oracoded.toml"));
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
}

// The same with the `#` taken from every key that has one.
std::vector<std::string> lines_with_all_keys() {
    auto lines = default_lines();
    for (auto& line : lines)
        if (line.starts_with('#') && !key_of(line.substr(1)).empty()) line.erase(0, 1);
    return lines;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const auto& line : lines) text += line + "\n";
    return text;
}

settings::Settings expected_defaults() {
    settings::Settings settings;
    settings.webhook.tls = false;
    settings.webhook.secrets = {secret_of_24_bytes};
    return settings;
}

TEST(DefaultFile, AsItIsChangesNothing) {
    ASSERT_FALSE(default_lines().empty());
    EXPECT_EQ(settings_of(joined(default_lines())), expected_defaults());
}

TEST(DefaultFile, ShowsTheTrueDefaultOfEveryKey) {
    EXPECT_EQ(settings_of(joined(lines_with_all_keys())), expected_defaults());
}

TEST(DefaultFile, HasEveryKeyOnceAndInOrder) {
    std::vector<std::string> found;
    std::string section;
    for (const auto& line : lines_with_all_keys()) {
        if (line.starts_with('[')) section = line.substr(1, line.find(']') - 1);
        if (const auto name = key_of(line); !name.empty())
            found.push_back((section + ".").append(name));
    }
    std::vector<std::string> expected;
    for (const auto& key : settings::describe_keys()) expected.push_back(key.key);
    EXPECT_EQ(found, expected);
}

}  // namespace
}  // namespace oracode
