// What a listener reports about itself. Implemented by the daemon for metrics and logs; outlives
// the io_contexts. Calls come from all I/O threads at once and must not block.
#pragma once

#include <chrono>
#include <string_view>
#include <system_error>

namespace oracode::http {

class Observer {
public:
    enum class Cap { all, address };

    virtual void connection_opened() noexcept {}
    virtual void connection_closed() noexcept {}
    // Closed at once on accept: Limits::max_connections or max_connections_per_address. `peer` is
    // the sender's address.
    virtual void connection_refused(Cap, std::string_view /*peer*/) noexcept {}
    // Ended without an answer: "evicted" (its place went to a newcomer) or "key_updates" (more TLS
    // handshake messages than a client needs).
    virtual void connection_cut(std::string_view /*reason*/) noexcept {}
    // `reason` is OpenSSL's short text ("wrong version number") or "timeout".
    virtual void handshake_failed(std::string_view /*reason*/) noexcept {}
    // A handler's answer is on its way; `route` is the pattern that fitted, empty where none did.
    // `took` begins with the request's last byte.
    virtual void request_answered(std::string_view /*route*/, std::string_view /*method*/,
                                  unsigned /*status*/,
                                  std::chrono::steady_clock::duration /*took*/) noexcept {}
    // A request that no handler saw. `reason` is one of a fixed set of words, fit for a metric's
    // label; `header` names the header that is to blame, where there is one; `peer` is the sender's
    // address.
    virtual void request_refused(unsigned /*status*/, std::string_view /*reason*/,
                                 std::string_view /*header*/, std::string_view /*peer*/) noexcept {}
    // A handler threw; its client was answered 500.
    virtual void handler_failed(std::string_view /*what*/) noexcept {}
    // accept(2) failed (out of descriptors, mostly); accepting goes on after a pause.
    virtual void accept_failed(std::error_code) noexcept {}

protected:
    ~Observer() = default;
};

}  // namespace oracode::http
