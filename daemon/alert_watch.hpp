// Looks every half minute whether the daemon itself needs a person, and has the store open and
// close the alerts about it. On the control loop's thread. Owned by App.
#pragma once

#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "core/time.hpp"
#include "daemon/daemon_alerts.hpp"
#include "daemon/from_settings.hpp"
#include "logging/outage.hpp"

namespace oracode::metrics {
class Metrics;
}
namespace oracode::store {
class Store;
}
namespace oracode::poller {
class Poller;
}

namespace oracode::daemon {

class AlertWatch {
public:
    // What these refer to outlives this.
    struct Dependencies {
        store::Store& store;
        const metrics::Metrics& metrics;
        const poller::Poller& poller;
        std::string seam_unusable;
        CredentialsPointer webhook_credentials;  // null: plain
        CredentialsPointer api_credentials;      // likewise
        Clock now;
    };
    AlertWatch(boost::asio::io_context& context, Dependencies deps);

    void start() { look(); }
    void stop();

private:
    void look();
    [[nodiscard]] DaemonFindings findings() const;

    Dependencies deps_;
    boost::asio::io_context& context_;
    boost::asio::steady_timer timer_;
    DaemonAlerts alerts_;
    std::vector<store::DaemonAlert> kept_;  // what the store took last
    log::Outage keeping_{"alerts.not_kept", "alerts.kept_again"};
    bool stopped_ = false;
};

}  // namespace oracode::daemon
