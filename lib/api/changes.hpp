// /v1/changes: every transition in the order of the commits, as pages or as a live stream. One per
// I/O thread, used on that thread only.
#pragma once

#include "api/access.hpp"
#include "api/change_streams.hpp"
#include "http/router.hpp"

namespace oracode::api {

class Changes {
public:
    // What the parts refer to outlives this and every request it has begun.
    Changes(const Access& access, ChangeStreams::Parts parts)
        : access_(access), parts_(parts), streams_(parts) {}

    void add_to(http::Router& router);

private:
    void show(const http::Request& request, http::Reply reply);
    void page(std::int64_t after, std::size_t limit, const http::Request& request,
              http::Reply reply);

    const Access& access_;
    ChangeStreams::Parts parts_;
    ChangeStreams streams_;
};

}  // namespace oracode::api
