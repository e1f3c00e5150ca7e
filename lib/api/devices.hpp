// /v1/devices: the locks, their time slots and how many codes they hold. One per I/O thread, used
// on that thread only.
#pragma once

#include "api/access.hpp"
#include "api/long_reads.hpp"
#include "devices/device_service.hpp"
#include "http/router.hpp"

namespace oracode::api {

class Devices {
public:
    struct Dependencies {
        devices::DeviceService& device_service;
        const Access& access;
        LongReads& long_reads;
        Clock now;
    };
    // What `deps` refers to outlives this and every request it has begun.
    explicit Devices(Dependencies deps) : deps_(std::move(deps)) {}

    void add_to(http::Router& router);

private:
    void show(const http::Request& request, std::string_view id, http::Reply reply);
    void list(const http::Request& request, http::Reply reply);

    Dependencies deps_;
};

}  // namespace oracode::api
