// oracodectl: reads the command line with CLI11 and hands over to the table of commands in lib/ctl.
#include <clocale>
#include <csignal>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "core/version.hpp"
#include "ctl/command.hpp"
#include "ctl/table.hpp"
#include "daemon/ctl/installed_token.hpp"
#include "settings/load.hpp"

namespace {

using oracode::ExitCode;
using oracode::ctl::Arguments;
using oracode::ctl::Command;
using oracode::ctl::Option;

constexpr const char* footer =
    "Exit codes: 0 done, 1 no (not found, not accepted), 64 usage, 65/66 unusable/unreadable input "
    "file,\n"
    "69 daemon or listener unavailable, 73 cannot write the output file, 75 not reached in time,\n"
    "76 no proper answer, 77 not allowed.";

CLI::Option* add(CLI::App& app, const Option& option, Arguments& into) {
    const std::string name = option.name;
    CLI::Option* added = nullptr;
    if (option.kind == Option::Kind::flag) {
        added = app.add_flag_function(
            name, [name, &into](std::int64_t) { into.set(name, ""); }, option.help);
    } else {
        added = app.add_option_function<std::string>(
            name, [name, &into](const std::string& value) { into.set(name, value); }, option.help);
        added->check(CLI::Validator(
            [&option](const std::string& value) { return problem_with(option, value); }, ""));
        if (*option.value != '\0') added->type_name(option.value);
    }
    if (*option.environment != '\0') added->envname(option.environment);
    return added->required(option.required);
}

// The subcommands' arguments, kept where CLI11's callbacks find them until it has finished.
struct Parsed {
    Arguments global;
    std::map<std::string, Arguments, std::less<>> by_command;
    const Command* chosen = nullptr;
};

void describe(CLI::App& app, Parsed& parsed) {
    app.require_subcommand(1);
    app.fallthrough();  // `oracodectl show ID --json` is as good as `oracodectl --json show ID`
    app.footer(footer);
    app.set_version_flag("--version", "oracodectl " + std::string(oracode::version()));
    for (const auto& option : oracode::ctl::global_options()) add(app, option, parsed.global);
    for (const auto& command : oracode::ctl::commands()) {
        auto* subcommand = app.add_subcommand(command.name, command.help);
        subcommand->footer(std::string("Example:\n  ") + command.example);
        for (const auto& option : command.options)
            add(*subcommand, option, parsed.by_command[command.name]);
        subcommand->callback([&parsed, &command] { parsed.chosen = &command; });
    }
}

int run(int argc, char** argv) {
    CLI::App app{"Asks and tries out oracoded, the keeper of Oracode access codes' lifecycles.",
                 "oracodectl"};
    Parsed parsed;
    describe(app, parsed);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::usage);
    }
    oracode::ctl::Session session{
        std::cout, std::cerr,
        [] {
            return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
        },
        oracode::ctl::takes_colour(STDOUT_FILENO), parsed.global};
    const auto environment = oracode::settings::environment_from(environ);
    if (const auto token = environment.find("ORACODECTL_TOKEN"); token != environment.end())
        session.token = token->second;
    session.installed_token = [&environment] { return oracode::ctl::installed_token(environment); };
    session.installed_api = [&environment] { return oracode::ctl::installed_api(environment); };
    return oracode::ctl::run(*parsed.chosen, parsed.by_command[parsed.chosen->name], session);
}

}  // namespace

int main(int argc, char** argv) {
    std::setlocale(LC_TIME, "C");
    // A pager that is left early must not kill us with a signal: the write fails instead.
    std::signal(SIGPIPE, SIG_IGN);
    try {
        return run(argc, argv);
    } catch (const std::exception& bug) {
        std::cerr << "oracodectl: " << bug.what() << '\n';
        return static_cast<int>(ExitCode::software);
    }
}
