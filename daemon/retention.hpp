// Deletes what has been kept long enough, in small steps when nothing else is written, and sleeps
// until there is something again. Owned by App; on its control thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "core/result.hpp"
#include "core/time.hpp"
#include "logging/outage.hpp"
#include "store/retention_policy.hpp"

namespace oracode::metrics {
class Metrics;
}
namespace oracode::store {
class Store;
}

namespace oracode::daemon {

class Retention {
public:
    // What these refer to outlives this.
    Retention(boost::asio::io_context& context, store::Store& store, metrics::Metrics& metrics,
              store::RetentionPolicy retention, Clock now)
        : context_(context),
          timer_(context),
          store_(store),
          metrics_(metrics),
          retention_(retention),
          now_(std::move(now)) {}

    void start() { step(); }
    void stop();

private:
    void step();
    void done(const Result<store::Purged>& purged);
    void count(const store::Purged& purged);
    void sleep(std::chrono::milliseconds time);

    boost::asio::io_context& context_;
    boost::asio::steady_timer timer_;
    store::Store& store_;
    metrics::Metrics& metrics_;
    const store::RetentionPolicy retention_;
    const Clock now_;
    log::Outage purging_{"retention.failed", "retention.recovered"};
    bool stopped_ = false;
};

}  // namespace oracode::daemon
