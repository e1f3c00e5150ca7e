// A blocking HTTP client that sends exactly the bytes a test gives it. Every wait has a deadline;
// running into one throws.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

#include "net/descriptor.hpp"

namespace oracode::test {

struct HttpAnswer {
    int status = 0;
    std::string head;
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;

    [[nodiscard]] bool has(const std::string& name) const { return headers.contains(name); }
    [[nodiscard]] std::string header(const std::string& name) const;
};

class HttpClient {
public:
    enum class End {
        closed,  // FIN, after close_notify where there is TLS
        cut,     // FIN inside TLS without close_notify
        reset,
        open,  // nothing happened within the patience
    };
    static constexpr std::chrono::milliseconds patience{5'000};

    // `source`: an IPv4 address to come from; null: the system's choice.
    static HttpClient tcp(unsigned short port, const char* address = "127.0.0.1",
                          const char* source = nullptr);
    static HttpClient unix_socket(const std::string& path);
    HttpClient(HttpClient&&) = default;
    HttpClient& operator=(HttpClient&&) = default;

    // Throws std::runtime_error with OpenSSL's reason when the handshake fails.
    // `groups` and `ciphers` (of TLS 1.2) as OpenSSL writes lists of them; null: its own.
    HttpClient& start_tls(int lowest = TLS1_2_VERSION, int highest = TLS1_3_VERSION,
                          const char* groups = nullptr, const char* ciphers = nullptr);
    [[nodiscard]] SSL* tls() { return tls_.get(); }

    // TLS 1.2. "accepted", or why not.
    std::string renegotiate();

    // TLS 1.3: so many KeyUpdates, one record each.
    HttpClient& update_keys(int times);

    HttpClient& send(std::string_view bytes);
    HttpClient& send_by_byte(std::string_view bytes);
    // Without TLS, although the connection has it.
    HttpClient& send_raw(std::string_view bytes);
    void shut_down_sending();
    // Takes as little as the system allows before the server has to wait.
    void narrow();
    // Whether a send has failed, the connection being gone.
    [[nodiscard]] bool refused() const { return refused_; }
    // Goes away with a reset, as a crashed peer does.
    void vanish();

    // The next answer. `to_head` is for the answer to a HEAD request.
    HttpAnswer receive(bool to_head = false);
    HttpAnswer ask(std::string_view request) { return send(request).receive(); }
    // What comes next, up to and with `mark`: of an answer that is read piece by piece.
    std::string until(std::string_view mark);
    // How the connection ends; what arrives before is thrown away.
    End end(std::chrono::milliseconds within = patience);

private:
    struct FreeTls {
        void operator()(SSL* tls) const { SSL_free(tls); }
    };
    explicit HttpClient(net::Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

    enum class Arrival { bytes, eof, reset, timeout };
    Arrival arrive(std::chrono::steady_clock::time_point deadline);  // into buffered_
    void arrive_or_throw(std::chrono::steady_clock::time_point deadline);
    Arrival fetch(std::string& to, std::chrono::steady_clock::time_point deadline);
    bool decrypt();
    void shake_hands();
    void flush();

    net::Descriptor descriptor_;
    std::unique_ptr<SSL, FreeTls> tls_;
    std::string buffered_;
    bool notified_ = false;
    bool refused_ = false;  // a send failed
};

}  // namespace oracode::test
