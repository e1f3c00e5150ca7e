// A Listener with its I/O threads on port 0, for tests that talk to it from outside.
#pragma once

#include <atomic>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "http/listener.hpp"
#include "support/http_client.hpp"
#include "support/process.hpp"
#include "support/tls_certificate.hpp"

namespace oracode::test {

class HttpRecorder final : public http::Observer {
public:
    void connection_opened() noexcept override { ++opened; }
    void connection_closed() noexcept override { ++closed; }
    void connection_refused(Cap cap, std::string_view) noexcept override {
        ++(cap == Cap::all ? over_all : over_address);
    }
    void handshake_failed(std::string_view reason) noexcept override {
        note("handshake:" + std::string(reason));
    }
    void connection_cut(std::string_view reason) noexcept override {
        note("cut:" + std::string(reason));
    }
    void request_refused(unsigned status, std::string_view reason, std::string_view header,
                         std::string_view /*peer*/) noexcept override {
        note(std::to_string(status) + ":" + std::string(reason) +
             (header.empty() ? "" : ":" + std::string(header)));
    }
    void handler_failed(std::string_view what) noexcept override {
        note("handler:" + std::string(what));
    }
    void accept_failed(std::error_code) noexcept override { ++accept_failures; }

    [[nodiscard]] std::string last() const {
        const std::lock_guard lock(mutex_);
        return last_;
    }
    [[nodiscard]] int alive() const { return opened - closed; }

    std::atomic<int> opened = 0;
    std::atomic<int> closed = 0;
    std::atomic<int> over_all = 0;
    std::atomic<int> over_address = 0;
    std::atomic<int> accept_failures = 0;

private:
    void note(std::string text) {
        const std::lock_guard lock(mutex_);
        last_ = std::move(text);
    }
    mutable std::mutex mutex_;
    std::string last_;
};

class HttpServer {
public:
    struct Setup {
        http::Handler handler;
        http::Limits limits{};
        bool tls = false;
        std::string address = "127.0.0.1:0";
        std::size_t threads = 1;
        bool started = true;
        http::TrustedProxies trusted_proxies{};
    };

    explicit HttpServer(Setup setup);
    ~HttpServer();

    [[nodiscard]] unsigned short port() const { return listener_->port(); }
    [[nodiscard]] http::Listener& listener() { return *listener_; }
    [[nodiscard]] HttpRecorder& seen() { return recorder_; }
    [[nodiscard]] http::tls::Credentials& credentials() { return *credentials_; }
    [[nodiscard]] const http::tls::Files& files() const { return files_; }

    // A connection, with its handshake done where the server has TLS.
    [[nodiscard]] HttpClient connect();
    [[nodiscard]] HttpAnswer ask(std::string_view request) { return connect().ask(request); }
    // Begins to stop; the future is ready when that is complete.
    [[nodiscard]] std::future<void> stop();

private:
    TemporaryFolder scratch_;
    http::tls::Files files_;
    std::shared_ptr<http::tls::Credentials> credentials_;
    HttpRecorder recorder_;
    std::vector<std::unique_ptr<boost::asio::io_context>> contexts_;
    std::unique_ptr<http::Listener> listener_;
    std::vector<std::thread> threads_;
};

// 200 with the method, path, query and body that arrived.
void echo(const http::Request& request, http::Reply reply);

}  // namespace oracode::test
