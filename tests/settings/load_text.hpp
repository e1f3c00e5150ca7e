// Loads settings from text in tests: TLS is off and a signing secret there unless a test says
// otherwise.
#pragma once

#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "settings/load.hpp"
#include "support/temporary_folder.hpp"

namespace oracode {

inline const std::string secret_of_24_bytes = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

inline settings::Sources sources_with(std::string text, settings::Environment environment = {}) {
    settings::Sources sources;
    sources.file = "/etc/oracoded/test.toml";
    sources.text = std::move(text);
    sources.environment = std::move(environment);
    sources.environment.emplace("SEAM_WEBHOOK_SECRET", secret_of_24_bytes);
    sources.flags = {{"webhook.tls", "false"}};
    return sources;
}

inline std::vector<std::string> texts(const std::vector<settings::Problem>& problems) {
    std::vector<std::string> lines;
    lines.reserve(problems.size());
    for (const auto& problem : problems) lines.push_back(to_string(problem));
    return lines;
}

// The settings, or defaults and a failed test.
inline settings::Loaded loaded(const settings::Sources& sources) {
    auto result = settings::load(sources);
    if (result) return *std::move(result);
    ADD_FAILURE() << testing::PrintToString(texts(result.error().problems));
    return {};
}

inline settings::Settings settings_of(std::string text, settings::Environment environment = {}) {
    return loaded(sources_with(std::move(text), std::move(environment))).settings;
}

// The problems as people see them; none if the settings load.
inline std::vector<std::string> problems_of(const settings::Sources& sources) {
    const auto result = settings::load(sources);
    if (result) return {};
    return texts(result.error().problems);
}

inline std::vector<std::string> problems_of(std::string text,
                                            settings::Environment environment = {}) {
    return problems_of(sources_with(std::move(text), std::move(environment)));
}

}  // namespace oracode
