// POST /v1/notify/{target}/test: tries a target of notifications out. One per I/O thread, used on
// that thread only.
#pragma once

#include "api/access.hpp"
#include "http/router.hpp"
#include "notify/sender.hpp"

namespace oracode::api {

class Notifications {
public:
    // What these refer to outlives this and every request it has begun.
    Notifications(notify::Sender& sender, const Access& access)
        : sender_(sender), access_(access) {}

    void add_to(http::Router& router);

private:
    void test(const http::Request& request, std::string target, http::Reply reply);

    notify::Sender& sender_;
    const Access& access_;
};

}  // namespace oracode::api
