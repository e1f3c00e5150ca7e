// /v1/alerts: what people are, or were, to be called for. One per I/O thread, used on that thread
// only.
#pragma once

#include "api/access.hpp"
#include "api/long_reads.hpp"
#include "http/router.hpp"

namespace oracode::api {

class Alerts {
public:
    struct Dependencies {
        LongReads& long_reads;
        const Access& access;
    };
    // What `deps` refers to outlives this and every request it has begun.
    explicit Alerts(Dependencies deps) : deps_(deps) {}

    void add_to(http::Router& router);

private:
    void list(const http::Request& request, http::Reply reply);

    Dependencies deps_;
};

}  // namespace oracode::api
