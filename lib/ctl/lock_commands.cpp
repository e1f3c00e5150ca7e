// slots, check, create: what a lock takes, and making a code for it.
#include <algorithm>
#include <ostream>

#include <boost/json.hpp>

#include "ctl/codes.hpp"
#include "ctl/commands.hpp"
#include "ctl/daemon_client.hpp"
#include "ctl/lifecycle_script.hpp"
#include "ctl/locks.hpp"

namespace oracode::ctl {
namespace {

namespace json = boost::json;

// Seam may take half a minute to make a code; it should be waited for longer than the daemon waits.
constexpr Duration patience_to_create = std::chrono::seconds{60};

json::object order_of(const Arguments& arguments) {
    json::object order{{"device_id", arguments.text("--device")},
                       {"starts_at", arguments.text("--starts-at")},
                       {"ends_at", arguments.text("--ends-at")}};
    if (const auto name = arguments.find("--name")) order["name"] = *name;
    if (const auto rounding = arguments.find("--max-time-rounding"))
        order["max_time_rounding"] = *rounding;
    if (const auto reference = arguments.find("--external-id")) order["external_id"] = *reference;
    return order;
}

// Every broken rule as a sentence, then what could be had instead.
void print_refusal(const json::object& problem, Session& session) {
    for (const auto& violation : member_array(problem, "violations")) {
        if (!violation.is_object()) continue;
        session.err << "oracodectl: " << printable(member_text(violation.get_object(), "detail"))
                    << '\n';
    }
    const auto& nearest = member_array(problem, "nearest");
    if (nearest.empty()) return;
    session.out << "The lock would take:\n";
    table_of_nearest(nearest).print(session.out, session.colour);
}

// For an answer that is not a success: the exit code, after saying why.
ExitCode refuse(const DaemonClient& api, const HttpAnswer& answer, Session& session) {
    boost::system::error_code malformed;
    const auto value = json::parse(answer.body, malformed);
    const bool explained =
        !malformed && value.is_object() && !member_array(value.get_object(), "violations").empty();
    if (session.json() && !malformed) session.out << answer.body << '\n';
    if (!explained || answer.status == 401) api.fail(answer);
    if (!session.json()) print_refusal(value.get_object(), session);
    return exit_for(answer.status);
}

ExitCode run_check(const Arguments& arguments, Session& session) {
    const auto api = session.api();
    const auto answer = api->post("/v1/access_codes/check", order_of(arguments), {});
    if (answer.status != 200) return refuse(*api, answer, session);
    if (session.json()) {
        session.out << answer.body << '\n';
        return ExitCode::success;
    }
    table_of_window(parse_object(answer)).print(session.out, session.colour);
    return ExitCode::success;
}

// The answer to an order never has the PIN, since it is kept for repeats. Who may order may see it.
void add_pin(json::object& made, DaemonClient& api, Session& session) {
    const auto id = member_text(made, "access_code_id");
    const auto shown = api.get("/v1/access_codes/" + net::percent_encode(id) + "?include=code");
    if (shown.status != 200) {
        session.err << "oracodectl: the code is made; its PIN could not be read: "
                    << problem_text(shown) << '\n';
        return;
    }
    const auto code = parse_object(shown);
    const auto* pin = code.if_contains("code");
    made["code"] = pin != nullptr ? *pin : json::value();
}

// When Seam showed the lock, on the lock's own clock.
std::string as_of(const json::object& device, const Session& session) {
    const auto at = parse_rfc3339(member_text(device, "fetched_at"));
    if (!at) return {};
    const auto zone =
        session.utc() ? std::nullopt : userlevel::Zone::find(member_text(device, "iana_timezone"));
    return time_text(*at, zone, TimeForm::full, session.now());
}

ExitCode run_create(const Arguments& arguments, Session& session) {
    const auto api = session.api(patience_to_create);
    const auto key = arguments.text_or("--idempotency-key", fresh_uuid());
    HttpAnswer answer;
    try {
        answer = api->post("/v1/access_codes", order_of(arguments), key);
    } catch (const Failure& failure) {
        session.err << "oracodectl: to try again without making a second code, add "
                       "--idempotency-key "
                    << printable(key) << '\n';
        throw;
    }
    if (answer.status != 201) {
        if (answer.status >= 500)
            session.err << "oracodectl: to try again without making a second code, add "
                           "--idempotency-key "
                        << printable(key) << '\n';
        return refuse(*api, answer, session);
    }
    auto made = parse_object(answer);
    add_pin(made, *api, session);
    if (session.json()) {
        session.out << json::serialize(made) << '\n';
        return ExitCode::success;
    }
    LockNames locks(session);
    table_of_code(made, locks).print(session.out, session.colour);
    return ExitCode::success;
}

ExitCode run_devices(const Arguments& arguments, Session& session) {
    const auto api = session.api();
    const std::size_t limit = std::stoul(arguments.text_or("--limit", "1000"));
    std::string cursor;
    json::array devices;
    do {
        auto path = "/v1/devices?limit=" +
                    std::to_string(std::min<std::size_t>(limit - devices.size(), 1000));
        if (!cursor.empty()) path += "&cursor=" + net::percent_encode(cursor);
        const auto page = parse_object(api->fetch(path));
        const auto& found = member_array(page, "devices");
        devices.insert(devices.end(), found.begin(), found.end());
        cursor = member_text(page, "next_cursor");
        if (found.empty()) break;
    } while (!cursor.empty() && devices.size() < limit);
    if (session.json()) {
        session.out << json::serialize(json::object{{"devices", std::move(devices)}}) << '\n';
        return ExitCode::success;
    }
    if (devices.empty())
        session.err << "no locks\n";
    else
        table_of_locks(devices).print(session.out, session.colour);
    if (!cursor.empty()) session.err << "There are more: raise --limit\n";
    return ExitCode::success;
}

ExitCode run_slots(const Arguments& arguments, Session& session) {
    const auto answer =
        session.api()->fetch("/v1/devices/" + net::percent_encode(arguments.text("DEVICE")));
    if (session.json()) {
        session.out << answer.body << '\n';
        return ExitCode::success;
    }
    const auto device = parse_object(answer);
    table_of_lock(device, as_of(device, session)).print(session.out, session.colour);
    const auto& slots = member_array(device, "time_slots");
    if (slots.empty()) {
        session.err << "no time slots\n";
        return ExitCode::success;
    }
    session.out << '\n';
    table_of_slots(slots).print(session.out, session.colour);
    return ExitCode::success;
}

std::vector<Option> order_options() {
    return {{.name = "--device", .value = "ID", .help = "the lock", .required = true},
            {.name = "--starts-at",
             .value = "TIME",
             .help = "with an offset, like 2024-09-10T07:00:00-07:00",
             .required = true},
            {.name = "--ends-at", .value = "TIME", .help = "likewise", .required = true},
            {.name = "--name", .value = "NAME", .help = "whom the code is for"},
            {.name = "--max-time-rounding",
             .value = "1h|1d",
             .help = "how far the times may be off a time slot's (default 1h)"},
            {.name = "--external-id",
             .value = "TEXT",
             .help = "a reference of your own, at most 200 bytes: a reservation number"}};
}

}  // namespace

Command devices_command() {
    return {.name = "devices",
            .help = "List the locks: name, site, codes not ended, whether they take offline codes",
            .example = "oracodectl devices",
            .options = {{.name = "--limit",
                         .value = "N",
                         .help = "at most this many (default 1000)",
                         .check = check_count}},
            .run = run_devices};
}

Command slots_command() {
    return {.name = "slots",
            .help = "Show a lock's time slots",
            .example = "oracodectl slots 6aae9d08-fed6-4ca5-8328-e36849ab48fe",
            .options = {{.kind = Option::Kind::positional,
                         .name = "DEVICE",
                         .help = "the lock's device id",
                         .required = true}},
            .run = run_slots};
}

Command check_command() {
    return {.name = "check",
            .help = "Say whether a lock would take an access code, and what it would take instead",
            .example =
                "oracodectl check --device ID --starts-at 2026-03-05T15:00:00-08:00 "
                "--ends-at 2026-03-08T11:00:00-08:00",
            .options = order_options(),
            .run = run_check};
}

Command create_command() {
    auto options = order_options();
    options.push_back({.name = "--idempotency-key",
                       .value = "KEY",
                       .help = "repeats an earlier attempt without making a second code "
                               "(default: a new one)"});
    return {.name = "create",
            .help = "Make an access code at Seam and show its PIN; it cannot be deleted",
            .example =
                "oracodectl create --device ID --starts-at 2026-03-05T15:00:00-08:00 "
                "--ends-at 2026-03-08T11:00:00-08:00 --name 'Ada Lovelace'",
            .options = std::move(options),
            .run = run_create};
}

}  // namespace oracode::ctl
