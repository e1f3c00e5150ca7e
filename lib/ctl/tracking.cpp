// track, refresh, untrack: what the daemon shall do about a code.
#include <boost/json.hpp>

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
    const auto reference = arguments.find("--external-id");
    if (!reference) return demand("PUT", "", arguments, session);
    const auto api = session.api(seam_may_take);
    const auto answer = api->put(code_path(arguments), {{"external_id", *reference}});
    if (answer.status / 100 != 2) api->fail(answer);
    print_code(answer, session);
    return ExitCode::success;
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
            .example = "oracodectl track 3f6b1c52-8f0e-4f6e-9a41-0c2f5d7e9b10 --external-id R-1042",
            .options = {access_code_id(),
                        {.name = "--external-id",
                         .value = "TEXT",
                         .help = "a reference of your own, at most 200 bytes: a reservation "
                                 "number; empty to remove it (default: as it is)"}},
            .run = run_track};
}

Command refresh_command() {
    return {.name = "refresh",
            .help = "Ask Seam about an access code now",
            .example = "oracodectl refresh 3f6b1c52-8f0e-4f6e-9a41-0c2f5d7e9b10",
            .options = {access_code_id()},
            .run = run_refresh};
}

Command untrack_command() {
    return {.name = "untrack",
            .help = "Leave Seam alone about an access code; its webhooks are still heard",
            .example = "oracodectl untrack 3f6b1c52-8f0e-4f6e-9a41-0c2f5d7e9b10",
            .options = {access_code_id()},
            .run = run_untrack};
}

}  // namespace oracode::ctl
