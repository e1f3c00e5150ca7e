// /v1/devices: the locks, their time slots and how many codes they hold. One per I/O thread, used
// on that thread only.
#pragma once

#include "api/access.hpp"
#include "devices/desk.hpp"
#include "http/router.hpp"

namespace oracode::api {

class Devices {
public:
    struct Parts {
        devices::Desk& desk;
        const Access& access;
        Clock now;
    };
    // What the parts refer to outlives this and every request it has begun.
    explicit Devices(Parts parts) : parts_(std::move(parts)) {}

    void add_to(http::Router& router);

private:
    void show(const http::Request& request, std::string_view id, http::Reply reply);
    void list(const http::Request& request, http::Reply reply);

    Parts parts_;
};

}  // namespace oracode::api
