// /healthz, /readyz and /metrics. Shared by the I/O threads; any thread.
#pragma once

#include "api/access.hpp"
#include "api/long_reads.hpp"
#include "api/readiness.hpp"
#include "core/time.hpp"
#include "http/router.hpp"

namespace oracode::metrics {
class Metrics;
}

namespace oracode::api {

class Health {
public:
    // What `deps` refers to outlives this.
    struct Dependencies {
        Readiness& readiness;
        metrics::Metrics& metrics;
        LongReads& long_reads;  // to count codes for /metrics
        Clock now;
        Duration grace{};         // of being overdue
        Duration alert_before{};  // alerts.before
    };
    explicit Health(Dependencies deps) : deps_(std::move(deps)) {}

    // `access` guards only /metrics; null: no token is needed.
    void add_to(http::Router& router, const Access* access);

private:
    void metrics(const http::Request& request, http::Reply reply);

    Dependencies deps_;
};

}  // namespace oracode::api
