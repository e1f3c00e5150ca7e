// POST /v1/access_codes and /v1/access_codes/check: ordering a code, and asking whether it could be
// ordered. One per I/O thread, used on that thread only.
#pragma once

#include "api/access.hpp"
#include "api/representation.hpp"
#include "devices/device_service.hpp"
#include "http/router.hpp"

namespace oracode::poller {
class Poller;
}

namespace oracode::api {

class CreationEndpoints {
public:
    struct Dependencies {
        devices::DeviceService& device_service;
        const poller::Poller& poller;
        const Access& access;
        Clock now;
        Duration grace{};
    };
    // What `deps` refers to outlives this and every request it has begun.
    explicit CreationEndpoints(Dependencies deps) : deps_(std::move(deps)) {}

    // Before Codes, whose `/v1/access_codes/{id}` fits `check`, too.
    void add_to(http::Router& router);

private:
    void check(const http::Request& request, http::Reply reply);
    void create(const http::Request& request, http::Reply reply);

    Dependencies deps_;
};

}  // namespace oracode::api
