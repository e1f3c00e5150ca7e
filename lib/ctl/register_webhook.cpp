// register-webhook: registers with Seam where oracoded listens, and says where the secret goes.
#include <algorithm>
#include <cstdlib>
#include <ostream>

#include <boost/algorithm/string/replace.hpp>
#include <boost/json.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "client/proxy.hpp"
#include "ctl/commands.hpp"
#include "ctl/daemon_client.hpp"
#include "ctl/http_client.hpp"
#include "seam/client_answer.hpp"

namespace oracode::ctl {
namespace {

namespace json = boost::json;

std::string read_api_key(const Arguments& arguments) {
    if (const auto file = arguments.find("--api-key-file"))
        return first_line(text_of_file(*file, "the API key file"));
    if (const char* variable = std::getenv("SEAM_API_KEY")) return first_line(variable);
    throw Failure(ExitCode::usage,
                  "register-webhook needs --api-key-file FILE, or SEAM_API_KEY in the environment");
}

// Seam's API for the one question and the one request of this command.
class Seam {
public:
    Seam(const Arguments& arguments, const Session& session)
        : key_(read_api_key(arguments)),
          client_(address(arguments), settings(address(arguments), session)) {}

    json::object post(const std::string& path, const json::object& body) {
        HttpRequest request;
        request.method = "POST";
        request.target = client_.address().target + path;
        request.headers = {{"Authorization", "Bearer " + key_},
                           {"Content-Type", "application/json"}};
        request.body = json::serialize(body);
        const auto answer = client_.exchange(request);
        if (answer.status == 401 || answer.status == 403)
            throw Failure(ExitCode::no_permission, "Seam refuses the API key" + reason_of(answer));
        if (answer.status / 100 != 2)
            throw Failure(
                answer.status >= 500 ? ExitCode::unavailable : ExitCode::negative,
                fmt::format("Seam answered {} to {}{}", answer.status, path, reason_of(answer)));
        const auto parsed = parse_body(answer);
        if (!parsed.is_object())
            throw Failure(ExitCode::protocol, "Seam's answer is not a JSON object");
        return parsed.get_object();
    }

private:
    // Seam's own words about a refusal, less the key in case they repeat it.
    [[nodiscard]] std::string reason_of(const HttpAnswer& answer) const {
        seam::RawAnswer raw;
        raw.status = answer.status;
        raw.body = boost::replace_all_copy(answer.body, key_, "***");
        raw.seam_request_id = std::string(answer.header("seam-request-id").value_or(""));
        const auto classified = seam::classify(raw, {}, {});
        if (classified) return {};
        auto error = classified.error();
        error.detail.clear();
        const auto words = seam::describe(error);
        if (words.empty()) return {};
        return words.starts_with(", ") ? ": " + words.substr(2) : words;
    }

    static net::Url address(const Arguments& arguments) {
        auto parsed =
            net::parse_url(arguments.text_or("--endpoint", "https://connect.getseam.com"));
        if (!parsed) throw Failure(ExitCode::usage, "--endpoint: " + parsed.error().detail);
        if (!parsed->is_confidential())
            throw Failure(ExitCode::usage, "--endpoint: the API key may not go over plain http");
        return *parsed;
    }
    static HttpSettings settings(const net::Url& server, const Session& session) {
        HttpSettings settings;
        const auto variables = client::proxy_variables();
        auto proxy = client::proxy_for(server, variables.https_proxy, variables.no_proxy);
        if (!proxy) throw Failure(ExitCode::usage, proxy.error().detail);
        settings.proxy = std::move(*proxy);
        settings.ca_file = session.global.text_or("--ca", "");
        settings.timeout = session.timeout();
        return settings;
    }

    std::string key_;
    HttpClient client_;
};

// Adds the secret as a line of its own, so that others of a rotation stay.
void keep_secret(const std::string& path, const std::string& secret) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const std::string line = secret + "\n";
    const bool written =
        file >= 0 && ::write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    if (file >= 0) ::close(file);
    // Seam shows a secret again in its console, so nothing is lost.
    if (!written)
        throw Failure(ExitCode::negative,
                      "the webhook exists, but its secret could not be written to " + path);
}

const json::object* find_registered(const json::object& listed, std::string_view url) {
    for (const auto& webhook : member_array(listed, "webhooks")) {
        if (webhook.is_object() && member_text(webhook.get_object(), "url") == url)
            return &webhook.get_object();
    }
    return nullptr;
}

// Whether event types that Seam invents later will be delivered, too.
bool takes_all_types(const json::object& webhook) {
    const auto types = member_array(webhook, "event_types");
    return types.empty() || std::ranges::any_of(types, [](const json::value& type) {
               return type.is_string() && type.get_string() == "*";
           });
}

ExitCode run_register_webhook(const Arguments& arguments, Session& session) {
    const auto& url = arguments.text("URL");
    if (!url.starts_with("https://"))
        throw Failure(ExitCode::usage, "Seam delivers to https URLs only");
    Seam seam(arguments, session);
    const auto listed = seam.post("/webhooks/list", {});
    if (const auto* known = find_registered(listed, url)) {
        session.out << url << " is registered already; its secret is shown in Seam's console.\n";
        if (!takes_all_types(*known))
            session.err << "It is subscribed to a list of event types, so types that Seam adds "
                           "later will not be delivered; Seam's console can subscribe it to all.\n";
        return ExitCode::success;
    }
    // Without a list Seam delivers every type, those included that it has yet to invent.
    const auto answer = seam.post("/webhooks/create", {{"url", url}});
    const auto* webhook = answer.if_contains("webhook");
    const auto secret =
        webhook && webhook->is_object() ? member_text(webhook->get_object(), "secret") : "";
    if (secret.empty()) throw Failure(ExitCode::protocol, "Seam's answer has no secret");
    if (session.json()) {
        session.out << json::serialize(*webhook) << '\n';
    } else {
        session.out << "Seam delivers to " << url << " from now on.\n";
    }
    if (const auto file = arguments.find("--secret-file")) {
        keep_secret(*file, secret);
        session.err << "Its secret is in " << *file
                    << "; name that file in webhook.secrets_file, or send the daemon SIGHUP if it "
                       "is there already.\n";
    } else if (!session.json()) {
        session.out << secret
                    << "\nPut this secret as a line into the file that webhook.secrets_file names, "
                       "and send the "
                       "daemon SIGHUP.\n";
    }
    return ExitCode::success;
}

}  // namespace

Command register_webhook_command() {
    return {.name = "register-webhook",
            .help = "Make Seam deliver webhooks to a URL",
            .example =
                "oracodectl register-webhook https://codes.example.org:8443/webhooks/seam "
                "--secret-file secret",
            .options = {{.kind = Option::Kind::positional,
                         .name = "URL",
                         .help = "where oracoded is reached: https://your.name:8443/webhooks/seam",
                         .required = true},
                        {.name = "--api-key-file",
                         .value = "FILE",
                         .help = "a file with Seam's API key (default: SEAM_API_KEY)"},
                        {.name = "--secret-file",
                         .value = "FILE",
                         .help = "add the webhook's secret to this file (default: print it)"},
                        {.name = "--endpoint",
                         .value = "URL",
                         .help = "Seam's API (default https://connect.getseam.com)",
                         .check = check_address}},
            .run = run_register_webhook};
}

}  // namespace oracode::ctl
