// One HTTP/1.1 connection to Seam, perhaps through a proxy: opened once, then used for one exchange
// after the other. Owned by the client; used on the one thread that runs its executor.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "async/resolve.hpp"
#include "core/result.hpp"
#include "seam/client_answer.hpp"
#include "seam/client_endpoint.hpp"

namespace boost::asio::ssl {
class context;
}

namespace oracode::seam {

// Where a connection leads, and what it may use on the way. `resolver` must outlive its opening.
struct Route {
    Endpoint endpoint;
    std::optional<Proxy> proxy;
    std::shared_ptr<boost::asio::ssl::context> tls;
    async::Resolver* resolver = nullptr;
    std::size_t max_answer = 0;  // bytes of one answer's body
};

struct Request {
    bool post = false;
    bool only_reads = false;  // a post that may be sent twice
    std::string target;       // path and query, percent-encoded
    std::string body;         // JSON, of a post
    std::string authorization;
    std::string workspace_id;  // empty: the header is left out
};

class ClientConnection : public std::enable_shared_from_this<ClientConnection> {
public:
    struct Failure {
        std::string detail;
        bool unanswered = false;  // the peer closed before any byte of an answer came
    };
    using Opened = std::function<void(std::optional<Failure>)>;
    using Exchanged = std::function<void(boost::system::result<RawAnswer, Failure>)>;

    [[nodiscard]] static std::shared_ptr<ClientConnection> make(
        const boost::asio::any_io_executor& executor, Route route);
    virtual ~ClientConnection() = default;

    // Resolves, connects, goes through the proxy, shakes hands with the certificate verified for
    // the endpoint's name. Resolving ends by `deadline`, and an address that does not react leaves
    // time for the next; for the whole the caller keeps the time and calls `abort`.
    virtual void open(std::chrono::steady_clock::time_point deadline, Opened done) = 0;
    // Sends one request and reads its answer. Only on an open connection, one at a time.
    virtual void exchange(const Request& request, Exchanged done) = 0;
    // Closes at once; a `done` that was not called yet never will be.
    virtual void abort() = 0;
    // Open, idle, kept alive by both sides, and not closed by the peer as far as this side knows.
    [[nodiscard]] virtual bool reusable() = 0;
    // What it is at: "resolving connect.getseam.com"; for the detail of a timeout.
    [[nodiscard]] virtual std::string activity() const = 0;
};

}  // namespace oracode::seam
