// /v1/stats: how the daemon and what it keeps are doing, as one document. Shared by the I/O
// threads; any thread.
#pragma once

#include "api/access.hpp"
#include "api/long_reads.hpp"
#include "core/time.hpp"
#include "http/router.hpp"

namespace oracode::metrics {
class Metrics;
}
namespace oracode::store {
class Store;
}
namespace oracode::poller {
class Poller;
}

namespace oracode::api {

class ChangeFeed;

class Stats {
public:
    struct Dependencies {
        const store::Store& store;
        const metrics::Metrics& metrics;
        const poller::Poller& poller;
        ChangeFeed& changes;
        LongReads& long_reads;
        const Access& access;
        Clock now;
        Duration grace{};
    };
    // What `deps` refers to outlives this and every request it has begun. The daemon counts as
    // started now.
    explicit Stats(Dependencies deps) : deps_(std::move(deps)), started_at_(deps_.now()) {}

    void add_to(http::Router& router);

private:
    void show(const http::Request& request, http::Reply reply);
    [[nodiscard]] http::Response response(store::Reader& reader, std::string_view request_id) const;

    Dependencies deps_;
    Timestamp started_at_;
};

}  // namespace oracode::api
