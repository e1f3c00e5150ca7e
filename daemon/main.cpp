// oracoded: reads the command line and the settings, and runs the daemon in the foreground.
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <map>
#include <new>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/thread.hpp"
#include "core/version.hpp"
#include "daemon/app.hpp"
#include "daemon/config_check.hpp"
#include "logging/log.hpp"
#include "settings/load.hpp"

namespace {

using namespace oracode;

constexpr std::string_view out_of_memory = "there is not enough memory";

// The only place of the daemon that reads the machine's clock.
Timestamp machine_time() {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(
        std::chrono::system_clock::now());
}

struct CommandLine {
    std::string config;
    bool check_config = false;
    std::map<std::string, std::string> overrides;  // by key
};

// "webhook.max_body" as a flag: "--webhook-max-body".
std::string flag_of(std::string key) {
    std::replace(key.begin(), key.end(), '.', '-');
    std::replace(key.begin(), key.end(), '_', '-');
    return "--" + key;
}

void declare(CLI::App& cli, CommandLine& line) {
    cli.add_option("--config", line.config, "Settings, TOML")->type_name("FILE");
    cli.add_flag("--check-config", line.check_config,
                 "Say what is wrong with the settings, and end");
    cli.set_version_flag("--version", "oracoded " + std::string(version()));
    for (const auto& key : settings::describe_keys()) {
        if (key.secret) continue;
        cli.add_option(flag_of(key.key), line.overrides[key.key], std::string(key.help))
            ->type_name("VALUE")
            ->group("Settings that beat environment and file");
    }
}

settings::Sources sources_of(const CommandLine& line) {
    settings::Sources sources;
    if (!line.config.empty()) sources.file = line.config;
    sources.environment = settings::environment_from(environ);
    for (const auto& [key, value] : line.overrides) {
        if (!value.empty()) sources.flags.push_back({key, value});
    }
    return sources;
}

// A connection takes a descriptor, and the usual soft limit of 1024 is far below the connections
// the settings allow.
void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

// PINs and keys are in memory: no core file, and no other process of the same user may read it.
void hide_memory() {
    constexpr rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
}

// The system ends a process by a signal again once the last signal_set for it is gone. This one
// stays, so that one more SIGTERM at the very end does not change the exit code.
void keep_signals() {
    static auto* const context = new boost::asio::io_context;
    [[maybe_unused]] static auto* const kept =
        new boost::asio::signal_set{*context, SIGTERM, SIGINT, SIGHUP};
}

int report(const std::vector<settings::Problem>& problems) {
    for (const auto& problem : problems) std::cerr << "oracoded: " << to_string(problem) << '\n';
    return static_cast<int>(ExitCode::configuration);
}

int check(const settings::Loaded& loaded) {
    for (const auto& warning : loaded.warnings)
        std::cerr << "oracoded: warning: " << to_string(warning) << '\n';
    const auto found = daemon::check_config(loaded.settings);
    for (const auto& warning : found.warnings)
        std::cerr << "oracoded: warning: " << warning << '\n';
    for (const auto& problem : found.problems) std::cerr << "oracoded: " << problem << '\n';
    if (!found.problems.empty()) return static_cast<int>(ExitCode::configuration);
    std::cout << "The settings are fine.\n";
    return 0;
}

int serve(const settings::Loaded& loaded, const settings::Sources& sources) {
    const auto* journal =
        std::getenv("JOURNAL_STREAM");  // NOLINT(concurrency-mt-unsafe): no thread yet
    log::OutputOptions output;
    output.level = loaded.settings.log.level;
    output.style = {loaded.settings.log.format,
                    journal != nullptr && log::stderr_is_journal(journal)};
    output.now = machine_time;
    const log::Output log_output(std::move(output));
    const auto cannot_start = [](ExitCode code, std::string_view reason) {
        log::error("daemon.cannot_start", {{"reason", reason}});
        return static_cast<int>(code);
    };
    for (const auto& warning : loaded.warnings)
        log::warn("config.warning", {{"text", to_string(warning)}});
    raise_descriptor_limit();
    hide_memory();
    std::signal(SIGPIPE, SIG_IGN);
    keep_signals();
    try {
        daemon::App app(loaded, machine_time);
        return static_cast<int>(app.run([&sources] { return settings::load(sources); }));
    } catch (const daemon::StartFailure& failure) {
        return cannot_start(failure.code, failure.reason);
    } catch (const ThreadFailure& failure) {
        return cannot_start(ExitCode::system, failure.what());
    } catch (const std::bad_alloc&) {
        return cannot_start(ExitCode::system, out_of_memory);
    } catch (const std::exception& error) {
        log::error("daemon.failed", {{"error", std::string_view{error.what()}}});
        return static_cast<int>(ExitCode::software);
    }
}

}  // namespace

int main(int argc, char** argv) try {
    CLI::App cli{"The durable truth about dormakaba Oracode offline access codes"};
    CommandLine line;
    declare(cli, line);
    try {
        cli.parse(argc, argv);
    } catch (const CLI::Success& asked) {  // --help, --version
        return cli.exit(asked);
    } catch (const CLI::ParseError& error) {
        cli.exit(error);
        return static_cast<int>(ExitCode::usage);
    }
    const auto sources = sources_of(line);
    const auto loaded = settings::load(sources);
    if (!loaded) return report(loaded.error().problems);
    if (line.check_config) return check(*loaded);
    return serve(*loaded, sources);
} catch (const ThreadFailure& failure) {
    std::cerr << "oracoded: " << failure.what() << '\n';
    return static_cast<int>(ExitCode::system);
} catch (const std::bad_alloc&) {
    std::cerr << "oracoded: " << out_of_memory << '\n';
    return static_cast<int>(ExitCode::system);
}
