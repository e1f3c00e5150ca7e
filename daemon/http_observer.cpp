#include "daemon/http_observer.hpp"

#include <exception>

#include "logging/log.hpp"
#include "metrics/metrics.hpp"

namespace oracode::daemon {
namespace {

// What cannot be noted for want of memory is lost. It often tells of that want: it must not end the
// daemon.
template <class Note>
void note(Note note_it) noexcept try {
    note_it();
} catch (const std::exception&) {
}

}  // namespace

void HttpObserver::connection_refused(Cap cap, std::string_view peer) noexcept {
    note([&] {
        const std::string_view reason =
            cap == Cap::all ? "too_many_connections" : "too_many_of_one_address";
        metrics_.connection_refused(reason);
        log::warn_of_many("http.connection_refused", reason,
                          {{"listener", listener_}, {"reason", reason}, {"peer", peer}});
    });
}

void HttpObserver::connection_cut(std::string_view reason) noexcept {
    note([&] {
        metrics_.connection_refused(reason);
        log::debug("http.connection_cut", {{"listener", listener_}, {"reason", reason}});
    });
}

void HttpObserver::handshake_failed(std::string_view reason) noexcept {
    note([&] {
        metrics_.connection_refused("handshake");
        log::debug("http.handshake_failed", {{"listener", listener_}, {"reason", reason}});
    });
}

void HttpObserver::request_answered(std::string_view route, std::string_view method,
                                    unsigned status,
                                    std::chrono::steady_clock::duration took) noexcept {
    note([&] { metrics_.http_answered(route, method, status, took); });
}

void HttpObserver::request_refused(unsigned status, std::string_view reason,
                                   std::string_view header, std::string_view peer) noexcept {
    note([&] {
        if (webhook_) metrics_.webhook_answered(status, reason);
        log::warn_of_many("http.request_refused", reason,
                          {{"listener", listener_},
                           {"status", status},
                           {"reason", reason},
                           {"header", header.empty() ? std::string_view{"-"} : header},
                           {"peer", peer}});
    });
}

void HttpObserver::handler_failed(std::string_view what) noexcept {
    note([&] {
        if (webhook_) metrics_.webhook_answered(500, "handler_failed");
        log::error("http.handler_failed", {{"listener", listener_}, {"error", what}});
    });
}

void HttpObserver::accept_failed(std::error_code error) noexcept {
    note([&] {
        metrics_.connection_refused("accept_failed");
        log::error("http.accept_failed", {{"listener", listener_}, {"error", error.message()}});
    });
}

}  // namespace oracode::daemon
