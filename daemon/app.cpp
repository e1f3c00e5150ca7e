#include "daemon/app.hpp"

#include <algorithm>
#include <csignal>
#include <list>
#include <stdexcept>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>

#include "api/answer_cache.hpp"
#include "api/backups.hpp"
#include "api/change_feed.hpp"
#include "api/health.hpp"
#include "api/long_reads.hpp"
#include "api/stats.hpp"
#include "async/loop_thread.hpp"
#include "core/version.hpp"
#include "daemon/alert_watch.hpp"
#include "daemon/checks.hpp"
#include "daemon/code_log.hpp"
#include "daemon/from_settings.hpp"
#include "daemon/gauges.hpp"
#include "daemon/http_observer.hpp"
#include "daemon/io_thread.hpp"
#include "daemon/listeners.hpp"
#include "daemon/reloader.hpp"
#include "daemon/retention.hpp"
#include "daemon/start_memory.hpp"
#include "daemon/start_notes.hpp"
#include "daemon/status_line.hpp"
#include "daemon/store_watch.hpp"
#include "daemon/watchdog.hpp"
#include "devices/device_service.hpp"
#include "logging/log.hpp"
#include "metrics/metrics.hpp"
#include "metrics/process.hpp"
#include "poller/poller.hpp"
#include "store/store.hpp"
#include "supervision/service_manager.hpp"

namespace oracode::daemon {
namespace {

// Secrets and certificates are refused before anything is opened.
CredentialsPointer usable_credentials_of(const settings::WebhookSettings& settings) {
    static_cast<void>(verifier_of(settings));
    return webhook_credentials_of(settings);
}

seam::ClientOptions usable_client_of(const settings::SeamSettings& settings) {
    auto client = client_options_of(settings);
    require_usable(client);
    return client;
}

std::vector<std::string> names_of_io_threads() {
    const auto count = std::clamp(std::thread::hardware_concurrency(), 1U, 16U);
    std::vector<std::string> names;
    for (unsigned i = 1; i <= count; ++i) names.push_back("io-" + std::to_string(i));
    return names;
}

}  // namespace

class App::Impl {
public:
    Impl(settings::Loaded loaded, Clock now);
    ~Impl() { close_down(); }  // threads run already where run() throws
    ExitCode run(const Reloader::Load& reload);

private:
    [[nodiscard]] std::vector<std::unique_ptr<IoThread>> io_threads();
    void watch_threads();
    void end_for_lost_store();
    [[nodiscard]] StartFindings found_at_start() const;
    void wait_for_signal();
    void drain();
    void close_down();

