// Where the figures that are read when they are scraped come from.
#pragma once

#include <atomic>
#include <cstdint>

#include "daemon/from_settings.hpp"

namespace oracode::metrics {
class Metrics;
}
namespace oracode::store {
class Store;
}
namespace oracode::api {
class ChangeFeed;
}
namespace oracode::poller {
class Poller;
}

namespace oracode::daemon {

struct GaugeSources {
    const store::Store& store;
    api::ChangeFeed& changes;
    const poller::Poller& poller;
    const std::atomic<std::uint64_t>& failed_checkpoints;
    const CredentialsPointer& webhook_credentials;  // null without TLS
};

// What `sources` refers to outlives `metrics`' last scrape.
void add_gauges(metrics::Metrics& metrics, const GaugeSources& sources);

}  // namespace oracode::daemon
