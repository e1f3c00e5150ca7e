#include "settings/secrets.hpp"

#include <fmt/format.h>

#include "core/files.hpp"
#include "core/text.hpp"
#include "settings/files.hpp"

namespace oracode::settings {
namespace {

// A secret and all the places it can come from.
struct SecretSource {
    std::string_view key;
    std::filesystem::path& file;
    std::string_view variable;  // Seam's own; empty if there is none
};

std::filesystem::path credential(const Environment& environment, std::string_view name) {
    const auto folder = environment.find("CREDENTIALS_DIRECTORY");
    if (folder == environment.end() || folder->second.empty()) return {};
    auto path = std::filesystem::path(folder->second) / name;
    std::error_code absent;
    return std::filesystem::exists(path, absent) ? path : std::filesystem::path{};
}

void read_secret_file(Loading& loading, const Key& key, const std::string& file_key,
                      const std::filesystem::path& file) {
    const auto lines = read_lines_of_secrets(
        loading, file, key.description.list,
        [&](std::string sentence) { loading.refuse(file_key, std::move(sentence)); });
    if (!lines) return;
    loading.take(key, *lines, loading.result.settings);
    if (is_open_to_everyone(file)) loading.warn_of_open_file(file_key);
}

void read_secret(Loading& loading, const Environment& environment, const SecretSource& secret) {
    const auto& key = *find_key(secret.key);
    const auto& file_key = key.alternative;
    if (loading.is_given(secret.key) || loading.is_refused(secret.key)) return;
    if (secret.file.empty()) secret.file = credential(environment, secret.key);
    if (!secret.file.empty()) {
        read_secret_file(loading, key, file_key, secret.file);
        return;
    }
    const auto variable = environment.find(secret.variable);
    if (variable == environment.end() || trim(variable->second).empty()) return;
    auto given = given_by_text(variable->first, variable->second, key.description.list);
    loading.take(key, given, loading.result.settings);
    loading.given.insert_or_assign(std::string(secret.key), std::move(given));
}

void find_certificate(Loading& loading, const Environment& environment, std::string_view key,
                      std::filesystem::path& file) {
    if (file.empty() && !loading.is_given(key)) file = credential(environment, key);
}

}  // namespace

std::optional<Given> read_lines_of_secrets(Loading& loading, const std::filesystem::path& file,
                                           bool list,
                                           const std::function<void(std::string)>& refuse) {
    const auto read = read_file(file);
    if (!read) {
        const auto hint =
            file.is_absolute() ? "" : "; a relative path in a file starts at the file's folder";
        refuse(fmt::format("the file cannot be read: {}{}", read.error().detail, hint));
        return std::nullopt;
    }
    loading.result.files_read.push_back(file);
    auto lines = given_by_lines(file.native(), *read);
    if (lines.pieces.empty()) {
        refuse("the file has nothing in it");
        return std::nullopt;
    }
    if (!list && lines.pieces.size() > 1) {
        refuse("the file must have one line and has more");
        return std::nullopt;
    }
    return lines;
}

void read_secrets(Loading& loading, const Environment& environment) {
    auto& settings = loading.result.settings;
    read_secret(loading, environment,
                {"webhook.secrets", settings.webhook.secrets_file, "SEAM_WEBHOOK_SECRET"});
    read_secret(loading, environment, {"seam.api_key", settings.seam.api_key_file, "SEAM_API_KEY"});
    read_secret(loading, environment, {"api.tokens", settings.api.tokens_file, ""});
}

void find_certificates(Loading& loading, const Environment& environment) {
    auto& webhook = loading.result.settings.webhook;
    auto& api = loading.result.settings.api;
    find_certificate(loading, environment, "webhook.certificate", webhook.certificate);
    find_certificate(loading, environment, "webhook.private_key", webhook.private_key);
    find_certificate(loading, environment, "api.certificate", api.certificate);
    find_certificate(loading, environment, "api.private_key", api.private_key);
}

}  // namespace oracode::settings
