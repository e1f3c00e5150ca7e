// Looks host names up with a deadline that holds. Owned by the code that makes connections; used on
// the one thread that runs its executor.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace oracode::net {

using Addresses = std::vector<boost::asio::ip::tcp::endpoint>;

// A blocking look-up. It is called on a thread of its own, which is never waited for: it may
// outlive the Resolver and must hold no reference to what does not outlive the process.
using Lookup = std::function<Addresses(const std::string& host, std::uint16_t port,
                                       boost::system::error_code& error)>;

// The machine's own: getaddrinfo, limited to the address families this machine has.
[[nodiscard]] Lookup system_lookup();

class Resolver {
public:
    using Done = std::function<void(boost::system::error_code, Addresses)>;

    // `executor` must outlive the Resolver.
    explicit Resolver(boost::asio::any_io_executor executor, Lookup lookup = system_lookup());
    // As `cancel`, but no callback is called.
    ~Resolver();
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    // Calls `done` on the executor, never from within this call: with at least one address, or
    // with an error; `timed_out` once `deadline` has passed, however long the system goes on.
    // getaddrinfo cannot be stopped and may block for minutes, so a look-up given up lingers on its
    // thread; while `most_lookups` of them do, further ones fail with `try_again` at once.
    void resolve(const std::string& host, std::uint16_t port,
                 std::chrono::steady_clock::time_point deadline, Done done);

    // Ends every wait with `operation_aborted`, without waiting for the look-ups.
    void cancel();

    static constexpr int most_lookups = 8;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace oracode::net
