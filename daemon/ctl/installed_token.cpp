#include "daemon/ctl/installed_token.hpp"

#include <filesystem>
#include <vector>

#include "core/files.hpp"
#include "settings/given.hpp"
#include "settings/toml_file.hpp"

namespace oracode::ctl {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> texts_of(const settings::Given& given) {
    std::vector<std::string> texts;
    for (const auto& piece : given.pieces) texts.push_back(piece.text);
    return texts;
}

std::vector<std::string> lines_of(const fs::path& file) {
    const auto read = read_file(file);
    return read ? texts_of(settings::given_by_lines(file.native(), *read))
                : std::vector<std::string>{};
}

// `name:token` or `name:token:read`.
std::string best_of(const std::vector<std::string>& lines) {
    std::string reader;
    for (const auto& line : lines) {
        const auto begin = line.find(':');
        if (begin == std::string::npos) continue;
        const auto end = line.find(':', begin + 1);
        auto token = line.substr(begin + 1, end == std::string::npos ? end : end - begin - 1);
        if (end == std::string::npos || line.substr(end + 1) != "read") return token;
        if (reader.empty()) reader = token;
    }
    return reader;
}

std::vector<std::string> configured(const fs::path& file) {
    const auto read = read_file(file);
    if (!read) return {};
    for (const auto& entry :
         settings::read_toml(*read, file.string(), file.parent_path()).entries) {
        if (entry.section != "api" || entry.given.pieces.empty()) continue;
        const auto& text = entry.given.pieces.front().text;
        if (entry.name == "tokens") return texts_of(entry.given);
        if (entry.name == "tokens_file" && !text.empty())
            return lines_of(fs::path(text).is_absolute() ? fs::path(text)
                                                         : file.parent_path() / text);
    }
    return {};
}

}  // namespace

std::string installed_token(const settings::Environment& environment) {
    const auto variable = [&](const char* name) {
        const auto found = environment.find(name);
        return found == environment.end() ? std::string{} : found->second;
    };
    std::vector<std::vector<std::string>> places;
    if (const auto text = variable("ORACODED_API_TOKENS"); !text.empty())
        places.push_back(texts_of(settings::given_by_text("ORACODED_API_TOKENS", text, true)));
    if (const auto file = variable("ORACODED_API_TOKENS_FILE"); !file.empty())
        places.push_back(lines_of(file));
    if (const auto folder = variable("CREDENTIALS_DIRECTORY"); !folder.empty())
        places.push_back(lines_of(fs::path(folder) / "api.tokens"));
    places.push_back(lines_of("/run/credentials/oracoded.service/api.tokens"));
    places.push_back(lines_of("/etc/credstore/oracoded.api.tokens"));
    const auto config = variable("ORACODECTL_CONFIG");
    places.push_back(configured(config.empty() ? "/etc/oracoded/oracoded.toml" : config));
    for (const auto& place : places)
        if (auto token = best_of(place); !token.empty()) return token;
    return {};
}

}  // namespace oracode::ctl
