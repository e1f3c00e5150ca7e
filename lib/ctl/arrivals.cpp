// arrivals: who is in the house or comes soon, and whose PIN is not in order.
#include <algorithm>
#include <map>
#include <ostream>

#include <boost/json.hpp>

#include "ctl/commands.hpp"
#include "ctl/daemon_client.hpp"
#include "ctl/table.hpp"

namespace oracode::ctl {
namespace {

namespace json = boost::json;

// Everything fits into 80 columns.
constexpr std::size_t guest_width = 16;
constexpr std::size_t lock_width = 14;

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

// "03-05 15:00" on the lock's own clock; UTC, and saying so, where its zone is not known.
std::string when(const json::object& arrival) {
    auto local = member_text(arrival, "starts_at_local");
    const bool utc = local.empty();
    if (utc) local = member_text(arrival, "starts_at");
    if (local.size() < 16) return "-";
    return local.substr(5, 5) + " " + local.substr(11, 5) + (utc ? "Z" : "");
}

// At most `width` characters; what is left out shows as "…".
std::string shortened(std::string text, std::size_t width) {
    if (text.empty()) return "-";
    std::size_t characters = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
        if (begins && ++characters > width) {
            while ((static_cast<unsigned char>(text[--at]) & 0xC0U) == 0x80U) {
            }
            return text.substr(0, at) + "…";
        }
    }
    return text;
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
            table.add({when(arrival),
                       shortened(member_text(arrival, "name"), guest_width),
                       shortened(member_text(arrival, "device_name"), lock_width),
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
        .options = {{.name = "--within",
                     .value = "DURATION",
                     .help = "how far ahead to look (default 24h)",
                     .check = check_duration},
                    {.name = "--device", .value = "ID", .help = "of this lock alone"}},
        .run = run_arrivals};
}

}  // namespace oracode::ctl
