// alerts: what people are, or were, to be called for.
#include <algorithm>
#include <ostream>

#include <boost/json.hpp>

#include "ctl/commands.hpp"
#include "ctl/daemon_client.hpp"
#include "ctl/lock_names.hpp"
#include "ctl/table.hpp"

namespace oracode::ctl {
namespace {

namespace json = boost::json;

constexpr std::string_view indent = "  ";

json::array fetch_alerts(DaemonClient& api, const Arguments& arguments) {
    const std::size_t limit = std::stoul(arguments.text_or("--limit", "1000"));
    json::array alerts;
    std::string cursor;
    do {
        auto path = "/v1/alerts?limit=" +
                    std::to_string(std::min<std::size_t>(limit - alerts.size(), 1000));
        if (!arguments.has("--all")) path += "&open=true";
        if (const auto kind = arguments.find("--kind"))
            path += "&kind=" + net::percent_encode(*kind);
        if (!cursor.empty()) path += "&cursor=" + net::percent_encode(cursor);
        const auto page = parse_object(api.fetch(path));
        const auto& found = member_array(page, "alerts");
        alerts.insert(alerts.end(), found.begin(), found.end());
        cursor = member_text(page, "next_cursor");
    } while (!cursor.empty() && alerts.size() < limit);
    return alerts;
}

void print(const json::object& alert, LockNames& locks, Session& session) {
    const auto device_id = member_text(alert, "device_id");
    const auto time = [&](std::string_view name) {
        const auto text = member_text(alert, name);
        return device_id.empty() ? session.time(text) : locks.time(device_id, text, TimeForm::full);
    };
    const auto closed = time("closed_at");
    const auto code = member_text(alert, "access_code_id");
    session.out << painted(printable(member_text(alert, "kind")),
                           closed.empty() ? Hue::red : Hue::faint, session.colour)
                << "  since " << time("opened_at") << '\n';
    if (!closed.empty()) session.out << "  closed " << closed << '\n';
    if (!code.empty()) session.out << "  code " << printable(code) << '\n';
    for (const auto& line :
         wrapped(printable(member_text(alert, "detail")), screen_width - indent.size()))
        session.out << indent << line << '\n';
}

ExitCode run_alerts(const Arguments& arguments, Session& session) {
    const auto alerts = fetch_alerts(*session.api(), arguments);
    if (session.json()) {
        session.out << json::serialize(json::object{{"alerts", alerts}}) << '\n';
        return ExitCode::success;
    }
    if (alerts.empty())
        session.err << (arguments.has("--all") ? "there has been no alert\n"
                                               : "no alert is open\n");
    LockNames locks(session);
    for (const auto& alert : alerts)
        if (alert.is_object()) print(alert.get_object(), locks, session);
    return ExitCode::success;
}

}  // namespace

Command alerts_command() {
    return {.name = "alerts",
            .help = "Show the alerts that are open: what a person has to look after",
            .example = "oracodectl alerts --all",
            .options = {{.kind = Option::Kind::flag,
                         .name = "--all",
                         .help = "those that are closed too, the newest first"},
                        {.name = "--kind",
                         .value = "KIND",
                         .help = "of this kind alone",
                         .words = "not_in_order|failed|seam_unreachable|seam_key|codes_missing|"
                                  "webhooks_failing|clock|disk|certificate"},
                        {.name = "--limit",
                         .value = "NUMBER",
                         .help = "how many at most (default 1000)",
                         .check = check_count}},
            .run = run_alerts};
}

}  // namespace oracode::ctl
