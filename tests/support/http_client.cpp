#include "support/http_client.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace oracode::test {
namespace {

using std::chrono::steady_clock;

void connect_to(int descriptor, const void* name, socklen_t size) {
    if (::connect(descriptor, static_cast<const sockaddr*>(name), size) != 0)
        throw std::runtime_error(std::string("connect: ") + std::strerror(errno));
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    return text;
}

HttpAnswer parse_head(const std::string& head) {
    HttpAnswer answer;
    answer.head = head;
    answer.status = std::stoi(head.substr(9, 3));
    for (auto at = head.find("\r\n") + 2; at < head.size();) {
        const auto end = head.find("\r\n", at);
        const auto line = head.substr(at, end - at);
        if (const auto colon = line.find(": "); colon != std::string::npos)
            answer.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
        at = end + 2;
    }
    return answer;
}

}  // namespace

std::string HttpAnswer::header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "(none)" : found->second;
}

HttpClient HttpClient::tcp(unsigned short port, const char* address, const char* source) {
    const bool v6 = std::strchr(address, ':') != nullptr;
    HttpClient client{
        net::Descriptor{::socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)}};
    const int descriptor = client.descriptor_.number();
    if (v6) {
        sockaddr_in6 name{};
        name.sin6_family = AF_INET6;
        name.sin6_port = htons(port);
        ::inet_pton(AF_INET6, address, &name.sin6_addr);
        connect_to(descriptor, &name, sizeof name);
    } else {
        sockaddr_in name{};
        name.sin_family = AF_INET;
        if (source != nullptr) {
            ::inet_pton(AF_INET, source, &name.sin_addr);
            const int late = 1;  // the port is chosen by the pair of addresses: there are enough
            ::setsockopt(descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &late, sizeof late);
            if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0)
                throw std::runtime_error(std::string("bind: ") + std::strerror(errno));
        }
        name.sin_port = htons(port);
        ::inet_pton(AF_INET, address, &name.sin_addr);
        connect_to(descriptor, &name, sizeof name);
    }
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return client;
}

HttpClient HttpClient::unix_socket(const std::string& path) {
    HttpClient client{net::Descriptor{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)}};
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::strncpy(name.sun_path, path.c_str(), sizeof name.sun_path - 1);
    connect_to(client.descriptor_.number(), &name, sizeof name);
    return client;
}

HttpClient& HttpClient::start_tls(int lowest, int highest, const char* groups,
                                  const char* ciphers) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{
        SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
    SSL_CTX_set_security_level(
        context.get(), 0);  // so that old versions are ours to offer, and the server's to refuse
    SSL_CTX_set_min_proto_version(context.get(), lowest);
    SSL_CTX_set_max_proto_version(context.get(), highest);
    if (groups != nullptr && SSL_CTX_set1_groups_list(context.get(), groups) != 1)
        throw std::invalid_argument(groups);
    if (ciphers != nullptr && SSL_CTX_set_cipher_list(context.get(), ciphers) != 1)
        throw std::invalid_argument(ciphers);
    tls_.reset(SSL_new(context.get()));
    SSL_set_bio(tls_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(tls_.get());
    shake_hands();
    return *this;
}

HttpClient& HttpClient::update_keys(int times) {
    for (int i = 0; i < times; ++i) {
        if (SSL_key_update(tls_.get(), SSL_KEY_UPDATE_NOT_REQUESTED) != 1 ||
            SSL_do_handshake(tls_.get()) != 1)
            throw std::runtime_error("no KeyUpdate");
    }
    flush();
    return *this;
}

std::string HttpClient::renegotiate() {
    if (SSL_renegotiate(tls_.get()) != 1) return "not even asked";
    try {
        shake_hands();
    } catch (const std::runtime_error& refused) {
        return refused.what();
    }
    return "accepted";
}

void HttpClient::shake_hands() {
    const auto deadline = steady_clock::now() + patience;
    for (;;) {
        ERR_clear_error();
        const int result = SSL_do_handshake(tls_.get());
        const int error = SSL_get_error(tls_.get(), result);
        const auto reason = ERR_peek_error();
        flush();
        if (result == 1) return;
        if (error != SSL_ERROR_WANT_READ) {
            const auto* text = ERR_reason_error_string(reason);
            throw std::runtime_error(text != nullptr ? text : "handshake failed");
        }
        std::string bytes;
        if (fetch(bytes, deadline) != Arrival::bytes)
            throw std::runtime_error("connection ended in the handshake");
        BIO_write(SSL_get_rbio(tls_.get()), bytes.data(), static_cast<int>(bytes.size()));
    }
}

void HttpClient::flush() {
    std::array<char, 16384> bytes{};
    for (int size = 0; (size = BIO_read(SSL_get_wbio(tls_.get()), bytes.data(), bytes.size())) > 0;)
        send_raw({bytes.data(), static_cast<std::size_t>(size)});
}

HttpClient& HttpClient::send(std::string_view bytes) {
    if (!tls_) return send_raw(bytes);
    if (SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size())) <= 0)
        throw std::runtime_error("SSL_write");
    flush();
    return *this;
}

