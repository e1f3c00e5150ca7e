#include <array>
#include <optional>
#include <ostream>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "ctl/commands.hpp"
#include "ctl/daemon_client.hpp"
#include "ctl/table.hpp"

namespace oracode::ctl {
namespace {

namespace json = boost::json;

std::string of_size(std::int64_t bytes) {
    constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB"};
    std::size_t unit = 0;
    auto size = static_cast<double>(bytes);
    for (; size >= 1024 && unit + 1 < units.size(); ++unit) size /= 1024;
    return fmt::format("{:.{}f} {}", size, size < 10 && unit > 0 ? 1 : 0, units.at(unit));
}

std::string of_span(std::int64_t seconds) {
    const auto in = [](std::int64_t count, std::string_view unit) {
        return fmt::format("{} {}{}", count, unit, count == 1 ? "" : "s");
    };
    constexpr std::int64_t minute = 60;
    constexpr std::int64_t hour = 60 * minute;
    constexpr std::int64_t day = 24 * hour;
    if (seconds >= 2 * day) return in(seconds / day, "day");
    if (seconds >= 2 * hour) return in(seconds / hour, "hour");
    if (seconds >= 2 * minute) return in(seconds / minute, "minute");
    return in(seconds, "second");
}

// A member as people read it: "76 GiB free", "expires in 29 days", "5 seconds ago".
std::string in_words(std::string_view name, const json::object& check) {
    const auto* value = check.if_contains(name);
    const auto number =
        value->is_number() ? std::optional(value->to_number<double>()) : std::nullopt;
    const auto whole = static_cast<std::int64_t>(number.value_or(0));
    if (number && name == "age_s") return of_span(whole) + " ago";
    if (number && name == "expires_in_s")
        return whole < 0 ? "expired" : "expires in " + of_span(whole);
    if (number && name.ends_with("_bytes"))
        return of_size(whole) + " " + std::string(name.substr(0, name.size() - 6));
    if (number && name.ends_with("_s"))
        return std::string(name.substr(0, name.size() - 2)) + " " + of_span(whole);
    if (value->is_bool()) return (value->get_bool() ? "" : "not ") + std::string(name);
    return std::string(name) + " " +
           (number ? fmt::format("{:.10g}", *number) : member_text(check, name));
}

// What a check says beside its verdict: why it fails, and whatever else it has to tell.
std::string details(const json::object& check) {
    std::string text = member_text(check, "why");
    for (const auto& [name, value] : check) {
        if (name == "ok" || name == "why" || value.is_null()) continue;
        if (!text.empty()) text += ", ";
        text += in_words(name, check);
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

ExitCode run_status(const Arguments&, Session& session) {
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
    return ready ? ExitCode::success : ExitCode::unavailable;
}

}  // namespace

Command status_command() {
    return {.name = "status",
            .help = "Say whether the daemon is ready, check by check; exit code 69 if it is not",
            .example = "oracodectl status",
            .options = {},
            .run = run_status};
}

}  // namespace oracode::ctl
