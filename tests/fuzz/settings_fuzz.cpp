// Configuration files: all problems are named with a line that the file has, no secret is in them,
// and what is taken keeps the promises of the settings.
#include <algorithm>

#include "input.hpp"
#include "settings/load.hpp"

namespace {

using namespace oracode;
using fuzz::require;

// What a secret of the seeds is made of.
constexpr std::string_view marker = "hunter2";

bool is_secret(std::string_view key) {
    static const auto keys = [] {
        auto all = settings::describe_keys();
        for (auto& key : settings::describe_target_keys()) all.push_back(std::move(key));
        return all;
    }();
    return std::ranges::any_of(keys, [&](const settings::KeyDescription& description) {
        return description.secret && description.key == key;
    });
}

void check(const settings::Problem& problem, std::string_view text) {
    require(!problem.sentence.empty());
    require(problem.line <= static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1);
    if (is_secret(problem.key)) require(problem.sentence.find(marker) == std::string::npos);
}

void check(const settings::Settings& settings) {
    require(!settings.webhook.secrets.empty());
    require(settings.webhook.path.starts_with('/'));
    require(settings.webhook.timestamp_tolerance > Duration{0} && settings.webhook.max_body > 0);
    for (const auto& token : settings.api.tokens) require(!token.token.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(fuzz::text_of(data, size));
    // Files that the text names are the machine's affair, not that of its parser.
    if (text.find("_file") != std::string::npos) return 0;
    settings::Sources sources;
    sources.text = text;
    sources.environment = {{"SEAM_WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}};
    const auto loaded = settings::load(sources);
    const auto again = settings::load(sources);
    require(loaded.has_value() == again.has_value());
    if (!loaded) {
        require(!loaded.error().problems.empty());
        require(loaded.error().problems == again.error().problems);
        for (const auto& problem : loaded.error().problems) check(problem, text);
        return 0;
    }
    for (const auto& warning : loaded->warnings) check(warning, text);
    require(settings::keys_needing_restart(loaded->settings, again->settings).empty());
    check(loaded->settings);
    return 0;
}
