#include "daemon/app.hpp"

#include <algorithm>
#include <csignal>
#include <optional>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "api/health.hpp"
#include "api/long_reads.hpp"
#include "daemon/http_observer.hpp"
#include "daemon/io_thread.hpp"
#include "http/listener.hpp"
#include "logging/log.hpp"
#include "metrics/metrics.hpp"
#include "poller/poller.hpp"
#include "store/store.hpp"

namespace oracode::daemon {
namespace {

Exit exit_code_of(StoreError::Kind kind) {
    switch (kind) {
        case StoreError::Kind::locked:
            return Exit::unavailable;
        case StoreError::Kind::newer:
        case StoreError::Kind::foreign:
            return Exit::configuration;
        case StoreError::Kind::permission:
            return Exit::permission;
        case StoreError::Kind::corrupt:
        case StoreError::Kind::io:
            return Exit::input_output;
    }
    return Exit::software;
}

std::vector<webhook::Secret> secrets_of(const WebhookSettings& settings) {
    std::vector<webhook::Secret> secrets;
    for (const auto& text : settings.secrets) {
        auto secret = webhook::Secret::parse(text);
        if (!secret)
            throw StartFailure{Exit::configuration, "webhook.secrets: " + secret.error().detail};
        secrets.push_back(std::move(*secret));
    }
    return secrets;
}

webhook::Verifier verifier_of(const WebhookSettings& settings) {
    return {secrets_of(settings), settings.timestamp_tolerance};
}

std::vector<api::Credential> credentials_of(const ApiSettings& settings) {
    std::vector<api::Credential> credentials;
    for (const auto& token : settings.tokens) {
        const auto permission = token.write ? api::Permission::write : api::Permission::read;
        credentials.push_back({token.name, token.token, permission});
    }
    return credentials;
}

using CredentialsPointer = std::shared_ptr<http::tls::Credentials>;

CredentialsPointer load_credentials(const std::filesystem::path& certificate,
                                    const std::filesystem::path& key) {
    auto loaded = http::tls::Credentials::load({certificate.string(), key.string()});
    if (!loaded) throw StartFailure{Exit::configuration, loaded.error().detail};
    return std::move(*loaded);
}

http::ListeningSocket open_socket(const ListenAddress& address, unsigned unix_mode) {
    auto socket = http::ListeningSocket::open(to_string(address), {.unix_mode = unix_mode});
    if (!socket) throw StartFailure{Exit::unavailable, socket.error().detail};
    return std::move(*socket);
}

std::string url_of(const HttpUrl& url) {
    const bool v6 = url.host.find(':') != std::string::npos;
    return fmt::format("{}://{}{}{}:{}{}", url.tls ? "https" : "http", v6 ? "[" : "", url.host,
                       v6 ? "]" : "", url.port, url.path);
}

// What a program of the network reads beside its own settings; the lower-case name is the older
// custom.
std::string variable(const char* name, const char* other) {
    const char* value =
        std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing here sets variables
    if (value == nullptr) value = std::getenv(other);  // NOLINT(concurrency-mt-unsafe)
    return value != nullptr ? value : "";
}

// Sockets that systemd passed: those it names "api" are the API's, all others the webhook
// listener's.
struct PassedSockets {
    std::vector<http::ListeningSocket> webhook;
    std::vector<http::ListeningSocket> api;
};

PassedSockets passed_sockets() {
    PassedSockets passed;
    char** names = nullptr;
    const int count = sd_listen_fds_with_names(1, &names);
    for (int i = 0; i < count; ++i) {
        auto socket = http::ListeningSocket::adopt(SD_LISTEN_FDS_START + i);
        if (!socket) throw StartFailure{Exit::configuration, socket.error().detail};
        auto& sockets = std::string_view(names[i]) == "api" ? passed.api : passed.webhook;
        sockets.push_back(std::move(*socket));
    }
    for (int i = 0; i < count; ++i) free(names[i]);  // sd_listen_fds_with_names(3) gives them to us
    free(static_cast<void*>(names));
    return passed;
}

}  // namespace

class App::Parts {
public:
    Parts(Settings settings, Clock now);

