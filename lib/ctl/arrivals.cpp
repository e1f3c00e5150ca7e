// arrivals: who is in the house or comes soon, and whose PIN is not in order.
#include <algorithm>
#include <map>
#include <ostream>

#include <boost/json.hpp>

#include "ctl/codes.hpp"
#include "ctl/commands.hpp"
#include "ctl/daemon_client.hpp"

namespace oracode::ctl {
namespace {

namespace json = boost::json;

json::array fetch_all(DaemonClient& api, const Arguments& arguments) {
    json::array all;
    std::string cursor;
    do {
        auto path = "/v1/arrivals?limit=1000&within=" +
                    net::percent_encode(arguments.text_or("--within", "24h"));
        if (const auto device = arguments.find("--device"))
            path += "&device_id=" + net::percent_encode(*device);
        if (!cursor.empty()) path += "&cursor=" + net::percent_encode(cursor);
        const auto page = parse_object(api.fetch(path));
        const auto& found = member_array(page, "arrivals");
        all.insert(all.end(), found.begin(), found.end());
        cursor = member_text(page, "next_cursor");
    } while (!cursor.empty());
    return all;
}

// On the lock's own clock; UTC, and saying so, where its zone is not known.
std::string when(const json::object& arrival, const Session& session) {
    const auto at = parse_rfc3339(member_text(arrival, "starts_at"));
    if (!at) return "-";
    const auto zone =
        session.utc() ? std::nullopt : userlevel::Zone::find(member_text(arrival, "iana_timezone"));
    return time_text(*at, zone, TimeForm::minute, session.now());
}

std::string in_words(std::string_view obstacle) {
    static const std::map<std::string_view, std::string_view> words{
        {"ended", "it has ended"},
        {"not_set", "not registered yet"},
        {"no_window", "its times are not known"},
        {"error", "Seam reports an error"},
        {"changing", "Seam is changing it"},
        {"no_pin", "no PIN yet"},
        {"missing", "Seam does not find it"},
        {"unmanaged", "no longer managed"},
        {"altered", "changed outside Seam"}};
    const auto found = words.find(obstacle);
    return std::string(found == words.end() ? obstacle : found->second);
}

std::string what_is_wrong(const json::object& arrival) {
    std::string text;
    for (const auto& obstacle : member_array(arrival, "not_ready")) {
        if (!obstacle.is_string() || obstacle.get_string() == "not_started") continue;
        if (!text.empty()) text += ", ";
        text += in_words(obstacle.get_string());
    }
    return text;
}

ExitCode run_arrivals(const Arguments& arguments, Session& session) {
    const auto arrivals = fetch_all(*session.api(), arguments);
    const bool all_in_order = std::ranges::all_of(arrivals, [](const json::value& arrival) {
        return arrival.is_object() && member_true(arrival.get_object(), "in_order");
    });
    if (session.json()) {
        session.out << json::serialize(json::object{{"arrivals", arrivals}}) << '\n';
    } else if (arrivals.empty()) {
        session.err << "no arrivals\n";
    } else {
        Table table({"ARRIVES", "GUEST", "LOCK", "STATUS", "NOTE"});
        for (const auto& value : arrivals) {
            const auto& arrival = value.as_object();
            const bool good = member_true(arrival, "in_order");
            table.add(
                {when(arrival, session),
                 guest_cell(arrival),
                 lock_cell(member_text(arrival, "device_name"), member_text(arrival, "device_id")),
                 member_text(arrival, "status"),
                 {good ? std::string("in order") : what_is_wrong(arrival),
                  good ? Hue::green : Hue::red}});
        }
        table.print(session.out, session.colour);
    }
    return all_in_order ? ExitCode::success : ExitCode::negative;
}

}  // namespace

Command arrivals_command() {
    return {
        .name = "arrivals",
        .help = "Show who is in the house or arrives soon; exit code 1 if a PIN is not in order",
        .example = "oracodectl arrivals --within 7d",
        .options = {{.name = "--within",
                     .value = "DURATION",
                     .help = "how far ahead to look (default 24h)",
                     .check = check_duration},
                    {.name = "--device", .value = "ID", .help = "of this lock alone"}},
        .run = run_arrivals};
}

}  // namespace oracode::ctl
