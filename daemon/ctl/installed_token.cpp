#include "daemon/ctl/installed_token.hpp"

#include <filesystem>
#include <vector>

#include "core/files.hpp"
#include "net/url.hpp"
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

std::string variable(const settings::Environment& environment, const char* name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string{} : found->second;
}

fs::path configuration(const settings::Environment& environment) {
    const auto named = variable(environment, "ORACODECTL_CONFIG");
    return named.empty() ? "/etc/oracoded/oracoded.toml" : named;
}

// What the configuration says in [api], where it can be read.
std::vector<settings::Entry> api_entries(const fs::path& file) {
    const auto read = read_file(file);
    if (!read) return {};
    auto entries = settings::read_toml(*read, file.string(), file.parent_path()).entries;
    std::erase_if(entries, [](const auto& entry) {
        return entry.section != "api" || entry.given.pieces.empty();
    });
    return entries;
}

std::vector<std::string> configured(const fs::path& file) {
    for (const auto& entry : api_entries(file)) {
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
    std::vector<std::vector<std::string>> places;
    if (const auto text = variable(environment, "ORACODED_API_TOKENS"); !text.empty())
        places.push_back(texts_of(settings::given_by_text("ORACODED_API_TOKENS", text, true)));
    if (const auto file = variable(environment, "ORACODED_API_TOKENS_FILE"); !file.empty())
        places.push_back(lines_of(file));
    if (const auto folder = variable(environment, "CREDENTIALS_DIRECTORY"); !folder.empty())
        places.push_back(lines_of(fs::path(folder) / "api.tokens"));
    places.push_back(lines_of("/run/credentials/oracoded.service/api.tokens"));
    places.push_back(lines_of("/etc/credstore/oracoded.api.tokens"));
    places.push_back(configured(configuration(environment)));
    for (const auto& place : places)
        if (auto token = best_of(place); !token.empty()) return token;
    return {};
}

std::string installed_api(const settings::Environment& environment) {
    std::string listen;
    bool tls = false;
    const auto file = configuration(environment);
    for (const auto& entry : api_entries(file)) {
        const auto& text = entry.given.pieces.front().text;
        if (entry.name == "listen") listen = text;
        if (entry.name == "certificate") tls = !text.empty();
    }
    constexpr std::string_view by_socket = "unix:";
    if (listen.starts_with(by_socket)) {
        const fs::path path = listen.substr(by_socket.size());
        return std::string(by_socket) + (file.parent_path() / path).string();
    }
    const auto address = net::parse_url((tls ? "https://" : "http://") + listen);
    return address && address->stays_here() && address->port != 0
               ? (tls ? "https://" : "http://") + listen
               : std::string{};
}

}  // namespace oracode::ctl