    Exit run(const std::function<boost::system::result<Loaded, Refusal>()>& reload);

private:
    void open_store();
    void open_poller();
    void start_threads();
    void open_listeners();
    std::unique_ptr<http::Listener> listener(std::string_view name,
                                             std::vector<http::ListeningSocket> sockets,
                                             http::Handler (IoThread::*handler)(),
                                             const http::Limits& limits,
                                             CredentialsPointer credentials,
                                             HttpObserver& observer);
    void note_commit(const store::Commit& commit);
    void wait_for_signal();
    void reload(const boost::system::result<Loaded, Refusal>& loaded);
    void drain();
    void close_down();

    Settings settings_;
    Clock now_;
    Metrics metrics_;
    HttpObserver webhook_observer_{"webhook", true, metrics_};
    HttpObserver api_observer_{"api", false, metrics_};
    std::atomic<bool> draining_{false};
    bool store_failing_ = false;  // the store's thread only
    std::atomic<poller::Poller*> poller_for_commits_{nullptr};
    CredentialsPointer webhook_credentials_;
    CredentialsPointer api_credentials_;
    api::Access access_;
    boost::asio::io_context control_{1};
    boost::asio::signal_set signals_{control_, SIGTERM, SIGINT, SIGHUP};
    std::function<boost::system::result<Loaded, Refusal>()> load_again_;
    std::optional<Store> store_;
    std::optional<api::LongReads> long_reads_;
    std::optional<poller::Poller> poller_;
    std::optional<api::Health> health_;
    // Destroyed in the reverse order: first the listeners, then the threads that they use, then
    // what these use.
    std::vector<std::unique_ptr<IoThread>> threads_;
    std::vector<std::unique_ptr<http::Listener>> listeners_;
};

App::Parts::Parts(Settings settings, Clock now)
    : settings_(std::move(settings)), now_(std::move(now)), access_(credentials_of(settings_.api)) {
    const auto& webhook = settings_.webhook;
    if (webhook.tls)
        webhook_credentials_ = load_credentials(webhook.certificate, webhook.private_key);
    if (!settings_.api.certificate.empty())
        api_credentials_ = load_credentials(settings_.api.certificate, settings_.api.private_key);
    if (webhook_credentials_) metrics_.certificate_valid_until(webhook_credentials_->not_after());
    open_store();
    open_poller();
    start_threads();
    open_listeners();
}

void App::Parts::open_store() {
    try {
        store_.emplace(StoreOptions{
            .path = settings_.store.database.string(),
            .policy = {.grace = settings_.poll.grace,
                       .retry_min = settings_.poll.retry_min,
                       .retry_max = settings_.poll.retry_max},
            .clock = now_,
            .committed = [this](const store::Commit& commit) { note_commit(commit); }});
        long_reads_.emplace(store_->path());
    } catch (const StoreError& error) {
        throw StartFailure{exit_code_of(error.kind()), error.what()};
    }
    metrics_.gauge("oracoded_db_size_bytes", "Size of the database file.",
                   [this] { return static_cast<double>(store_->sizes().database); });
    metrics_.gauge("oracoded_db_wal_size_bytes", "Size of SQLite's write-ahead log.",
                   [this] { return static_cast<double>(store_->sizes().log); });
    metrics_.gauge("oracoded_store_queue_length", "Writes that wait for the next commit.",
                   [this] { return static_cast<double>(store_->queued()); });
}

void App::Parts::open_poller() {
    const auto& seam = settings_.seam;
    const auto& poll = settings_.poll;
    poller::PlannerOptions planner;
    planner.batch = poll.batch;
    planner.requests_per_minute = static_cast<unsigned>(poll.requests_per_minute);
    planner.backfill = poll.backfill;
    planner.breaker.bad_key_interval = poll.retry_max;
    seam::ClientOptions client;
    client.endpoint = url_of(seam.endpoint);
    client.api_key = seam.api_key;
    client.workspace_id = seam.workspace_id;
    client.ca_file = seam.ca_file.string();
    client.timeout = seam.timeout;
    client.https_proxy = variable("HTTPS_PROXY", "https_proxy");
    client.no_proxy = variable("NO_PROXY", "no_proxy");
    try {
        poller_.emplace(poller::Poller::Parts{*store_, metrics_, now_, planner, std::move(client)});
    } catch (const std::invalid_argument& error) {
        throw StartFailure{Exit::configuration, error.what()};
    } catch (const StoreError& error) {
        throw StartFailure{exit_code_of(error.kind()), error.what()};
    }
    poller_for_commits_ = &*poller_;
}

void App::Parts::start_threads() {
    const auto listening = [this]() -> std::optional<std::string> {
        if (draining_) return "shutting down";
        return std::nullopt;
    };
    health_.emplace(
        *store_, metrics_,
        std::vector<api::Check>{{"listener", listening},
                                {"seam", [this] { return poller_->trouble(); }, false}});
    const auto count = std::clamp(std::thread::hardware_concurrency(), 1U, 16U);
    const IoThread::Shared shared{*store_,
                                  metrics_,
                                  *long_reads_,
                                  access_,
                                  *health_,
                                  *poller_,
                                  now_,
                                  settings_.poll.grace,
                                  settings_.webhook.path};
    for (unsigned i = 0; i < count; ++i)
        threads_.push_back(std::make_unique<IoThread>(shared, verifier_of(settings_.webhook)));
}

void App::Parts::open_listeners() {
    auto passed = passed_sockets();
    if (passed.webhook.empty()) passed.webhook.push_back(open_socket(settings_.webhook.listen, 0));
    if (passed.api.empty())
        passed.api.push_back(open_socket(settings_.api.listen, settings_.api.socket_mode));
    http::Limits limits;
    limits.max_body = settings_.webhook.max_body;
    limits.max_connections = settings_.webhook.max_connections;
    limits.max_connections_per_address = settings_.webhook.max_connections_per_address;
    listeners_.push_back(listener("webhook", std::move(passed.webhook), &IoThread::webhook_handler,
                                  limits, webhook_credentials_, webhook_observer_));
    http::Limits api_limits;
    api_limits.max_connections = settings_.api.max_connections;
    api_limits.max_connections_per_address = settings_.api.max_connections;
    listeners_.push_back(listener("api", std::move(passed.api), &IoThread::api_handler, api_limits,
                                  api_credentials_, api_observer_));
    if (const auto& address = settings_.metrics.listen) {
        std::vector<http::ListeningSocket> sockets;
        sockets.push_back(open_socket(*address, settings_.api.socket_mode));
        listeners_.push_back(listener("metrics", std::move(sockets), &IoThread::health_handler, {},
                                      nullptr, api_observer_));
    }
}

std::unique_ptr<http::Listener> App::Parts::listener(std::string_view name,
                                                     std::vector<http::ListeningSocket> sockets,
                                                     http::Handler (IoThread::*handler)(),
                                                     const http::Limits& limits,
                                                     CredentialsPointer credentials,
                                                     HttpObserver& observer) {
    http::Listener::Parts parts;
    for (const auto& thread : threads_) {
        parts.contexts.push_back(&thread->context());
        parts.handlers.push_back(((*thread).*handler)());
    }
    parts.sockets = std::move(sockets);
    parts.limits = limits;
    const bool tls = credentials != nullptr;
    parts.credentials = std::move(credentials);
    parts.clock = now_;
    parts.observer = &observer;
    auto made = std::make_unique<http::Listener>(std::move(parts));
    for (const auto& address : made->addresses())
        log::info("http.listening", {{"listener", name}, {"address", address}, {"tls", tls}});
    return made;
}

void App::Parts::note_commit(const store::Commit& commit) {
    const bool failed = !commit.failure.empty();
    if (!failed) metrics_.committed(commit.took, commit.size);
    if (auto* poller = poller_for_commits_.load()) poller->recorded();
    if (failed && !store_failing_) log::error("store.failing", {{"error", commit.failure}});
    if (!failed && store_failing_) log::info("store.recovered");
    store_failing_ = failed;
}

Exit App::Parts::run(const std::function<boost::system::result<Loaded, Refusal>()>& reload) {
    load_again_ = reload;
    for (const auto& thread : threads_) thread->start();
    poller_->start();
    for (const auto& listener : listeners_) listener->start();
    wait_for_signal();
    sd_notify(0, "READY=1\nSTATUS=Receiving webhooks");
    log::info("daemon.started", {{"version", ORACODE_VERSION}, {"database", store_->path()}});
    if (settings_.seam.api_key.empty())
        log::warn("seam.no_api_key", {{"meaning", "codes are neither polled nor created"}});
    control_.run();
    close_down();
    log::info("daemon.stopped");
    return Exit::ok;
}

void App::Parts::wait_for_signal() {
    signals_.async_wait([this](const boost::system::error_code& error, int number) {
        if (error) return;
        if (number == SIGHUP) {
            reload(load_again_());
        } else if (draining_) {
            log::warn("daemon.ended_at_once", {{"signal", number}});
            for (const auto& listener : listeners_) listener->abort();
        } else {
            log::info("daemon.stopping", {{"signal", number}});
            drain();
        }
        wait_for_signal();
    });
}

void App::Parts::drain() {
    draining_ = true;
    sd_notify(0, "STOPPING=1\nSTATUS=Finishing what was accepted");
    auto left = std::make_shared<std::atomic<std::size_t>>(listeners_.size());
    for (const auto& listener : listeners_) {
        listener->stop([this, left] {
            if (left->fetch_sub(1) == 1) control_.stop();
        });
    }
}

void App::Parts::close_down() {
    listeners_.clear();
    poller_->stop();
    long_reads_->stop();
    threads_.clear();
    store_->stop();
    poller_for_commits_ = nullptr;
}

void App::Parts::reload(const boost::system::result<Loaded, Refusal>& loaded) {
    sd_notify(0, "RELOADING=1");
    const auto refuse = [](const std::string& why) {
        log::error("config.reload_refused", {{"why", why}, {"kept", "the settings in force"}});
        sd_notify(0, "READY=1");
    };
    if (!loaded) return refuse(to_string(loaded.error().problems.front()));
    auto next = loaded->settings;
    try {
        // All or nothing: everything that can fail comes before anything is changed.
        const auto verifier = verifier_of(next.webhook);
        if (webhook_credentials_) {
            if (auto done = webhook_credentials_->reload(); !done)
                return refuse(done.error().detail);
            metrics_.certificate_valid_until(webhook_credentials_->not_after());
        }
        if (api_credentials_) {
            if (auto done = api_credentials_->reload(); !done) return refuse(done.error().detail);
        }
    } catch (const StartFailure& failure) {
        return refuse(failure.reason);
    }
    for (const auto& thread : threads_) thread->replace(verifier_of(next.webhook));
    access_.replace(credentials_of(next.api));
    poller_->set_api_key(next.seam.api_key);
    log::set_level(next.log.level);
    for (const auto& key : keys_needing_restart(settings_, next))
        log::warn("config.needs_restart", {{"key", key}});
    log::info("config.reloaded");
    sd_notify(0, "READY=1");
}

App::App(Settings settings, Clock now)
    : parts_(std::make_unique<Parts>(std::move(settings), std::move(now))) {}
App::~App() = default;

Exit App::run(const std::function<boost::system::result<Loaded, Refusal>()>& reload) {
    return parts_->run(reload);
}

}  // namespace oracode::daemon
