// simulate: plays Seam towards a webhook listener.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <ostream>
#include <random>
#include <thread>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "core/text.hpp"
#include "ctl/commands.hpp"
#include "ctl/daemon_client.hpp"
#include "ctl/http_client.hpp"
#include "ctl/lifecycle_script.hpp"
#include "ctl/table.hpp"
#include "webhook/message_id.hpp"
#include "webhook/signature.hpp"

namespace oracode::ctl {
namespace {

struct Delivery {
    const EventKind* kind = nullptr;
    std::string message_id;
    std::string body;
};

webhook::Secret read_secret(const Arguments& arguments) {
    std::string text;
    if (const auto file = arguments.find("--secret-file")) {
        text = first_line(text_of_file(*file, "the secret file"));
    } else if (const char* variable = std::getenv("SEAM_WEBHOOK_SECRET")) {
        text = first_line(variable);
    } else {
        throw Failure(
            ExitCode::usage,
            "simulate needs --secret-file FILE, or SEAM_WEBHOOK_SECRET in the environment");
    }
    auto secret = webhook::Secret::parse(text);
    if (!secret)
        throw Failure(ExitCode::bad_data, "the secret cannot be used: " + secret.error().detail);
    return std::move(*secret);
}

HttpClient listener_client(const Arguments& arguments, const Session& session) {
    if (arguments.has("--ca") && arguments.has("--insecure"))
        throw Failure(ExitCode::usage, "--ca and --insecure exclude each other");
    const auto address = net::parse_url(arguments.text("--url"));
    if (!address) throw Failure(ExitCode::usage, "--url: " + address.error().detail);
    HttpSettings settings;
    settings.ca_file = arguments.text_or("--ca", session.global.text_or("--ca", ""));
    settings.insecure = arguments.has("--insecure");
    settings.timeout = session.timeout();
    return {*address, std::move(settings)};
}

std::vector<const EventKind*> kinds_to_send(const Arguments& arguments) {
    const auto list = arguments.find("--events");
    if (!list) return usual_lifecycle();
    std::vector<const EventKind*> kinds;
    for (const auto type : parts_of(*list, ","))
        kinds.push_back(find_event_kind(type));  // check_events has let only known ones pass
    return kinds;
}

std::string check_events(const std::string& value) {
    for (const auto type : parts_of(value, ",")) {
        if (find_event_kind(type) != nullptr) continue;
        std::string known;
        for (const auto& kind : event_kinds())
            known += (known.empty() ? "" : ", ") + std::string(kind.type);
        return fmt::format("'{}' cannot be simulated; there are {}", type, known);
    }
    return "";
}

std::vector<Delivery> plan(const Arguments& arguments, const Subject& subject, Timestamp start,
                           Duration interval) {
    const auto kinds = kinds_to_send(arguments);
    const bool shuffled = arguments.has("--shuffle");
    std::vector<Delivery> deliveries;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        // Shuffled, the last event may go out first and must have happened by then.
        const auto at = occurrence(i, kinds.size(), start, shuffled ? Duration{0} : interval);
        const Delivery delivery{kinds[i], webhook::fresh_message_id(),
                                event_body(*kinds[i], subject, at)};
        deliveries.insert(deliveries.end(), arguments.has("--duplicates") ? 2 : 1, delivery);
    }
    if (shuffled) std::ranges::shuffle(deliveries, std::mt19937(std::random_device{}()));
    return deliveries;
}

std::string hint(unsigned status) {
    if (status == 401)
        return "; is it the secret that the listener knows, and are both clocks right?";
    if (status == 404 || status == 405)
        return "; is the path that of webhook.path in the listener's configuration?";
    if (status == 503) return "; the listener cannot store anything now, see its log and /readyz";
    return "";
}

void report(const Delivery& delivery, unsigned status, double milliseconds,
            const Session& session) {
    const std::string type = "access_code." + std::string(delivery.kind->type);
    if (session.json()) {
        const boost::json::object line{{"event_type", type},
                                       {"message_id", delivery.message_id},
                                       {"status", status},
                                       {"latency_us", std::llround(milliseconds * 1000)}};
        session.out << boost::json::serialize(line) << '\n' << std::flush;
        return;
    }
    const auto shown =
        painted(std::to_string(status), status / 100 == 2 ? Hue::green : Hue::red, session.colour);
    session.out << fmt::format("{:<42} {}  {}  {:.1f} ms\n", type, delivery.message_id, shown,
                               milliseconds)
                << std::flush;
}

// Sends one delivery as Seam would at this moment. Throws Failure unless the listener accepts it.
void deliver(const Delivery& delivery, const webhook::Secret& secret, HttpClient& client,
             const Session& session) {
    const auto now = std::chrono::floor<std::chrono::seconds>(session.now()).time_since_epoch();
    const std::string timestamp = std::to_string(now.count());
    HttpRequest request;
    request.method = "POST";
    request.target = client.address().target;
    request.headers = {
        {"Content-Type", "application/json"},
        {"svix-id", delivery.message_id},
        {"svix-timestamp", timestamp},
        {"svix-signature", webhook::sign(secret, delivery.message_id, timestamp, delivery.body)}};
    request.body = delivery.body;
    const auto sent = std::chrono::steady_clock::now();
    const auto answer = client.exchange(request);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - sent;
    report(delivery, answer.status, took.count(), session);
    if (answer.status / 100 == 2) return;
    throw Failure(answer.status >= 500 ? ExitCode::unavailable : ExitCode::negative,
                  "not accepted: " + problem_text(answer) + hint(answer.status));
}

ExitCode run_simulate(const Arguments& arguments, Session& session) {
    const auto secret = read_secret(arguments);
    auto client = listener_client(arguments, session);
    const auto interval = parse_duration(arguments.text_or("--interval", "0ms")).value();
    const Subject subject{arguments.find("--code").value_or(fresh_uuid()),
                          arguments.find("--device").value_or(fresh_uuid())};
    if (!session.json())
        session.out << "access code " << subject.access_code_id << " on device "
                    << subject.device_id << '\n';
    bool first = true;
    for (const auto& delivery : plan(arguments, subject, session.now(), interval)) {
        if (!first) std::this_thread::sleep_for(interval);
        first = false;
        deliver(delivery, secret, client, session);
    }
    return ExitCode::success;
}

}  // namespace

