// /healthz, /readyz and /metrics. Shared by the I/O threads; any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/access.hpp"
#include "api/long_reads.hpp"
#include "core/time.hpp"
#include "http/router.hpp"

namespace oracode {
class Metrics;
class Store;
}  // namespace oracode

namespace oracode::api {

// One condition of being ready, looked at for every request: nullopt when it holds, else why it
// does not. Must not block.
struct Check {
    std::string name;
    std::function<std::optional<std::string>()> trouble;
    bool essential = true;  // false: shown, but deliveries are taken all the same
};

class Health {
public:
    // What the parts refer to outlives this.
    struct Parts {
        Store& store;
        Metrics& metrics;
        LongReads& long_reads;  // to count codes for /metrics
        Clock now;
        Duration grace{};  // of being overdue
        std::vector<Check> checks;
    };
    explicit Health(Parts parts) : parts_(std::move(parts)) {}

    // `access` guards only /metrics; null: nobody is asked.
    void add_to(http::Router& router, const Access* access);

private:
    void ready(http::Reply reply);
    void metrics(const http::Request& request, http::Reply reply);

    Parts parts_;
};

}  // namespace oracode::api
