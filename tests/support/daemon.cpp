#include "support/daemon.hpp"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fmt/format.h>

#include "ctl/lifecycle_script.hpp"
#include "support/paths.hpp"
#include "support/tls_certificate.hpp"
#include "webhook/message_id.hpp"
#include "webhook/signature.hpp"

namespace oracode::test {

Daemon::Daemon(Options options) : options_(std::move(options)), tls_(options_.tls) {
    if (tls_) put_certificate(std::chrono::hours{24});
    std::string webhook = options_.webhook;
    if (tls_ && !options_.bare)
        webhook += "certificate = \"certificate.pem\"\nprivate_key = \"key.pem\"\n";
    if (!options_.bare) webhook += fmt::format("secrets = [\"{}\"]\n", daemon_secret);
    folder_.write("oracoded.toml",
                  fmt::format("[webhook]\nlisten = \"127.0.0.1:0\"\ntls = {}\n{}"
                              "[api]\nlisten = \"127.0.0.1:0\"\n{}[store]\n{}{}"
                              "[log]\nlevel = \"debug\"\nformat = \"{}\"\n{}",
                              tls_, webhook, options_.api,
                              options_.bare ? "" : "database = \"oracoded.db\"\n", options_.store,
                              options_.log_format, options_.sections));
}

void Daemon::put_certificate(std::chrono::hours lifetime) const {
    const auto pair = make_certificate("localhost", lifetime);
    folder_.write("certificate.pem", pair.certificate);
    folder_.write("key.pem", pair.private_key);
}

void Daemon::launch() {
    std::error_code none;
    log_seen_ = std::filesystem::file_size(folder_ / "log", none);
    if (none) log_seen_ = 0;
    process_.reset();
    auto environment = options_.environment;
    if (options_.failing_disk) {
        environment["LD_PRELOAD"] = failing_disk_library();
        environment["FAILING_DISK"] = database();
        // The sanitizer wants to come first.
        environment["ASAN_OPTIONS"] = "verify_asan_link_order=0";
    }
    std::vector<std::string> command{options_.program.empty() ? oracoded() : options_.program,
                                     "--config", config()};
    if (!options_.descriptors.empty()) {
        environment["LISTEN_FDS"] = std::to_string(options_.descriptors.size());
        // Only the process itself knows its number.
        command.insert(command.begin(), {"/bin/sh", "-c", "LISTEN_PID=$$ exec \"$0\" \"$@\""});
    }
    process_.emplace(std::move(command), environment, folder_ / "log", options_.descriptors);
}

void Daemon::start() {
    launch();
    const auto started = [this] {
        return log_of_this_run().find("daemon.started") != std::string::npos;
    };
    if (!eventually([&] { return started() || process_->exit_code(); }) || !started())
        throw std::runtime_error("oracoded does not start: " + log_of_this_run());
    webhook_port_ = logged_port("webhook");
    api_port_ = logged_port("api");
}

void Daemon::break_disk(const std::string& what) const {
    folder_.write("fault-" + what, "");
}

void Daemon::mend_disk(const std::string& what) const {
    std::filesystem::remove(folder_ / ("fault-" + what));
}

int Daemon::stop() {
    process_->signal(SIGTERM);
    return process_->wait();
}

void Daemon::kill() {
    process_->signal(SIGKILL);
    process_->wait();
}

std::string Daemon::log_of_this_run() const {
    std::ifstream file(folder_ / "log", std::ios::binary);
    file.seekg(static_cast<std::streamoff>(log_seen_));
    return {std::istreambuf_iterator<char>(file), {}};
}

unsigned short Daemon::logged_port(const std::string& listener) const {
    const auto text = log_of_this_run();
    auto at = text.find("http.listening");
    while (at != std::string::npos) {
        const auto line = text.substr(at, text.find('\n', at) - at);
        const bool of_listener =
            line.find("listener=" + listener) != std::string::npos ||
            line.find("\"listener\":\"" + listener + "\"") != std::string::npos;
        const std::string host = "127.0.0.1:";
        if (of_listener)
            return static_cast<unsigned short>(
                std::stoi(line.substr(line.find(host) + host.size())));
        at = text.find("http.listening", at + 1);
    }
    throw std::runtime_error("no listener named " + listener + ": " + text);
}

namespace {

std::unique_ptr<ctl::HttpClient> client(unsigned short port, bool tls) {
    net::Url address;
    address.transport = tls ? net::Transport::tls : net::Transport::plain;
    address.host = "127.0.0.1";
    address.port = port;
    ctl::HttpSettings settings;
    settings.insecure = tls;
    return std::make_unique<ctl::HttpClient>(std::move(address), std::move(settings));
}

}  // namespace

std::unique_ptr<ctl::HttpClient> Daemon::webhook_client() const {
    return client(webhook_port_, tls_);
}
std::unique_ptr<ctl::HttpClient> Daemon::api_client() const {
    return client(api_port_, false);
}

unsigned Daemon::deliver(const std::string& body) {
    return webhook_client()->exchange(signed_delivery(body)).status;
}

ctl::HttpAnswer Daemon::get(const std::string& target) {
    ctl::HttpRequest request;
    request.target = target;
    return api_client()->exchange(request);
}

ctl::HttpRequest signed_delivery(const std::string& body) {
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(
        std::chrono::system_clock::now().time_since_epoch());
    return signed_delivery(body, webhook::fresh_message_id(), now.count());
}

ctl::HttpRequest signed_delivery(const std::string& body, const std::string& message_id,
                                 std::int64_t timestamp) {
    const auto secret = webhook::Secret::parse(daemon_secret).value();
    const auto when = std::to_string(timestamp);
    ctl::HttpRequest request;
    request.method = "POST";
    request.target = "/webhooks/seam";
    request.headers = {{"Content-Type", "application/json"},
                       {"svix-id", message_id},
                       {"svix-timestamp", when},
                       {"svix-signature", webhook::sign(secret, message_id, when, body)}};
    request.body = body;
    return request;
}

std::string as_text(const ctl::HttpRequest& request) {
    std::string text = request.method + " " + request.target + " HTTP/1.1\r\nHost: localhost\r\n";
    for (const auto& [name, value] : request.headers) text += name + ": " + value + "\r\n";
    return text + "Content-Length: " + std::to_string(request.body.size()) + "\r\n\r\n" +
           request.body;
}

std::string event_json(const EventText& event) {
    return fmt::format(
        R"({{"event_id":"{}","event_type":"{}","workspace_id":"workspace1","created_at":"{}","occurred_at":"{}",)"
        R"({}"access_code_id":"{}","device_id":"device1","connected_account_id":"account1"}})",
        event.event_id, event.type, event.occurred_at, event.occurred_at, event.more,
        event.access_code_id);
}

}  // namespace oracode::test
