#include "ctl/command.hpp"

#include <algorithm>
#include <memory>
#include <ostream>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/files.hpp"
#include "core/text.hpp"
#include "ctl/daemon_client.hpp"
#include "ctl/lock_names.hpp"
#include "ctl/table.hpp"
#include "net/url.hpp"

namespace oracode::ctl {

std::optional<std::string> Arguments::find(std::string_view name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) return std::nullopt;
    return found->second;
}

const std::string& Arguments::text(std::string_view name) const {
    const auto found = values_.find(name);
    if (found == values_.end())
        throw std::logic_error("option " + std::string(name) + " was not asked for");
    return found->second;
}

std::string Arguments::text_or(std::string_view name, std::string_view otherwise) const {
    return find(name).value_or(std::string(otherwise));
}

Duration Session::timeout() const {
    return parse_duration(global.text_or("--timeout", "10s")).value();
}

std::string Session::api_address() const {
    if (const auto given = global.find("--api")) return *given;
    const auto installed = installed_api ? installed_api() : std::string{};
    return installed.empty() ? "http://127.0.0.1:8080" : installed;
}

std::string Session::time(std::string_view rfc3339) const {
    const auto at = parse_rfc3339(rfc3339);
    if (utc() && at) return time_text(*at, std::nullopt, TimeForm::full, *at);
    return local_time(rfc3339);
}

std::unique_ptr<DaemonClient> Session::api(Duration patience) const {
    const auto address = net::parse_url(api_address());
    if (!address) throw Failure(ExitCode::usage, "--api: " + address.error().detail);
    HttpSettings settings;
    settings.ca_file = global.text_or("--ca", "");
    settings.timeout = global.has("--timeout") ? timeout() : std::max(timeout(), patience);
    auto presented = token;
    const auto file = global.find("--token-file");
    if (file) {
        presented = first_line(text_of_file(*file, "the token file"));
        if (presented.empty())
            throw Failure(ExitCode::bad_data, "the token file '" + *file + "' is empty");
    }
    if (!presented.empty()) {
        if (!address->is_confidential())
            err << "oracodectl: warning: the token goes to " << address->display()
                << " in clear text; use https there\n";
    } else if (installed_token && address->stays_here()) {
        presented = installed_token();
    }
    return std::make_unique<DaemonClient>(*address, std::move(settings), std::move(presented));
}

std::vector<std::string> words_in(std::string_view text) {
    const bool names_kinds = text.empty() || (text.front() >= 'A' && text.front() <= 'Z');
    if (names_kinds) return {};
    const auto words = parts_of(text, "|");
    return {words.begin(), words.end()};
}

std::string problem_with(const Option& option, const std::string& value) {
    const auto words = words_in(option.value);
    if (words.empty() || std::ranges::find(words, value) != words.end())
        return option.check != nullptr ? option.check(value) : "";
    if (words.size() == 1) return fmt::format("'{}' is not {}", value, words[0]);
    if (words.size() == 2)
        return fmt::format("'{}' is neither {} nor {}", value, words[0], words[1]);
    return fmt::format("'{}' is none of {}", value, fmt::join(words, ", "));
}

std::string check_address(const std::string& value) {
    const auto address = net::parse_url(value);
    return address ? "" : address.error().detail;
}

std::string check_duration(const std::string& value) {
    return parse_duration(value) ? ""
                                 : "'" + value + "' is not a duration; write 300ms, 30s, 5m or 2h";
}

std::string check_count(const std::string& value) {
    const auto count = parse_number<unsigned>(value);
    return count && *count > 0 ? "" : "'" + value + "' is not a positive number";
}

std::string text_of_file(const std::string& path, std::string_view what) {
    auto text = read_file(path);
    if (!text)
        throw Failure(ExitCode::no_input, "cannot read " + std::string(what) + " '" + path +
                                              "': " + text.error().detail);
    return std::move(*text);
}

std::string first_line(std::string_view text) {
    text = without_byte_order_mark(text);
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const auto content = trim(line);
        if (!content.empty() && content.front() != '#') return std::string(content);
    }
    return {};
}

}  // namespace oracode::ctl
