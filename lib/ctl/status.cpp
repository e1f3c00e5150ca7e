#include <ostream>

#include <boost/json.hpp>

#include "ctl/api.hpp"
#include "ctl/commands.hpp"
#include "ctl/table.hpp"

namespace oracode::ctl {
namespace {

namespace json = boost::json;

bool passed(const json::value& check) {
    if (check.is_bool()) return check.get_bool();
    if (const auto* text = check.if_string()) return *text == "ok";
    if (const auto* object = check.if_object())
        return member_true(*object, "ok") || member_text(*object, "status") == "ok";
    return false;
}

// Every member of a check beside its name and its verdict, so that a check may say whatever it has
// to.
std::string details(const json::value& check) {
    const auto* object = check.if_object();
    if (object == nullptr) return check.is_string() ? json::value_to<std::string>(check) : "";
    std::string text = member_text(*object, "detail");
    for (const auto& [name, value] : *object) {
        if (name == "name" || name == "ok" || name == "status" || name == "detail" ||
            value.is_null())
            continue;
        if (!text.empty()) text += ", ";
        text += std::string(name) + " " + member_text(*object, name);
    }
    return text;
}

void add_check(Table& table, std::string name, const json::value& check) {
    const bool ok = passed(check);
    table.add(
        {std::move(name), {ok ? "ok" : "failed", ok ? Hue::green : Hue::red}, details(check)});
}

void print_checks(const json::object& readiness, const Session& session) {
    const auto* checks = readiness.if_contains("checks");
    if (checks == nullptr) return;
    Table table({"CHECK", "STATE", "DETAIL"});
    if (const auto* by_name = checks->if_object()) {
        for (const auto& [name, check] : *by_name) add_check(table, name, check);
    } else {
        for (const auto& check : member_array(readiness, "checks"))
            add_check(table, check.is_object() ? member_text(check.get_object(), "name") : "",
                      check);
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
