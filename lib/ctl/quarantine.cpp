// quarantine: deliveries that were authentic and could not be used.
#include <algorithm>
#include <ostream>

#include <boost/json.hpp>

#include "ctl/commands.hpp"
#include "ctl/daemon_client.hpp"
#include "ctl/table.hpp"
#include "net/url.hpp"

namespace oracode::ctl {
namespace {

namespace json = boost::json;

constexpr std::size_t largest_page = 1000;

ExitCode list(const Arguments& arguments, Session& session) {
    const auto api = session.api();
    const std::size_t limit = std::stoul(arguments.text_or("--limit", "100"));
    json::array items;
    std::string cursor;
    do {
        std::string path =
            "/v1/quarantine?limit=" + std::to_string(std::min(limit - items.size(), largest_page));
        if (!cursor.empty()) path += "&cursor=" + net::percent_encode(cursor);
        const auto page = parse_object(api->fetch(path));
        const auto& found = member_array(page, "quarantine");
        items.insert(items.end(), found.begin(), found.end());
        cursor = member_text(page, "next_cursor");
        if (found.empty()) break;
    } while (!cursor.empty() && items.size() < limit);
    if (session.json()) {
        json::object merged;
        merged["quarantine"] = std::move(items);
        merged["next_cursor"] = cursor.empty() ? json::value() : json::value(cursor);
        session.out << json::serialize(merged) << '\n';
        return ExitCode::success;
    }
    if (items.empty()) {
        session.err << "nothing is in quarantine\n";
        return ExitCode::success;
    }
    Table table({"ID", "RECEIVED", "SIZE", "REASON"});
    for (const auto& value : items) {
        if (!value.is_object()) continue;
        const auto& item = value.get_object();
        table.add({member_text(item, "id"), session.time(member_text(item, "received_at")),
                   member_text(item, "size"), member_text(item, "reason")});
        table.add_below(member_text(item, "message_id"));
    }
    table.print(session.out, session.colour);
    return ExitCode::success;
}

std::string path_of(const Arguments& arguments) {
    const auto id = arguments.find("ID");
    if (!id)
        throw Failure(ExitCode::usage, "which one? `oracodectl quarantine list` shows their ids");
    return "/v1/quarantine/" + net::percent_encode(*id);
}

ExitCode show(const Arguments& arguments, Session& session) {
    const auto answer = session.api()->fetch(path_of(arguments));
    if (session.json()) {
        session.out << answer.body << '\n';
        return ExitCode::success;
    }
    const auto item = parse_object(answer);
    Table table;
    table.add({"Received", session.time(member_text(item, "received_at"))});
    table.add({"Message", member_text(item, "message_id")});
    table.add({"Reason", member_text(item, "reason")});
    table.add({"Size", member_text(item, "size")});
    table.print(session.out, session.colour);
    const bool is_text = item.contains("body");
    session.out << '\n'
                << (is_text ? printable(member_text(item, "body"))
                            : "base64: " + member_text(item, "body_base64"))
                << '\n';
    return ExitCode::success;
}

ExitCode replay(const Arguments& arguments, Session& session) {
    const auto answer = session.api()->demand("POST", path_of(arguments) + "/replay");
    const auto outcome = parse_object(answer);
    const auto result = member_text(outcome, "result");
    if (session.json()) {
        session.out << answer.body << '\n';
    } else {
        session.out << printable(result);
        for (const auto* more : {"event_type", "access_code_id", "reason"}) {
            const auto text = member_text(outcome, more);
            if (!text.empty()) session.out << "  " << printable(text);
        }
        session.out << '\n';
    }
    return result == "unusable" ? ExitCode::negative : ExitCode::success;
}

ExitCode run_quarantine(const Arguments& arguments, Session& session) {
    const auto& action = arguments.text("ACTION");
    if (action == "show") return show(arguments, session);
    if (action == "replay") return replay(arguments, session);
    return list(arguments, session);
}

}  // namespace

Command quarantine_command() {
    return {.name = "quarantine",
            .help =
                "List deliveries that could not be used, show one with its body, or try it "
                "again; exit code 1 when it is still unusable",
            .example = "oracodectl quarantine list",
            .options = {{.kind = Option::Kind::positional,
                         .name = "ACTION",
                         .value = "list|show|replay",
                         .help = "what to do",
                         .required = true},
                        {.kind = Option::Kind::positional,
                         .name = "ID",
                         .help = "of the delivery to show or replay"},
                        {.name = "--limit",
                         .value = "N",
                         .help = "list at most this many (default 100)",
                         .check = check_count}},
            .run = run_quarantine};
}

}  // namespace oracode::ctl
