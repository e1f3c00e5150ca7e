// track, refresh, untrack: what the daemon shall do about a code.
#include "ctl/codes.hpp"
#include "ctl/commands.hpp"
#include "ctl/daemon_client.hpp"

namespace oracode::ctl {
namespace {

// Seam is asked meanwhile, within its own time.
constexpr auto seam_may_take = std::chrono::seconds{60};

ExitCode demand(const char* method, const char* act, const Arguments& arguments, Session& session) {
    const auto api = session.api(seam_may_take);
    print_code(api->demand(method, code_path(arguments) + act), session);
    return ExitCode::success;
}

ExitCode run_track(const Arguments& arguments, Session& session) {
    return demand("PUT", "", arguments, session);
}
ExitCode run_refresh(const Arguments& arguments, Session& session) {
    return demand("POST", "/refresh", arguments, session);
}
ExitCode run_untrack(const Arguments& arguments, Session& session) {
    return demand("POST", "/untrack", arguments, session);
}

}  // namespace

Command track_command() {
    return {.name = "track",
            .help = "Keep an eye on an access code that exists at Seam",
            .options = {access_code_id()},
            .run = run_track};
}

Command refresh_command() {
    return {.name = "refresh",
            .help = "Ask Seam about an access code now",
            .options = {access_code_id()},
            .run = run_refresh};
}

Command untrack_command() {
    return {.name = "untrack",
            .help = "Leave Seam alone about an access code; its webhooks are still heard",
            .options = {access_code_id()},
            .run = run_untrack};
}

}  // namespace oracode::ctl
