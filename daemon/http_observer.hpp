// Reports to metrics and log what a listener saw of its clients. Owned by App; any thread.
#pragma once

#include <string_view>

#include "http/observer.hpp"

namespace oracode::metrics {
class Metrics;
}

namespace oracode::daemon {

class HttpObserver final : public http::Observer {
public:
    // `listener` names it in the log. Refusals count as answered deliveries where `webhook` is
    // true.
    HttpObserver(std::string_view listener, bool webhook, metrics::Metrics& metrics)
        : listener_(listener), webhook_(webhook), metrics_(metrics) {}

    void connection_refused(Cap cap, std::string_view peer) noexcept override;
    void connection_cut(std::string_view reason) noexcept override;
    void handshake_failed(std::string_view reason) noexcept override;
    void request_answered(std::string_view route, std::string_view method, unsigned status,
                          std::chrono::steady_clock::duration took) noexcept override;
    void request_refused(unsigned status, std::string_view reason, std::string_view header,
                         std::string_view peer) noexcept override;
    void handler_failed(std::string_view what) noexcept override;
    void accept_failed(std::error_code error) noexcept override;

private:
    std::string_view listener_;
    bool webhook_;
    metrics::Metrics& metrics_;
};

}  // namespace oracode::daemon