Command simulate_command() {
    using enum Option::Kind;
    return {
        .name = "simulate",
        .help =
            "Deliver a properly signed lifecycle of an access code to a webhook listener, as Seam "
            "would",
        .example =
            "oracodectl simulate --url https://localhost:8443/webhooks/seam --secret-file secret "
            "--insecure",
        .options =
            {{.name = "--url",
              .value = "URL",
              .help = "the listener: https://localhost:8443/webhooks/seam",
              .required = true,
              .check = check_address},
             {.name = "--secret-file",
              .value = "FILE",
              .help = "a file with the webhook's secret, whsec_... (default: SEAM_WEBHOOK_SECRET)"},
             {.name = "--ca",
              .value = "FILE",
              .help = "PEM certificates to trust (default: the system's)"},
             {.kind = flag, .name = "--insecure", .help = "take any certificate"},
             {.name = "--code",
              .value = "ID",
              .help = "the access code's id (default: a fresh UUID)"},
             {.name = "--device", .value = "ID", .help = "the lock's id (default: a fresh UUID)"},
             {.name = "--events",
              .value = "TYPE[,TYPE...]",
              .help = "what to deliver (default: "
                      "created,scheduled_on_device,delay_in_setting_on_device,"
                      "set_on_device)",
              .check = check_events},
             {.name = "--interval",
              .value = "DURATION",
              .help = "wait this long between deliveries (default 0ms)",
              .check = check_duration},
             {.kind = flag,
              .name = "--duplicates",
              .help = "deliver everything twice, as retries do"},
             {.kind = flag, .name = "--shuffle", .help = "deliver in a random order"}},
        .run = run_simulate};
}

}  // namespace oracode::ctl
