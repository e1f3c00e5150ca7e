// list, show, history: what the daemon knows of access codes.
#include <algorithm>
#include <ostream>

#include <boost/json.hpp>

#include "ctl/codes.hpp"
#include "ctl/commands.hpp"
#include "ctl/daemon_client.hpp"

namespace oracode::ctl {
namespace {

namespace json = boost::json;

constexpr std::size_t largest_page = 1000;

constexpr std::pair<const char*, const char*> filters[]{{"--overdue", "overdue"},
                                                        {"--ready", "ready"},
                                                        {"--ended", "ended"},
                                                        {"--starts-before", "starts_before"},
                                                        {"--starts-after", "starts_after"},
                                                        {"--updated-since", "updated_since"}};

// What the daemon is asked for in one request: the filters of the command line, `limit` codes from
// `cursor` on.
std::string page_path(const Arguments& arguments, std::size_t limit, const std::string& cursor) {
    std::string path = "/v1/access_codes?limit=" + std::to_string(std::min(limit, largest_page));
    const auto add = [&path](const char* name, const std::string& value) {
        if (!value.empty()) path += std::string("&") + name + "=" + net::percent_encode(value);
    };
    add("status", arguments.text_or("--status", ""));
    add("device_id", arguments.text_or("--device", ""));
    add("external_id", arguments.text_or("--external-id", ""));
    add("search", arguments.text_or("--search", ""));
    for (const auto& [option, parameter] : filters) add(parameter, arguments.text_or(option, ""));
    add("cursor", cursor);
    return path;
}

ExitCode run_list(const Arguments& arguments, Session& session) {
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
        return ExitCode::success;
    }
    if (codes.empty()) {
        session.err << "no access codes\n";
        return ExitCode::success;
    }
    LockNames locks(session);
    table_of_codes(codes, locks).print(session.out, session.colour);
    if (!cursor.empty())
        session.err << "There are more: raise --limit, or go on with --cursor " << printable(cursor)
                    << '\n';
    return ExitCode::success;
}

ExitCode run_show(const Arguments& arguments, Session& session) {
    const auto answer = session.api()->fetch(
        code_path(arguments) + (arguments.has("--include-code") ? "?include=code" : ""));
    print_code(answer, session);
    return ExitCode::success;
}

ExitCode run_history(const Arguments& arguments, Session& session) {
    const auto api = session.api();
    const auto answer = api->fetch(code_path(arguments) + "/history");
    if (session.json()) {
        session.out << answer.body << '\n';
        return ExitCode::success;
    }
    const auto history = parse_object(answer);
    const auto device_id = member_text(parse_object(api->fetch(code_path(arguments))), "device_id");
    LockNames locks(session);
    table_of_transitions(member_array(history, "transitions"), device_id, locks)
        .print(session.out, session.colour);
    if (arguments.has("--events")) {
        session.out << '\n';
        table_of_events(member_array(history, "events"), device_id, locks)
            .print(session.out, session.colour);
    }
    return ExitCode::success;
}

std::string check_instant(const std::string& value) {
    return parse_rfc3339(value) ? ""
                                : "'" + value + "' is not an instant like 2026-03-05T15:00:00Z";
}

}  // namespace

std::string code_path(const Arguments& arguments) {
    return "/v1/access_codes/" + net::percent_encode(arguments.text("ID"));
}

Option access_code_id() {
    return {.kind = Option::Kind::positional,
            .name = "ID",
            .help = "the access code's id, as Seam gave it",
            .required = true};
}

void print_code(const HttpAnswer& answer, Session& session) {
    if (session.json()) {
        session.out << answer.body << '\n';
        return;
    }
    LockNames locks(session);
    table_of_code(parse_object(answer), locks).print(session.out, session.colour);
}

Command list_command() {
    return {.name = "list",
            .help = "List access codes: all, or those that fit every filter that is given",
            .example = "oracodectl list --status unset,setting --ended false",
            .options = {{.name = "--status",
                         .value = "STATUS[,STATUS...]",
                         .help = "only codes that are unset, setting, set, removing or unknown",
                         .words = "unset|setting|set|removing|unknown",
                         .list = true},
                        {.name = "--device", .value = "ID", .help = "only codes of this lock"},
                        {.name = "--search",
                         .value = "WORDS",
                         .help = "only codes whose guest or lock has these words in its name, or "
                                 "whose id this is"},
                        {.name = "--external-id",
                         .value = "TEXT",
                         .help = "only codes with this reference of the caller's own"},
                        {.name = "--overdue",
                         .value = "true|false",
                         .help = "only codes with an event that is overdue, or without"},
                        {.name = "--ready",
                         .value = "true|false",
                         .help = "only codes that open their door now, or do not"},
                        {.name = "--ended",
                         .value = "true|false",
                         .help = "only codes that have ended, or have not"},
                        {.name = "--starts-before",
                         .value = "TIME",
                         .help = "only codes that start before: 2026-03-05T15:00:00Z",
                         .check = check_instant},
                        {.name = "--starts-after",
                         .value = "TIME",
                         .help = "only codes that start after",
                         .check = check_instant},
                        {.name = "--updated-since",
                         .value = "TIME",
                         .help = "only codes of which something was heard since",
                         .check = check_instant},
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
            .example = "oracodectl show 3f6b1c52-8f0e-4f6e-9a41-0c2f5d7e9b10 --include-code",
            .options = {access_code_id(),
                        {.kind = Option::Kind::flag,
                         .name = "--include-code",
                         .help = "show the PIN as well; needs the right to write"}},
            .run = run_show};
}

Command history_command() {
    return {.name = "history",
            .help = "Show how an access code came to its status",
            .example = "oracodectl history 3f6b1c52-8f0e-4f6e-9a41-0c2f5d7e9b10 --events",
            .options = {access_code_id(),
                        {.kind = Option::Kind::flag,
                         .name = "--events",
                         .help = "also list every event received about it"}},
            .run = run_history};
}

}  // namespace oracode::ctl
