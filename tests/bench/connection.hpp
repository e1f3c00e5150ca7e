// One TLS 1.3 connection of a client as light as it can be: OpenSSL over a socket, one request in
// flight. It trusts every certificate: it measures, on the machine it runs on. One thread.
#pragma once

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <bench/tally.hpp>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace oracode::bench {

// "127.0.0.1:8443". Throws std::invalid_argument for anything else than an IPv4 address and a port.
inline sockaddr_in address_of(const std::string& text) {
    const auto colon = text.find(':');
    sockaddr_in address{};
    address.sin_family = AF_INET;
    unsigned short port = 0;
    const char* end = text.data() + text.size();
    if (colon == std::string::npos ||
        inet_pton(AF_INET, text.substr(0, colon).c_str(), &address.sin_addr) != 1 ||
        std::from_chars(text.data() + colon + 1, end, port).ptr != end)
        throw std::invalid_argument("not an IPv4 address and port: " + text);
    address.sin_port = htons(port);
    return address;
}

struct FreeContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using TlsContext = std::unique_ptr<SSL_CTX, FreeContext>;

// One cipher suite and one group, so that every server measured does the same cryptography.
inline TlsContext tls_context() {
    TlsContext context{SSL_CTX_new(TLS_client_method())};
    if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) != 1 ||
        SSL_CTX_set_ciphersuites(context.get(), "TLS_AES_256_GCM_SHA384") != 1 ||
        SSL_CTX_set1_groups_list(context.get(), "X25519") != 1)
        throw std::runtime_error("no TLS context");
    // One read(2) takes a whole record instead of its header first.
    SSL_CTX_set_read_ahead(context.get(), 1);
    return context;
}

class Connection {
public:
    enum class Progress { waiting, answered, failed };
    // When the TLS handshake is made: by the constructor, or on the way to the first answer.
    enum class Handshake { at_once, with_first_request };

    // Connects, waiting up to 10 s for each step. Throws std::runtime_error when it cannot.
    Connection(SSL_CTX* context, const sockaddr_in& address, Handshake handshake) {
        fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const timeval patience{.tv_sec = 10, .tv_usec = 0};
        const int on = 1;
        setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        ssl_ = SSL_new(context);
        SSL_set_connect_state(ssl_);
        if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
            SSL_set_fd(ssl_, fd_) != 1 ||
            (handshake == Handshake::at_once && SSL_connect(ssl_) != 1)) {
            const std::string why = std::strerror(errno);
            release();
            throw std::runtime_error("no TLS connection: " + why);
        }
        fcntl(fd_, F_SETFL, fcntl(fd_, F_GETFL) | O_NONBLOCK);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() { release(); }

    [[nodiscard]] int fd() const { return fd_; }
    [[nodiscard]] Moment due() const { return due_; }
    [[nodiscard]] bool used() const { return due_ != Moment{}; }
    [[nodiscard]] int status() const { return status_; }
    [[nodiscard]] std::size_t answer_bytes() const { return answer_bytes_; }
    [[nodiscard]] bool closing() const { return closing_; }
    [[nodiscard]] const char* failure() const { return failure_; }
    [[nodiscard]] bool unsent() const { return !unsent_.empty(); }
    // The socket has to take more before the request can go on its way.
    [[nodiscard]] bool blocked() const { return blocked_; }
    [[nodiscard]] bool busy() const { return busy_; }

    // `request` must stay valid until it was answered. Its latency counts from `due`.
    Progress send(std::string_view request, Moment due) {
        unsent_ = request;
        due_ = due;
        used_ = head_ = body_left_ = answer_bytes_ = 0;
        busy_ = true;
        return flush();
    }

    Progress flush() {
        std::size_t written = 0;
        blocked_ = false;
        if (SSL_write_ex(ssl_, unsent_.data(), unsent_.size(), &written) == 1) {
            unsent_ = {};
            return Progress::waiting;
        }
        const int error = SSL_get_error(ssl_, 0);
        ERR_clear_error();
        blocked_ = error == SSL_ERROR_WANT_WRITE;
        // A handshake that is still to be made waits for the server.
        return blocked_ || error == SSL_ERROR_WANT_READ ? Progress::waiting : fail("write");
    }

    // Tells the server that nothing more comes.
    void say_goodbye() {
        SSL_shutdown(ssl_);
        ERR_clear_error();
    }

    // Reads what is there. After `answered`, status() and answer_bytes() tell about the answer.
    Progress receive() {
        while (true) {
            char* into = head_ == 0 ? buffer_.data() + used_ : buffer_.data();
            const std::size_t space = head_ == 0 ? buffer_.size() - used_ : buffer_.size();
            if (space == 0) return fail("head too large");
            std::size_t size = 0;
            if (SSL_read_ex(ssl_, into, space, &size) != 1) {
                ERR_clear_error();
                return SSL_get_error(ssl_, 0) == SSL_ERROR_WANT_READ ? Progress::waiting
                                                                     : fail("closed");
            }
            answer_bytes_ += size;
            if (!busy_) return fail("answer without a request");
            if (head_ == 0) {
                used_ += size;
                const std::string_view text{buffer_.data(), used_};
                const auto end = text.find("\r\n\r\n");
                if (end == std::string_view::npos) continue;
                head_ = end + 4;
                if (!read_head(text.substr(0, head_))) return fail("not HTTP");
                size = used_ - head_;
            }
            if (size > body_left_) return fail("more than the answer");
            body_left_ -= size;
            if (body_left_ == 0) {
                busy_ = false;
                return Progress::answered;
            }
        }
    }

private:
    Progress fail(const char* why) {
        failure_ = why;
        return Progress::failed;
    }

    // Status, length and whether the connection ends; `head` includes the empty line.
    bool read_head(std::string_view head) {
        if (!head.starts_with("HTTP/1.1 ") || head.size() < 16) return false;
        status_ = 0;
        std::from_chars(head.data() + 9, head.data() + 12, status_);
        body_left_ = 0;
        for (auto line = head.find("\r\n") + 2; line + 2 < head.size();) {
            const auto end = head.find("\r\n", line);
            const std::string_view field = head.substr(line, end - line);
            line = end + 2;
            constexpr std::string_view length = "content-length: ";
            if (strncasecmp(field.data(), length.data(), std::min(length.size(), field.size())) ==
                0)
                std::from_chars(field.data() + length.size(), field.data() + field.size(),
                                body_left_);
            else if (strncasecmp(field.data(), "transfer-encoding", 17) == 0)
                return false;
            else if (strncasecmp(field.data(), "connection: close", 17) == 0)
                closing_ = true;
        }
        return status_ >= 200 && status_ < 600;
    }

    void release() {
        SSL_free(ssl_);
        close(fd_);
    }

    int fd_ = -1;
    SSL* ssl_ = nullptr;
    std::string_view unsent_;
    Moment due_;
    std::array<char, 16 * 1024 + 512> buffer_;
    std::size_t used_ = 0;
    std::size_t head_ = 0;  // its length, once it is complete
    std::size_t body_left_ = 0;
    std::size_t answer_bytes_ = 0;
    int status_ = 0;
    bool closing_ = false;
    bool blocked_ = false;
    bool busy_ = false;
    const char* failure_ = "";
};

}  // namespace oracode::bench
