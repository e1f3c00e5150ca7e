#include <ostream>

#include <boost/json.hpp>

#include "ctl/api.hpp"
#include "ctl/commands.hpp"
#include "ctl/table.hpp"

namespace oracode::ctl {
namespace {

namespace json = boost::json;

// What a check says beside its verdict: why it fails, and whatever else it has to tell.
std::string details(const json::object& check) {
    std::string text = member_text(check, "why");
    for (const auto& [name, value] : check) {
        if (name == "ok" || name == "why" || value.is_null()) continue;
        if (!text.empty()) text += ", ";
        text += std::string(name) + " " + member_text(check, name);
    }
    return text;
}

void print_checks(const json::object& readiness, const Session& session) {
    const auto* checks = readiness.if_contains("checks");
    if (checks == nullptr || !checks->is_object()) return;
    Table table({"CHECK", "STATE", "DETAIL"});
    for (const auto& [name, value] : checks->get_object()) {
        const auto* check = value.if_object();
        if (check == nullptr) continue;
        const bool ok = member_true(*check, "ok");
        table.add({std::string(name),
                   {ok ? "ok" : "failed", ok ? Hue::green : Hue::red},
                   details(*check)});
    }
    table.print(session.out, session.colour);
}

Exit run_status(const Arguments&, Session& session) {
    const auto api = session.api();
    const auto answer = api->get("/readyz");
    const bool ready = answer.status == 200;
    if (!ready && answer.status != 503)
        throw Failure(exit_for(answer.status), problem_text(answer));
    const auto body = parse_body(answer);
    if (session.json()) {
        session.out << answer.body << '\n';
    } else {
        session.out << "oracoded at " << api->address().display() << " is "
                    << painted(ready ? "ready" : "not ready", ready ? Hue::green : Hue::red,
                               session.colour)
                    << '\n';
        if (body.is_object()) print_checks(body.get_object(), session);
    }
    return ready ? Exit::success : Exit::unavailable;
}

}  // namespace

Command status_command() {
    return {.name = "status",
            .help = "Say whether the daemon is ready, check by check; exit code 69 if it is not",
            .options = {},
            .run = run_status};
}

}  // namespace oracode::ctl
