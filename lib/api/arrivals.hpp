// /v1/arrivals: who is in the house or arrives soon, with the lock's name and wall clock. One per
// I/O thread, used on that thread only.
#pragma once

#include "api/access.hpp"
#include "api/long_reads.hpp"
#include "core/time.hpp"
#include "http/router.hpp"

namespace oracode::poller {
class Poller;
}

namespace oracode::api {

class Arrivals {
public:
    struct Dependencies {
        LongReads& long_reads;
        const Access& access;
        const poller::Poller& poller;
        Clock now;
        Duration grace{};
        Duration alert_before{};  // alerts.before
    };
    // What `deps` refers to outlives this and every request it has begun.
    explicit Arrivals(Dependencies deps) : deps_(std::move(deps)) {}

    void add_to(http::Router& router);

private:
    void list(const http::Request& request, http::Reply reply);

    Dependencies deps_;
};

}  // namespace oracode::api
