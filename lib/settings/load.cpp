#include "settings/load.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "core/files.hpp"
#include "core/text.hpp"
#include "settings/check.hpp"
#include "settings/loading.hpp"
#include "settings/notify_tables.hpp"
#include "settings/secrets.hpp"
#include "settings/service_links.hpp"
#include "settings/toml_file.hpp"
#include "settings/wording.hpp"

namespace oracode::settings {
namespace {

constexpr std::string_view variable_prefix = "ORACODED_";
constexpr std::string_view command_line = "command line";

// What one source says, by key.
using Layer = std::vector<std::pair<const Key*, Given>>;

bool is_empty(const Given& given) {
    return given.pieces.empty() || (given.pieces.size() == 1 && given.pieces.front().text.empty() &&
                                    given.shape != values::Shape::array);
}

void check_sections(Loading& loading, const Document& document, const std::string& source) {
    for (const auto& [name, line, is_table, is_listed] : document.sections) {
        if (name == notify_tables) {
            if (!is_listed)
                loading.problems.push_back(
                    {source, line, name, "must be written [[notify]], once for each target"});
            continue;
        }
        if (is_section(name)) {
            if (!is_table)
                loading.problems.push_back(
                    {source, line, name, fmt::format("must be a section: [{}]", name)});
            continue;
        }
        loading.problems.push_back(
            {source, line, name,
             is_table
                 ? fmt::format("there is no section of this name{}", suggest_section(name))
                 : fmt::format("stands outside of all sections, and there is no key of this name{}",
                               suggest_section(name))});
    }
}

Layer layer_of_file(Loading& loading, const Sources& sources) {
    if (!sources.file && !sources.text) return {};
    const auto path = sources.file.value_or("");
    const auto source = sources.file ? path.native() : "text";
    std::string text = sources.text.value_or("");
    if (!sources.text) {
        auto read = read_file(path);
        if (!read) {
            loading.problems.push_back(
                {source, 0, "", "the file cannot be read: " + read.error().detail});
            return {};
        }
        loading.result.files_read.push_back(path);
        text = std::move(*read);
    }
    auto document = read_toml(text, source, path.parent_path());
    loading.problems.insert(loading.problems.end(), document.problems.begin(),
                            document.problems.end());
    check_sections(loading, document, source);
    take_notify_tables(loading, document, source);
    Layer layer;
    for (auto& entry : document.entries) {
        if (!is_section(entry.section)) continue;
        const auto name = fmt::format("{}.{}", entry.section, entry.name);
        if (const auto* key = find_key(name))
            layer.emplace_back(key, std::move(entry.given));
        else
            loading.problems.push_back(
                {source, entry.given.line, name,
                 fmt::format("there is no key of this name{}", suggest_key(name))});
    }
    return layer;
}

Layer layer_of_environment(Loading& loading, const Environment& environment) {
    Layer layer;
    for (auto at = environment.lower_bound(variable_prefix); at != environment.end(); ++at) {
        const auto& [variable, text] = *at;
        if (!variable.starts_with(variable_prefix)) break;
        const auto* key = find_variable(variable);
        if (key == nullptr && is_service_link(variable, text)) continue;
        if (key == nullptr)
            loading.problems.push_back(
                {variable, 0, "",
                 fmt::format("there is no key for this variable{}", suggest_variable(variable))});
        else if (!trim(text).empty())
            layer.emplace_back(key, given_by_text(variable, text, key->description.list));
    }
    return layer;
}

Layer layer_of_flags(Loading& loading, const std::vector<Override>& flags) {
    Layer layer;
    for (const auto& [name, value] : flags) {
        const auto* key = find_key(name);
        if (key == nullptr)
            loading.problems.push_back(
                {std::string(command_line), 0, name,
                 fmt::format("there is no key of this name{}", suggest_key(name))});
        else if (key->description.secret)
            loading.problems.push_back(
                {std::string(command_line), 0, name,
                 fmt::format(
                     "is refused here, where every user of this machine can read it; use {}",
                     key->alternative)});
        else
            layer.emplace_back(
                key, given_by_text(std::string(command_line), value, key->description.list));
    }
    return layer;
}

// Lets `layer` win over what came before. Its values are tried even where a later layer will win.
void put_on_top(Loading& loading, const Layer& layer) {
    std::map<std::string, Given, std::less<>> said;
    for (const auto& [key, given] : layer) {
        Settings scratch;
        loading.take(*key, given, scratch);
        if (is_empty(given) && given.source != command_line) continue;
        const auto& name = key->description.key;
        if (said.contains(key->alternative))
            loading.problems.push_back(
                {given.source, given.line, name,
                 fmt::format("and {} exclude each other: set one", key->alternative)});
        said.insert_or_assign(name, given);
    }
    for (auto& [name, given] : said) {
        if (const auto* key = find_key(name); !key->alternative.empty())
            loading.given.erase(key->alternative);
        loading.given.insert_or_assign(name, std::move(given));
    }
}

void apply_winners(Loading& loading) {
    for (const auto& [name, given] : loading.given) {
        const auto* key = find_key(name);
        key->take(loading.result.settings, given, key->hidden);  // its faults are known by now
    }
}

void find_state_directory(Loading& loading, const Environment& environment) {
    const auto variable = environment.find("STATE_DIRECTORY");
    if (loading.is_given("store.database") || variable == environment.end()) return;
    const auto first = variable->second.substr(0, variable->second.find(':'));
    if (!first.empty())
        loading.result.settings.store.database = std::filesystem::path(first) / "oracoded.db";
}

// By source, as they were read, and in each from top to bottom; what is said about no line comes
// last, as it is often only the consequence of a misspelt one.
void put_in_order(std::vector<Problem>& problems) {
    std::vector<std::string> sources;
    for (const auto& problem : problems)
        if (std::ranges::find(sources, problem.source) == sources.end())
            sources.push_back(problem.source);
    std::ranges::stable_sort(problems, {}, [&sources](const Problem& problem) {
        return std::pair{std::ranges::find(sources, problem.source) - sources.begin(),
                         problem.line - 1};
    });
}

}  // namespace

std::string to_string(const Problem& problem) {
    std::string text = problem.source;
    if (problem.line != 0) text += fmt::format(":{}", problem.line);
    if (!problem.key.empty()) text += ": " + problem.key;
    return text + ": " + problem.sentence;
}

std::string to_string(const ConfigErrors& refusal) {
    std::string text;
    for (const auto& problem : refusal.problems) {
        if (!text.empty()) text += "; ";
        text += to_string(problem);
    }
    return text;
}

void throw_exception_from_error(const ConfigErrors& refusal, const boost::source_location& where) {
    const auto first = refusal.problems.empty() ? "" : to_string(refusal.problems.front());
    throw std::logic_error(fmt::format("{} (unchecked at {})", first, where.to_string()));
}

Environment environment_from(const char* const* variables) {
    Environment environment;
    for (; *variables != nullptr; ++variables) {
        const std::string_view variable = *variables;
        const auto equals = variable.find('=');
        if (equals == std::string_view::npos || equals == 0) continue;
        environment.emplace(variable.substr(0, equals), variable.substr(equals + 1));
    }
    return environment;
}

boost::system::result<Loaded, ConfigErrors> load(const Sources& sources) {
    Loading loading;
    loading.fallback = sources.file ? sources.file->native() : "settings";
    put_on_top(loading, layer_of_file(loading, sources));
    put_on_top(loading, layer_of_environment(loading, sources.environment));
    put_on_top(loading, layer_of_flags(loading, sources.flags));
    // Where the file is not TOML or absent, all that would be missed stands in it.
    const bool readable = std::ranges::none_of(loading.problems, [](const Problem& problem) {
        return problem.key.empty() && !problem.source.starts_with(variable_prefix);
    });
    if (readable) {
        apply_winners(loading);
        find_state_directory(loading, sources.environment);
        find_certificates(loading, sources.environment);
        read_secrets(loading, sources.environment);
        check(loading);
    }
    if (loading.problems.empty()) return std::move(loading.result);
    put_in_order(loading.problems);
    return ConfigErrors{std::move(loading.problems)};
}

}  // namespace oracode::settings
