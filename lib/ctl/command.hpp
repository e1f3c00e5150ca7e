// What a command of oracodectl is made of. To add one: write its Command in the file of its group
// (code_commands.cpp, status.cpp, …), name it in commands.cpp. How flags are spelled on a command
// line is daemon/ctl/main.cpp's affair.
#pragma once

#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "ctl/failure.hpp"

namespace oracode::ctl {

class DaemonClient;

struct Option {
    enum class Kind : std::uint8_t { positional, value, flag };

    Kind kind = Kind::value;
    const char* name = "";   // "ID" for a positional, "--limit" for the rest
    const char* value = "";  // the value's name in the help: "N"; or its words: "true|false"
    const char* help = "";
    bool required = false;
    // Says what is wrong with a value, or nothing.
    std::string (*check)(const std::string& value) = nullptr;
    const char* environment = "";  // a variable that stands in for a missing option
    // What a value can be, between '|', where `value` does not say it; for shells that complete.
    const char* words = "";
    bool list = false;  // several of the words, between commas
};

// What was given on the command line, by the option's name.
class Arguments {
public:
    void set(std::string name, std::string value) { values_[std::move(name)] = std::move(value); }

    [[nodiscard]] bool has(std::string_view name) const { return values_.contains(name); }
    [[nodiscard]] std::optional<std::string> find(std::string_view name) const;
    // The value of a required option; a bug if it has none.
    [[nodiscard]] const std::string& text(std::string_view name) const;
    [[nodiscard]] std::string text_or(std::string_view name, std::string_view otherwise) const;

private:
    std::map<std::string, std::string, std::less<>> values_;
};

// What every command works with: where to write, how, and whom to ask. Built by main; lives as long
// as the command.
struct Session {
    std::ostream& out;
    std::ostream& err;
    Clock now;
    bool colour = false;  // `out` is a terminal for people
    Arguments global;     // the options in front of the command
    std::string token{};  // of the environment; goes wherever the user says
    std::function<std::string()> installed_token{};  // of this machine; only used for it
    std::function<std::string()> installed_api{};    // where this machine's daemon listens

    [[nodiscard]] bool json() const { return global.has("--json"); }
    [[nodiscard]] bool utc() const { return global.has("--utc"); }
    // An instant that belongs to no lock: on this machine's clock, or in UTC for --utc.
    [[nodiscard]] std::string time(std::string_view rfc3339) const;
    [[nodiscard]] Duration timeout() const;
    // As --api or this machine's installation says, else the default.
    [[nodiscard]] std::string api_address() const;
    // The daemon's API as the global options say, waited for at least `patience` unless they say
    // how long. Throws Failure for an unusable URL or token file.
    [[nodiscard]] std::unique_ptr<DaemonClient> api(Duration patience = {}) const;
};

struct Command {
    const char* name = "";
    const char* help = "";
    const char* example = "";  // a line that could be typed
    std::vector<Option> options;
    ExitCode (*run)(const Arguments& arguments, Session& session) = nullptr;
};

// All commands in the order in which the help shows them, and the options that go with each of
// them.
[[nodiscard]] std::span<const Command> commands();
[[nodiscard]] std::span<const Option> global_options();

// Runs `command` and answers whatever it throws: the sentence goes to `session.err`, the code is
// returned.
[[nodiscard]] int run(const Command& command, const Arguments& arguments, Session& session);

// "true|false" names the words that a value can be. Empty for "URL|unix:PATH", which names kinds.
[[nodiscard]] std::vector<std::string> words_in(std::string_view text);
// What is wrong with a value of `option`, or nothing: it has to be one of the words of
// Option::value and to pass Option::check. Run while the command line is read.
[[nodiscard]] std::string problem_with(const Option& option, const std::string& value);

// Checks for Option::check.
[[nodiscard]] std::string check_address(const std::string& value);
[[nodiscard]] std::string check_duration(const std::string& value);
[[nodiscard]] std::string check_count(const std::string& value);

// A small file. Throws Failure (no_input) naming it by `what`: "the token file".
[[nodiscard]] std::string text_of_file(const std::string& path, std::string_view what);
// The first line of `text` that is neither blank nor a comment (#), without surrounding blanks.
[[nodiscard]] std::string first_line(std::string_view text);

}  // namespace oracode::ctl
