// /healthz, /readyz and /metrics. Shared by the I/O threads; any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/access.hpp"
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
    // `store` and `metrics` outlive this.
    Health(Store& store, const Metrics& metrics, std::vector<Check> checks)
        : store_(store), metrics_(metrics), checks_(std::move(checks)) {}

    // `access` guards only /metrics; null: nobody is asked.
    void add_to(http::Router& router, const Access* access);

private:
    void ready(http::Reply reply);

    Store& store_;
    const Metrics& metrics_;
    std::vector<Check> checks_;
};

}  // namespace oracode::api
