// Asks Seam: an HTTPS client with kept-alive connections, for JSON. Owned by App; used on the one
// thread that runs its io_context, and destroyed before it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/json/object.hpp>

#include "core/result.hpp"
#include "core/time.hpp"
#include "net/resolve.hpp"
#include "seam/client_answer.hpp"
#include "seam/client_endpoint.hpp"

namespace oracode::seam {

struct ClientOptions {
    std::string endpoint = "https://connect.getseam.com";
    std::string api_key;       // empty: every call fails with Errc::unauthenticated, unsent
    std::string workspace_id;  // personal access tokens need one; empty: none
    std::string ca_file;       // PEM; trusted instead of the system's authorities
    Duration timeout = std::chrono::seconds{30};
    std::string https_proxy;  // as the variables HTTPS_PROXY and NO_PROXY hold it
    std::string no_proxy;
    // Why Seam cannot be asked; empty: it can. Else every call fails with Errc::seam_unreachable
    // and this detail, unsent, and no proxy is looked for.
    std::string unusable;
    std::size_t max_answer = std::size_t{32} << 20;  // bytes of one answer's body
    std::size_t connections = 1;                     // at most, at the same time
    std::size_t max_waiting = 1000;                  // calls that no connection has taken yet
    net::Lookup lookup = net::system_lookup();
};

// Calls of Seam's API as `Api` makes them: over HTTPS by the Client, or by a simulated Seam.
class Caller {
public:
    using Query = seam::Query;
    using Done = std::function<void(CallResult<Answer>)>;

    // Each calls `done` exactly once, never from within the call.
    virtual void get(const std::string& path, const Query& query, Done done) = 0;
    virtual void post(const std::string& path, const boost::json::object& body, Done done) = 0;
    // A post that only reads.
    virtual void ask(const std::string& path, const boost::json::object& body, Done done) = 0;

protected:
    ~Caller() = default;
};

class Client final : public Caller {
public:
    // `clock` stamps what was sent and reads dates in Retry-After. Fails with
    // Errc::invalid_argument, the detail naming the option, where an option cannot be used.
    [[nodiscard]] static Result<std::unique_ptr<Client>> make(boost::asio::any_io_executor executor,
                                                              ClientOptions options, Clock clock);
    // As `shutdown`, but no callback is called.
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    // Each calls `done` exactly once on the executor, never from within the call, and not later
    // than `timeout` from now, the time in the queue included. Calls are sent in the order made.
    // `done` may make further calls, but must not destroy the client.
    //
    // A get and an `ask`, which is a post that only reads, are sent a second time where a
    // connection kept alive turns out closed. A post is never sent twice, and always over a new
    // connection, so that no such doubt arises.
    void get(const std::string& path, const Query& query, Done done) override;
    void ask(const std::string& path, const boost::json::object& body, Done done) override;
    void post(const std::string& path, const boost::json::object& body, Done done) override;

    // For the requests sent from now on. Fails with Errc::invalid_argument, and changes nothing,
    // where the key could not stand in a header.
    [[nodiscard]] Result<void> set_api_key(std::string key);

    // Ends all calls at once with Errc::seam_unreachable; later ones end so, too.
    void shutdown();

private:
    struct Core;
    explicit Client(std::shared_ptr<Core> core);
    std::shared_ptr<Core> core_;
};

}  // namespace oracode::seam
