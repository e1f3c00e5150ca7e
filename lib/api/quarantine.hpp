// /v1/quarantine: authentic deliveries that could not be used, and another try at them. One per I/O
// thread, used on that thread only.
#pragma once

#include "api/access.hpp"
#include "api/long_reads.hpp"
#include "core/time.hpp"
#include "http/router.hpp"

namespace oracode::store {
class Store;
}

namespace oracode::api {

class Quarantine {
public:
    struct Dependencies {
        store::Store& store;
        LongReads& long_reads;
        const Access& access;
    };
    // What `deps` refers to outlives this and every request it has begun.
    explicit Quarantine(Dependencies deps) : deps_(deps) {}

    void add_to(http::Router& router);

private:
    void list(const http::Request& request, http::Reply reply);
    void show(const http::Request& request, std::string_view id, http::Reply reply);
    void replay(const http::Request& request, std::string_view id, http::Reply reply);

    Dependencies deps_;
};

}  // namespace oracode::api
