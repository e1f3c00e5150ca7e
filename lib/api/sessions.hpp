// /v1/session: a browser signs in with a bearer token and is given a cookie that its pages cannot
// read, asks as whom it is let in, signs out. One for each I/O thread.
#pragma once

#include "api/access.hpp"
#include "http/router.hpp"

namespace oracode::api {

class Sessions {
public:
    // `access` outlives this.
    Sessions(const Access& access, Clock now) : access_(access), now_(std::move(now)) {}

    void add_to(http::Router& router);

private:
    void show(const http::Request& request, http::Reply reply);
    void sign_in(const http::Request& request, http::Reply reply);
    static void sign_out(const http::Request& request, http::Reply reply);

    const Access& access_;
    Clock now_;
};

}  // namespace oracode::api
