// One I/O thread and all that only it uses: its connection to the database, its receiver and its
// handlers. Owned by App, as is its event loop.
#pragma once

#include <functional>
#include <string>

#include <boost/asio/io_context.hpp>

#include "api/alerts.hpp"
#include "api/arrivals.hpp"
#include "api/changes.hpp"
#include "api/codes.hpp"
#include "api/creation_endpoints.hpp"
#include "api/devices.hpp"
#include "api/notifications.hpp"
#include "api/quarantine.hpp"
#include "api/sessions.hpp"
#include "api/tracking.hpp"
#include "async/loop_thread.hpp"
#include "http/router.hpp"
#include "store/reader.hpp"
#include "webhook/receiver.hpp"

namespace oracode::api {
class Backups;
class Health;
class Stats;
}  // namespace oracode::api

namespace oracode::daemon {

class IoThread {
public:
    struct Shared {
        store::Store& store;
        metrics::Metrics& metrics;
        api::LongReads& long_reads;
        api::ChangeFeed& changes;
        api::AnswerCache& answers;
        const api::Access& access;
        api::Health& health;
        api::Stats& stats;
        api::Backups& backups;
        poller::Poller& poller;
        devices::DeviceService& device_service;
        notify::Sender& sender;
        Clock now;
        Duration grace{};
        Duration alert_before{};
        std::string webhook_path;
    };
    // Opens a Reader on the running store. Throws StoreError. `thread` is this one's alone, and
    // outlives all that may post to it.
    IoThread(async::LoopThread& thread, const Shared& shared, webhook::Verifier verifier);
    // Joins.
    ~IoThread();
    IoThread(const IoThread&) = delete;
    IoThread& operator=(const IoThread&) = delete;

    void start() { thread_.start(); }
    // Ends when nothing is left to do on it.
    void finish() { thread_.finish(); }
    // Waits for that. What others still post to its loop is dropped.
    void join() { thread_.join(); }

    [[nodiscard]] async::LoopThread& thread() { return thread_; }
    [[nodiscard]] boost::asio::io_context& context() { return context_; }
    [[nodiscard]] http::Handler webhook_handler() { return std::cref(webhook_router_); }
    [[nodiscard]] http::Handler api_handler() { return std::cref(api_router_); }
    // /healthz, /readyz and /metrics alone, for anyone.
    [[nodiscard]] http::Handler health_handler() { return std::cref(health_router_); }
    // Any thread: deliveries from now on are verified by `verifier`.
    void replace(webhook::Verifier verifier);

private:
    async::LoopThread& thread_;
    boost::asio::io_context& context_ = thread_.context();
    store::Reader reader_;
    webhook::Receiver receiver_;
    api::LongPolls long_polls_;
    api::Codes codes_;
    api::Arrivals arrivals_;
    api::Alerts alerts_;
    api::Tracking tracking_;
    api::CreationEndpoints creation_;
    api::Devices devices_;
    api::Changes changes_;
    api::Quarantine quarantine_;
    api::Notifications notifications_;
    api::Sessions sessions_;
    http::Router webhook_router_{http::Router::Options::refused};
    http::Router api_router_;
    http::Router health_router_;
};

}  // namespace oracode::daemon
