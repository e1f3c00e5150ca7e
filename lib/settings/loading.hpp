// The state of one load, passed from step to step. Internal to settings; lives for one call of
// `load`.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "settings/keys.hpp"

namespace oracode::settings {

struct Loading {
    Loaded result;
    std::vector<Problem> problems;
    std::map<std::string, Given, std::less<>>
        given;             // what won, by key; keys at their default are absent
    std::string fallback;  // the source that problems name about keys which are not set

    [[nodiscard]] bool is_given(std::string_view key) const { return given.contains(key); }

    // A problem with a key, where it was set; or with the settings as a whole if it was not.
    void refuse(std::string_view key, std::string sentence) {
        problems.push_back(about(key, std::move(sentence)));
    }
    void warn(std::string_view key, std::string sentence) {
        result.warnings.push_back(about(key, std::move(sentence)));
    }

    void warn_of_open_file(std::string_view key) {
        warn(key, "every user of this machine can read the file; chmod o-r takes that back");
    }

    // Whether something is already said about a key that begins like this: one cause, one problem.
    [[nodiscard]] bool is_refused(std::string_view key) const {
        for (const auto& problem : problems)
            if (problem.key.starts_with(key)) return true;
        return false;
    }

    // Puts `from` into `settings`, or adds what is wrong with it.
    void take(const Key& key, const Given& from, Settings& settings) {
        for (auto& fault : key.take(settings, from, key.hidden))
            problems.push_back({from.source, fault.line == 0 ? from.line : fault.line,
                                key.description.key, std::move(fault.sentence)});
    }

private:
    [[nodiscard]] Problem about(std::string_view key, std::string sentence) const {
        const auto origin = given.find(key);
        if (origin == given.end()) return {fallback, 0, std::string(key), std::move(sentence)};
        return {origin->second.source, origin->second.line, std::string(key), std::move(sentence)};
    }
};

}  // namespace oracode::settings
