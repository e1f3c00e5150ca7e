// list, show, history: what the daemon knows of access codes.
#include <algorithm>
#include <ostream>

#include <boost/json.hpp>

#include "ctl/api.hpp"
#include "ctl/codes.hpp"
#include "ctl/commands.hpp"

namespace oracode::ctl {
namespace {

namespace json = boost::json;

constexpr std::size_t largest_page = 1000;

json::object parse_object(const HttpAnswer& answer) {
    auto value = parse_body(answer);
    if (!value.is_object())
        throw Failure(Exit::protocol, "the answer is no JSON object; is this oracoded's API?");
    return std::move(value.get_object());
}

std::string code_path(const Arguments& arguments) {
    return "/v1/access_codes/" + escape(arguments.text("ID"));
}

// What the daemon is asked for in one request: the filters of the command line, `limit` codes from
// `cursor` on.
std::string page_path(const Arguments& arguments, std::size_t limit, const std::string& cursor) {
    std::string path = "/v1/access_codes?limit=" + std::to_string(std::min(limit, largest_page));
    const auto add = [&path](const char* name, const std::string& value) {
        if (!value.empty()) path += std::string("&") + name + "=" + escape(value);
    };
    add("status", arguments.text_or("--status", ""));
    add("device_id", arguments.text_or("--device", ""));
    add("cursor", cursor);
    return path;
}

Exit run_list(const Arguments& arguments, Session& session) {
    const auto api = session.api();
    const std::size_t limit = std::stoul(arguments.text_or("--limit", "100"));
    std::string cursor = arguments.text_or("--cursor", "");
    json::array codes;
    do {
        auto page = parse_object(api->fetch(page_path(arguments, limit - codes.size(), cursor)));
        const auto& found = member_array(page, "access_codes");
        codes.insert(codes.end(), found.begin(), found.end());
        cursor = member_text(page, "next_cursor");
        if (found.empty()) break;
    } while (!cursor.empty() && codes.size() < limit);

    if (session.json()) {
        json::object merged;
        merged["access_codes"] = std::move(codes);
        merged["next_cursor"] = cursor.empty() ? json::value() : json::value(cursor);
        session.out << json::serialize(merged) << '\n';
        return Exit::success;
    }
    if (codes.empty()) {
        session.err << "no access codes\n";
        return Exit::success;
    }
    table_of_codes(codes).print(session.out, session.colour);
    if (!cursor.empty())
        session.err << "There are more: raise --limit, or go on with --cursor " << printable(cursor)
                    << '\n';
    return Exit::success;
}

Exit run_show(const Arguments& arguments, Session& session) {
    const auto answer = session.api()->fetch(
        code_path(arguments) + (arguments.has("--include-code") ? "?include=code" : ""));
    if (session.json()) {
        session.out << answer.body << '\n';
    } else {
        table_of_code(parse_object(answer)).print(session.out, session.colour);
    }
    return Exit::success;
}

Exit run_history(const Arguments& arguments, Session& session) {
    const auto answer = session.api()->fetch(code_path(arguments) + "/history");
    if (session.json()) {
        session.out << answer.body << '\n';
        return Exit::success;
    }
    const auto history = parse_object(answer);
    table_of_transitions(member_array(history, "transitions")).print(session.out, session.colour);
    if (arguments.has("--events")) {
        session.out << '\n';
        table_of_events(member_array(history, "events")).print(session.out, session.colour);
    }
    return Exit::success;
}

Option access_code_id() {
    return {.kind = Option::Kind::positional,
            .name = "ID",
            .help = "the access code's id, as Seam gave it",
            .required = true};
}

}  // namespace

Command list_command() {
    return {.name = "list",
            .help = "List access codes",
            .options = {{.name = "--status",
                         .value = "STATUS[,STATUS...]",
                         .help = "only codes that are unset, setting, set, removing or unknown"},
                        {.name = "--device", .value = "ID", .help = "only codes of this lock"},
                        {.name = "--limit",
                         .value = "N",
                         .help = "at most this many (default 100)",
                         .check = check_count},
                        {.name = "--cursor",
                         .value = "CURSOR",
                         .help = "go on where an earlier list ended"}},
            .run = run_list};
}

Command show_command() {
    return {.name = "show",
            .help = "Show an access code",
            .options = {access_code_id(),
                        {.kind = Option::Kind::flag,
                         .name = "--include-code",
                         .help = "show the PIN as well; needs the right to write"}},
            .run = run_show};
}

Command history_command() {
    return {.name = "history",
            .help = "Show how an access code came to its status",
            .options = {access_code_id(),
                        {.kind = Option::Kind::flag,
                         .name = "--events",
                         .help = "also list every event received about it"}},
            .run = run_history};
}

}  // namespace oracode::ctl
