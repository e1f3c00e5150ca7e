#include "daemon/io_thread.hpp"

#include <boost/asio/post.hpp>

#include "api/backups.hpp"
#include "api/health.hpp"
#include "api/openapi.hpp"
#include "api/stats.hpp"
#include "api/status_page.hpp"
#include "metrics/metrics.hpp"
#include "store/store.hpp"

namespace oracode::daemon {

IoThread::IoThread(async::LoopThread& thread, const Shared& shared, webhook::Verifier verifier)
    : thread_(thread),
      reader_(shared.store.path()),
      receiver_(std::move(verifier), shared.store, shared.metrics, shared.now),
      long_polls_(shared.changes, context_),
      codes_({reader_, shared.store.revisions(), shared.answers, long_polls_, shared.long_reads,
              shared.access, shared.poller, shared.now, shared.grace}),
      arrivals_({shared.long_reads, shared.access, shared.poller, shared.now, shared.grace,
                 shared.alert_before}),
      alerts_({shared.long_reads, shared.access}),
      tracking_({reader_, shared.store, shared.poller, shared.access, shared.now, shared.grace}),
      creation_({shared.device_service, shared.poller, shared.access, shared.now, shared.grace}),
      devices_({shared.device_service, shared.access, shared.long_reads, shared.now}),
      changes_(shared.access, {shared.changes, shared.long_reads, shared.store, context_}),
      quarantine_({shared.store, shared.long_reads, shared.access}),
      notifications_(shared.sender, shared.access),
      sessions_(shared.access, shared.now) {
    webhook_router_.add(
        "POST", shared.webhook_path,
        [this](const http::Request& request, const http::PathParameters&, http::Reply reply) {
            receiver_.receive(request, std::move(reply));
        });
    webhook_router_.on_refusal([&metrics = shared.metrics](unsigned status) {
        metrics.webhook_answered(status, status == 405 ? "no_such_method" : "no_such_path");
    });
    creation_.add_to(api_router_);
    codes_.add_to(api_router_);
    arrivals_.add_to(api_router_);
    alerts_.add_to(api_router_);
    tracking_.add_to(api_router_);
    devices_.add_to(api_router_);
    changes_.add_to(api_router_);
    quarantine_.add_to(api_router_);
    notifications_.add_to(api_router_);
    shared.stats.add_to(api_router_);
    shared.backups.add_to(api_router_);
    api::add_openapi_to(api_router_, shared.access);
    sessions_.add_to(api_router_);
    api::add_status_page_to(api_router_);
    shared.health.add_to(api_router_, &shared.access);
    shared.health.add_to(health_router_, nullptr);
}

IoThread::~IoThread() {
    finish();
    join();
}

void IoThread::replace(webhook::Verifier verifier) {
    boost::asio::post(context_, [this, verifier = std::move(verifier)]() mutable {
        receiver_.replace(std::move(verifier));
    });
}

}  // namespace oracode::daemon
