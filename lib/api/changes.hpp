// /v1/changes: every transition in the order of the commits, as pages or as a live stream. One per
// I/O thread, used on that thread only.
#pragma once

#include "api/access.hpp"
#include "api/change_streams.hpp"
#include "http/router.hpp"

namespace oracode::api {

class Changes {
public:
    // What `deps` refers to outlives this and every request it has begun.
    Changes(const Access& access, ChangeStreams::Dependencies deps)
        : access_(access), deps_(deps), streams_(deps) {}

    void add_to(http::Router& router);

private:
    void show(const http::Request& request, http::Reply reply);
    void page(std::int64_t after, std::size_t limit, const http::Request& request,
              http::Reply reply);

    const Access& access_;
    ChangeStreams::Dependencies deps_;
    ChangeStreams streams_;
};

}  // namespace oracode::api
