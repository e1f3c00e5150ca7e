#include "daemon/app.hpp"

#include <algorithm>
#include <csignal>
#include <optional>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <malloc.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "api/change_feed.hpp"
#include "api/health.hpp"
#include "api/long_reads.hpp"
#include "daemon/from_settings.hpp"
#include "daemon/http_observer.hpp"
#include "daemon/io_thread.hpp"
#include "devices/desk.hpp"
#include "http/listener.hpp"
#include "logging/log.hpp"
#include "metrics/metrics.hpp"
#include "poller/poller.hpp"
#include "store/store.hpp"

namespace oracode::daemon {
class App::Parts {
public:
    Parts(Settings settings, Clock now);

    Exit run(const std::function<boost::system::result<Loaded, Refusal>()>& reload);

private:
    void open_store();
    void open_poller();
    void open_desk();
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
    void watch_certificates();
    Result<void> reload_certificates();
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
    std::atomic<api::ChangeFeed*> feed_for_commits_{nullptr};
    CredentialsPointer webhook_credentials_;
    CredentialsPointer api_credentials_;
    api::Access access_;
    boost::asio::io_context control_{1};
    boost::asio::steady_timer certificates_due_{control_};
    boost::asio::signal_set signals_{control_, SIGTERM, SIGINT, SIGHUP};
    std::function<boost::system::result<Loaded, Refusal>()> load_again_;
    std::optional<Store> store_;
    std::optional<api::LongReads> long_reads_;
    std::optional<api::ChangeFeed> changes_;
    std::optional<poller::Poller> poller_;
    std::optional<devices::Desk> desk_;
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
    open_desk();
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
        feed_for_commits_ = &changes_.emplace(*store_);
    } catch (const StoreError& error) {
        throw StartFailure{exit_code_of(error.kind()), error.what()};
    }
    metrics_.gauge("oracoded_db_size_bytes", "Size of the database file.",
                   [this] { return static_cast<double>(store_->sizes().database); });
    metrics_.gauge("oracoded_db_wal_size_bytes", "Size of SQLite's write-ahead log.",
                   [this] { return static_cast<double>(store_->sizes().log); });
    metrics_.gauge("oracoded_store_queue_length", "Writes that wait for the next commit.",
                   [this] { return static_cast<double>(store_->queued()); });
    metrics_.gauge("oracoded_sse_clients", "Open event streams.",
                   [this] { return static_cast<double>(changes_->streams().load()); });
}

void App::Parts::open_poller() {
    const auto& poll = settings_.poll;
    poller::PlannerOptions planner;
    planner.batch = poll.batch;
    planner.requests_per_minute = static_cast<unsigned>(poll.requests_per_minute);
    planner.backfill = poll.backfill;
    planner.breaker.bad_key_interval = poll.retry_max;
    try {
        poller_.emplace(poller::Poller::Parts{*store_, metrics_, now_, planner,
                                              client_options_of(settings_.seam)});
    } catch (const std::invalid_argument& error) {
        throw StartFailure{Exit::configuration, error.what()};
    } catch (const StoreError& error) {
        throw StartFailure{exit_code_of(error.kind()), error.what()};
    }
    poller_for_commits_ = &*poller_;
}

void App::Parts::open_desk() {
    try {
        desk_.emplace(devices::Desk::Parts{*store_, metrics_, now_,
                                           client_options_of(settings_.seam),
                                           settings_.oracode.max_codes_per_device});
    } catch (const std::invalid_argument& error) {
        throw StartFailure{Exit::configuration, error.what()};
    } catch (const StoreError& error) {
        throw StartFailure{exit_code_of(error.kind()), error.what()};
    }
}

void App::Parts::start_threads() {
    const auto listening = [this]() -> std::optional<std::string> {
        if (draining_) return "shutting down";
        return std::nullopt;
    };
    health_.emplace(api::Health::Parts{
        *store_,
        metrics_,
        *long_reads_,
        now_,
        settings_.poll.grace,
        {{"listener", listening}, {"seam", [this] { return poller_->trouble(); }, false}}});
    const auto count = std::clamp(std::thread::hardware_concurrency(), 1U, 16U);
    const IoThread::Shared shared{*store_,
                                  metrics_,
                                  *long_reads_,
                                  *changes_,
                                  access_,
                                  *health_,
                                  *poller_,
                                  *desk_,
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
    if (auto* feed = feed_for_commits_.load()) feed->committed(commit.last_change);
    if (auto* poller = poller_for_commits_.load()) poller->recorded();
    if (failed && !store_failing_) log::error("store.failing", {{"error", commit.failure}});
    if (!failed && store_failing_) log::info("store.recovered");
    store_failing_ = failed;
}

Exit App::Parts::run(const std::function<boost::system::result<Loaded, Refusal>()>& reload) {
    load_again_ = reload;
    for (const auto& thread : threads_) thread->start();
    poller_->start();
    desk_->start();
    for (const auto& listener : listeners_) listener->start();
    wait_for_signal();
    if (webhook_credentials_ || api_credentials_) watch_certificates();
    sd_notify(0, "READY=1\nSTATUS=Receiving webhooks");
    malloc_trim(0);  // what reading the settings took is not needed again
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

// Whoever renews certificates need not know of us: new files are served within a minute.
void App::Parts::watch_certificates() {
    certificates_due_.expires_after(std::chrono::seconds{30});
    certificates_due_.async_wait([this](const boost::system::error_code& error) {
        if (error) return;
        const auto changed = [](const CredentialsPointer& pair) {
            return pair && pair->changed_on_disk();
        };
        if (changed(webhook_credentials_) || changed(api_credentials_)) {
            if (const auto done = reload_certificates()) {
                log::info("tls.certificate_reloaded");
            } else {
                log::error("tls.reload_refused",
                           {{"why", done.error().detail}, {"kept", "the pair in force"}});
            }
        }
        watch_certificates();
    });
}

Result<void> App::Parts::reload_certificates() {
    for (const auto& pair : {webhook_credentials_, api_credentials_}) {
        if (!pair) continue;
        if (auto done = pair->reload(); !done) return done;
    }
    if (webhook_credentials_) metrics_.certificate_valid_until(webhook_credentials_->not_after());
    return {};
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
    desk_->stop();
    poller_->stop();
    long_reads_->stop();
    changes_->stop();
    threads_.clear();
    store_->stop();
    feed_for_commits_ = nullptr;
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
        static_cast<void>(verifier_of(next.webhook));
        if (auto done = reload_certificates(); !done) return refuse(done.error().detail);
    } catch (const StartFailure& failure) {
        return refuse(failure.reason);
    }
    for (const auto& thread : threads_) thread->replace(verifier_of(next.webhook));
    access_.replace(credentials_of(next.api));
    poller_->set_api_key(next.seam.api_key);
    desk_->set_api_key(next.seam.api_key);
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
