// notify test: tries a target of notifications out.
#include <ostream>

#include <fmt/format.h>

#include "ctl/commands.hpp"
#include "ctl/daemon_client.hpp"
#include "ctl/table.hpp"
#include "net/url.hpp"

namespace oracode::ctl {
namespace {

// The daemon waits for the target itself.
constexpr Duration patience = std::chrono::seconds{30};

ExitCode run_notify(const Arguments& arguments, Session& session) {
    const auto answer = session.api(patience)->demand(
        "POST", fmt::format("/v1/notify/{}/test", net::percent_encode(arguments.text("NAME"))));
    const auto result = parse_object(answer);
    const bool delivered = member_true(result, "delivered");
    if (session.json()) {
        session.out << answer.body << '\n';
        return delivered ? ExitCode::success : ExitCode::negative;
    }
    const auto what = delivered ? "delivered: answered " + member_text(result, "status")
                                : "not delivered: " + member_text(result, "error");
    session.out << painted(printable(what), delivered ? Hue::green : Hue::red, session.colour)
                << " in " << member_text(result, "took_ms") << " ms\n";
    if (const auto body = member_text(result, "body"); !body.empty())
        session.out << printable(body) << '\n';
    return delivered ? ExitCode::success : ExitCode::negative;
}

}  // namespace

Command notify_command() {
    return {.name = "notify",
            .help =
                "Send a notification to a target of the daemon's settings now and show what came "
                "back; exit code 1 when it was not taken",
            .example = "oracodectl notify test desk",
            .options = {{.kind = Option::Kind::positional,
                         .name = "ACTION",
                         .value = "test",
                         .help = "what to do",
                         .required = true},
                        {.kind = Option::Kind::positional,
                         .name = "NAME",
                         .help = "of the target, as in [[notify]]",
                         .required = true}},
            .run = run_notify};
}

}  // namespace oracode::ctl
