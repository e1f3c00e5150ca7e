#include "daemon/alert_watch.hpp"

#include <algorithm>

#include "metrics/metrics.hpp"
#include "poller/poller.hpp"
#include "store/store.hpp"

namespace oracode::daemon {
namespace {

using namespace std::chrono_literals;

constexpr auto every = 30s;

}  // namespace

AlertWatch::AlertWatch(boost::asio::io_context& context, Dependencies deps)
    : deps_(std::move(deps)), context_(context), timer_(context) {}

void AlertWatch::stop() {
    stopped_ = true;
    timer_.cancel();
}

void AlertWatch::look() {
    if (stopped_) return;
    auto found = alerts_.evaluate(findings(), deps_.now());
    if (found != kept_)
        deps_.store.set_daemon_alerts(found, context_, [this, found](const Result<bool>& kept) {
            if (!kept) return keeping_.failed(kept.error().detail);
            kept_ = found;
            keeping_.over();
        });
    timer_.expires_after(every);
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) look();
    });
}

DaemonFindings AlertWatch::findings() const {
    DaemonFindings found;
    found.asks_seam = deps_.poller.asks_seam();
    found.poll = deps_.poller.state();
    found.seam_unusable = deps_.seam_unusable;
    found.disk_free = deps_.store.sizes().disk_free;
    found.checkpoint_failure = deps_.store.checkpoint_failure();
    for (const auto& pair : {deps_.webhook_credentials, deps_.api_credentials}) {
        if (!pair) continue;
        const auto ends = pair->not_after();
        found.certificate_ends =
            found.certificate_ends ? std::min(*found.certificate_ends, ends) : ends;
    }
    found.refused_deliveries = deps_.metrics.refused_deliveries();
    found.noticed_by_poll = deps_.metrics.noticed_by_poll();
    found.delivery_accepted = deps_.metrics.last_webhook().has_value();
    return found;
}

}  // namespace oracode::daemon