    const settings::Loaded loaded_;
    const settings::Settings& settings_ = loaded_.settings;
    const Clock now_;
    const std::vector<std::string> io_names_ = names_of_io_threads();
    metrics::Metrics metrics_;
    HttpObserver webhook_observer_{"webhook", true, metrics_};
    HttpObserver api_observer_{"api", false, metrics_};
    std::atomic<bool> draining_{false};
    std::atomic<ExitCode> ends_with_{ExitCode::success};
    api::Access access_{credentials_of(settings_.api), now_};
    const CredentialsPointer webhook_credentials_ = usable_credentials_of(settings_.webhook);
    const CredentialsPointer api_credentials_ = api_credentials_of(settings_.api);
    const seam::ClientOptions client_ = usable_client_of(settings_.seam);
    boost::asio::io_context control_{1};
    boost::asio::signal_set signals_{control_, SIGTERM, SIGINT, SIGHUP};
    // Of the I/O threads. Before all that posts to them, and so destroyed after it: an answer that
    // nobody waits for any more may still be held by any of these.
    std::list<async::LoopThread> loops_;
    const std::uint64_t log_left_ = log_left_beside(settings_.store.database);  // bytes
    // Destroyed in the reverse order: listeners, then the threads that they use, what these use.
    store::Store store_{store_options_of(settings_, now_)};
    api::LongReads long_reads_{"long-reads", store_.path(),
                               [this] { store_.wait_while_log_is_emptied(); }};
    api::LongReads quick_reads_{"quick-reads",
                                store_.path()};  // counts, which do not wait behind histories
    api::ChangeFeed changes_{store_};
    api::AnswerCache answers_{store_.revisions()};
    poller::Poller poller_{{store_,
                            metrics_,
                            now_,
                            planner_options_of(settings_.poll),
                            {settings_.alerts.before},
                            client_}};
    devices::DeviceService device_service_{
        {store_, metrics_, now_, client_, settings_.oracode.max_codes_per_device}};
    notify::Sender sender_{{store_, metrics_, now_, settings_.poll.grace,
                            [this] { return poller_.asks_seam(); }, way_to_targets()},
                           targets_of(settings_.notify)};
    StatusLine status_line_{control_,
                            {store_.path(), metrics_, poller_, now_, settings_.poll.grace}};
    CodeLog code_log_{control_, now_, settings_.poll.grace, store_.path()};
    StoreWatch store_watch_{{metrics_, code_log_, status_line_, changes_, sender_, poller_,
                             [this] { end_for_lost_store(); }}};
    supervision::Liveness liveness_;
    WatchdogFeeder watchdog_{control_, liveness_};
    api::Readiness readiness_{{store_, liveness_, io_names_, {}, now_}};
    api::Health health_{
        {readiness_, metrics_, quick_reads_, now_, settings_.poll.grace, settings_.alerts.before}};
    api::Stats stats_{
        {store_, metrics_, poller_, changes_, quick_reads_, access_, now_, settings_.poll.grace}};
    api::Backups backups_{store_.path(), access_, now_};
    std::vector<std::unique_ptr<IoThread>> threads_ = io_threads();
    std::vector<std::unique_ptr<http::Listener>> listeners_ =
        open_listeners({settings_, threads_, webhook_credentials_, api_credentials_,
                        webhook_observer_, api_observer_, now_});
    Reloader reloader_{
        control_,
        loaded_,
        {threads_, access_, poller_, device_service_, sender_, metrics_, webhook_credentials_,
         api_credentials_, now_, [this] { return status_line_.text(); }}};
    Retention retention_{control_, store_, metrics_,
                         store::RetentionPolicy{settings_.store.history, settings_.store.pins},
                         now_};
    AlertWatch alert_watch_{control_,
                            {store_, metrics_, poller_, client_.unusable, webhook_credentials_,
                             api_credentials_, now_}};
};

App::Impl::Impl(settings::Loaded loaded, Clock now)
    : loaded_(std::move(loaded)), now_(std::move(now)) {
    watch_threads();
    readiness_.add(readiness_checks({draining_, listeners_, poller_, store_, reloader_, sender_,
                                     client_.unusable, webhook_credentials_, api_credentials_,
                                     settings_.poll.backfill, now_}));
    metrics::add_process_metrics(metrics_, now_());
    add_gauges(metrics_, {store_, changes_, poller_, store_watch_.failed_checkpoints(),
                          webhook_credentials_});
}

std::vector<std::unique_ptr<IoThread>> App::Impl::io_threads() {
    const IoThread::Shared shared{store_,
                                  metrics_,
                                  long_reads_,
                                  changes_,
                                  answers_,
                                  access_,
                                  health_,
                                  stats_,
                                  backups_,
                                  poller_,
                                  device_service_,
                                  sender_,
                                  now_,
                                  settings_.poll.grace,
                                  settings_.alerts.before,
                                  settings_.webhook.path};
    std::vector<std::unique_ptr<IoThread>> threads;
    for (const auto& name : io_names_)
        threads.push_back(std::make_unique<IoThread>(loops_.emplace_back(name), shared,
                                                     verifier_of(settings_.webhook)));
    return threads;
}

void App::Impl::watch_threads() {
    for (const auto& thread : threads_) liveness_.add(thread->thread());
    liveness_.add(poller_.thread());
    liveness_.add(device_service_.thread());
    liveness_.add(
        {"writer", [this] { store_.nudge(); }, [this] { return store_.last_progress(); }});
}

// On the store's thread.
void App::Impl::end_for_lost_store() {
    ends_with_ = ExitCode::input_output;
    boost::asio::post(control_, [this] { drain(); });
}

ExitCode App::Impl::run(const Reloader::Load& reload) {
    store_.start(store_watch_.callbacks());
    sender_.start();
    for (const auto& thread : threads_) thread->start();
    poller_.start();
    device_service_.start();
    for (const auto& listener : listeners_) listener->start();
    wait_for_signal();
    reloader_.start(reload);
    watchdog_.start();
    retention_.start();
    code_log_.start();
    alert_watch_.start();
    supervision::notify_ready(status_line_.text());
    log::info("daemon.started", {{"version", version()}, {"database", store_.path()}});
    if (!client_.unusable.empty())
        log::error("seam.cannot_be_asked",
                   {{"why", client_.unusable},
                    {"meaning", "deliveries are taken, codes neither polled nor created"}});
    log_start_notes(start_notes(settings_, found_at_start(), now_()));
    if (settings_.seam.api_key.empty())
        log::warn("seam.no_api_key", {{"meaning", "codes are neither polled nor created"}});
    give_back_memory_of_start();
    async::run_guarded(control_, "control");
    close_down();
    log::info("daemon.stopped");
    return ends_with_;
}

StartFindings App::Impl::found_at_start() const {
    StartFindings found;
    if (webhook_credentials_) found.webhook_certificate_ends = webhook_credentials_->not_after();
    if (api_credentials_) found.api_certificate_ends = api_credentials_->not_after();
    found.disk_free = store_.sizes().disk_free;
    found.database_empty = store_.last_change() == 0;
    found.log_left = log_left_;
    return found;
}

void App::Impl::wait_for_signal() {
    signals_.async_wait([this](const boost::system::error_code& error, int number) {
        if (error) return;
        if (number == SIGHUP) {
            reloader_.reload("signal");
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

void App::Impl::drain() {
    if (draining_.exchange(true)) return;
    status_line_.stop();
    retention_.stop();
    code_log_.stop();
    alert_watch_.stop();
    supervision::notify_stopping("Finishing what was accepted");
    auto left = std::make_shared<std::atomic<std::size_t>>(listeners_.size());
    for (const auto& listener : listeners_) {
        listener->stop([this, left] {
            if (left->fetch_sub(1) == 1) control_.stop();
        });
    }
}

// What posts ends before what it posts to: first what acts of its own accord, then the clients,
// then what works for them, then the loops they all answer to, and at last the store.
void App::Impl::close_down() {
    signals_.cancel();
    watchdog_.stop();
    reloader_.stop();
    retention_.stop();
    code_log_.stop();
    alert_watch_.stop();
    status_line_.stop();
    for (const auto& listener : listeners_)  // waits for the thread, if that has started
        if (threads_.front()->thread().runs()) listener->close();
    listeners_.clear();
    device_service_.stop();
    poller_.stop();
    sender_.stop();
    long_reads_.stop();
    quick_reads_.stop();
    backups_.stop();
    changes_.stop();
    // All have ended before the first one goes: they ask each other for signs of life.
    for (const auto& thread : threads_) thread->finish();
    for (const auto& thread : threads_) thread->join();
    threads_.clear();
    store_.stop();
    control_.restart();
    control_.poll();  // what the store still had to tell
}

App::App(settings::Loaded loaded, Clock now) try
    : impl_(std::make_unique<Impl>(std::move(loaded), std::move(now))) {
} catch (const store::StoreError& error) {
    throw StartFailure{exit_code_of(error.kind()), error.what()};
} catch (const std::invalid_argument& error) {
    throw StartFailure{ExitCode::configuration, error.what()};
}

App::~App() = default;

ExitCode App::run(const Reloader::Load& reload) {
    return impl_->run(reload);
}

}  // namespace oracode::daemon
