// One target's end of a connection: sends a message and reports what came back. Owned by the
// Sender; used on its thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "client/http_client.hpp"
#include "client/tls.hpp"
#include "notify/message.hpp"
#include "notify/planner.hpp"
#include "notify/target.hpp"

namespace oracode::notify {

// What all targets have in common of the way to them.
struct WayOut {
    std::string https_proxy{};
    std::string no_proxy{};
    client::Trust trust{};
    Duration timeout = std::chrono::seconds{15};               // of one attempt
    std::shared_ptr<boost::asio::ssl::context> tls = nullptr;  // made once it is needed
};

struct Answer {
    Attempt attempt;
    std::string body{};
};

class Endpoint {
public:
    // A target that cannot be reached by what `way` says is one that does not answer. `way` is only
    // looked at here.
    Endpoint(const boost::asio::any_io_executor& executor, Target target, WayOut& way);

    // Calls `done` once, not from within, unless this is destroyed before; `done` must not do that.
    using Done = std::function<void(Answer)>;
    void send(const Message& message, Timestamp now, Done done);

    [[nodiscard]] const Target& target() const { return target_; }

private:
    boost::asio::any_io_executor executor_;
    Target target_;
    std::string unusable_;                      // why nothing can be sent
    std::optional<client::HttpClient> client_;  // unless nothing can be sent
};

}  // namespace oracode::notify