HttpClient& HttpClient::send_by_byte(std::string_view bytes) {
    for (const char& byte : bytes) send({&byte, 1});
    return *this;
}

// A server that has had enough may reset the connection: the test looks at what it said before, so
// that is no error here.
HttpClient& HttpClient::send_raw(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto count = ::send(descriptor_.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count < 0) {
            refused_ = true;
            break;
        }
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return *this;
}

void HttpClient::shut_down_sending() {
    ::shutdown(descriptor_.number(), SHUT_WR);
}

void HttpClient::narrow() {
    const int least = 1;
    ::setsockopt(descriptor_.number(), SOL_SOCKET, SO_RCVBUF, &least, sizeof least);
}

void HttpClient::vanish() {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(descriptor_.number(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    descriptor_.reset();
}

HttpClient::Arrival HttpClient::fetch(std::string& to, steady_clock::time_point deadline) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady_clock::now())
            .count();
    pollfd watched{.fd = descriptor_.number(), .events = POLLIN, .revents = 0};
    if (left <= 0 || ::poll(&watched, 1, static_cast<int>(left)) == 0) return Arrival::timeout;
    std::array<char, 16384> bytes{};
    const auto count = ::recv(descriptor_.number(), bytes.data(), bytes.size(), 0);
    if (count == 0) return Arrival::eof;
    if (count < 0) return Arrival::reset;
    to.append(bytes.data(), static_cast<std::size_t>(count));
    return Arrival::bytes;
}

bool HttpClient::decrypt() {
    std::array<char, 16384> bytes{};
    bool any = false;
    for (int size = 0; (size = SSL_read(tls_.get(), bytes.data(), bytes.size())) > 0; any = true)
        buffered_.append(bytes.data(), static_cast<std::size_t>(size));
    notified_ = (SSL_get_shutdown(tls_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
    ERR_clear_error();
    return any;
}

HttpClient::Arrival HttpClient::arrive(steady_clock::time_point deadline) {
    if (!tls_) return fetch(buffered_, deadline);
    for (;;) {
        if (decrypt()) return Arrival::bytes;
        std::string bytes;
        const auto arrival = fetch(bytes, deadline);
        if (arrival != Arrival::bytes) return arrival;
        BIO_write(SSL_get_rbio(tls_.get()), bytes.data(), static_cast<int>(bytes.size()));
    }
}

void HttpClient::arrive_or_throw(steady_clock::time_point deadline) {
    switch (arrive(deadline)) {
        case Arrival::bytes:
            return;
        case Arrival::eof:
            throw std::runtime_error("the server closed instead of an answer: " + buffered_);
        case Arrival::reset:
            throw std::runtime_error("the server reset the connection");
        case Arrival::timeout:
            throw std::runtime_error("no answer in time: " + buffered_);
    }
}

std::string HttpClient::until(std::string_view mark) {
    const auto deadline = steady_clock::now() + patience;
    std::size_t at = 0;
    while ((at = buffered_.find(mark)) == std::string::npos) arrive_or_throw(deadline);
    auto text = buffered_.substr(0, at + mark.size());
    buffered_.erase(0, at + mark.size());
    return text;
}

HttpAnswer HttpClient::receive(bool to_head) {
    const auto deadline = steady_clock::now() + patience;
    const auto more = [&] { arrive_or_throw(deadline); };
    std::size_t end = 0;
    while ((end = buffered_.find("\r\n\r\n")) == std::string::npos) more();
    auto answer = parse_head(buffered_.substr(0, end + 2));
    buffered_.erase(0, end + 4);
    const auto length = answer.headers.find("content-length");
    const auto size = to_head || length == answer.headers.end() ? 0 : std::stoul(length->second);
    while (buffered_.size() < size) more();
    answer.body = buffered_.substr(0, size);
    buffered_.erase(0, size);
    return answer;
}

HttpClient::End HttpClient::end(std::chrono::milliseconds within) {
    const auto deadline = steady_clock::now() + within;
    for (;;) {
        switch (arrive(deadline)) {
            case Arrival::bytes:
                continue;
            case Arrival::eof:
                if (refused_) return End::reset;
                return tls_ && !notified_ ? End::cut : End::closed;
            case Arrival::reset:
                return End::reset;
            case Arrival::timeout:
                return End::open;
        }
    }
}

}  // namespace oracode::test
