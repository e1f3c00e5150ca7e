// Deletes what has been kept long enough, in small steps when nothing else is written, and sleeps
// until there is something again. Owned by App; on its control thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "core/result.hpp"
#include "core/time.hpp"
#include "logging/outage.hpp"
#include "store/retention_policy.hpp"

namespace oracode {
class Metrics;
class Store;
}  // namespace oracode

namespace oracode::daemon {

class Retention {
public:
    // What these refer to outlives this.
    Retention(boost::asio::io_context& context, Store& store, Metrics& metrics,
              RetentionPolicy retention, Clock now)
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
    void done(const Result<Purged>& purged);
    void count(const Purged& purged);
    void sleep(std::chrono::milliseconds time);

    boost::asio::io_context& context_;
    boost::asio::steady_timer timer_;
    Store& store_;
    Metrics& metrics_;
    const RetentionPolicy retention_;
    const Clock now_;
    log::Outage purging_{"retention.failed", "retention.recovered"};
    bool stopped_ = false;
};

}  // namespace oracode::daemon
