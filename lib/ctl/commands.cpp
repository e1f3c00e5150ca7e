#include "ctl/commands.hpp"

#include <ostream>

#include "net/url.hpp"

namespace oracode::ctl {

std::span<const Command> commands() {
    static const std::vector<Command> all{
        status_command(),   arrivals_command(),  alerts_command(),  list_command(),
        show_command(),     history_command(),   devices_command(), slots_command(),
        check_command(),    create_command(),    wait_command(),    watch_command(),
        track_command(),    refresh_command(),   untrack_command(), quarantine_command(),
        notify_command(),   backup_command(),    restore_command(), register_webhook_command(),
        simulate_command(), completion_command()};
    return all;
}

std::span<const Option> global_options() {
    using enum Option::Kind;
    static const std::vector<Option> all{
        {.name = "--api",
         .value = "URL|unix:PATH",
         .help = "where oracoded's API listens (default: api.listen of the daemon's configuration "
                 "where it is on this machine, else http://127.0.0.1:8080)",
         .check = check_address,
         .environment = "ORACODECTL_API"},
        {.name = "--token-file",
         .value = "FILE",
         .help = "a file with a bearer token (default: ORACODECTL_TOKEN, else the daemon's own on "
                 "this machine)",
         .environment = "ORACODECTL_TOKEN_FILE"},
        {.name = "--ca",
         .value = "FILE",
         .help = "PEM certificates to trust (default: the system's)"},
        {.name = "--timeout",
         .value = "DURATION",
         .help = "how long to wait for an answer: 300ms, 30s, 5m, 2h (default 10s)",
         .check = check_duration},
        {.kind = flag, .name = "--json", .help = "print JSON, for programs"},
        {.kind = flag,
         .name = "--utc",
         .help =
             "print times in UTC (default: the lock's own zone, without a lock this machine's)"},
    };
    return all;
}

int run(const Command& command, const Arguments& arguments, Session& session) {
    try {
        return static_cast<int>(command.run(arguments, session));
    } catch (const Failure& failure) {
        session.err << "oracodectl: " << failure.what() << '\n';
        return static_cast<int>(failure.exit);
    }
}

}  // namespace oracode::ctl
