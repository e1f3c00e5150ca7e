#include "http/transport.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace oracode::http {

// OpenSSL's view of a Transport: what arrived with the wake-up first, then the socket, without
// SIGPIPE.
struct TransportBio {
    static Transport& of(BIO* bio) { return *static_cast<Transport*>(BIO_get_data(bio)); }

    static int read(BIO* bio, char* to, int size) {
        BIO_clear_retry_flags(bio);
        const int result = of(bio).pull(to, static_cast<std::size_t>(size));
        if (result == Transport::again) BIO_set_retry_read(bio);
        return result < 0 ? -1 : result;
    }

    static int write(BIO* bio, const char* from, int size) {
        BIO_clear_retry_flags(bio);
        const int result = of(bio).push(from, static_cast<std::size_t>(size));
        if (result == Transport::again) BIO_set_retry_write(bio);
        return result < 0 ? -1 : result;
    }

    static long control(BIO*, int command, long, void*) {
        return command == BIO_CTRL_FLUSH ? 1 : 0;
    }

    // OpenSSL reports each record by its header, under TLS 1.3 with its real type afterwards.
    static void observe(int sent, int, int kind, const void* bytes, std::size_t size, SSL*,
                        void* transport) {
        if (sent != 0 || size == 0) return;
        if (kind == SSL3_RT_HEADER || kind == SSL3_RT_INNER_CONTENT_TYPE)
            static_cast<Transport*>(transport)->note_record(
                *static_cast<const unsigned char*>(bytes));
    }

    static BIO* open(Transport& transport) {
        static BIO_METHOD* const method = [] {
            auto* made =
                BIO_meth_new(BIO_TYPE_SOURCE_SINK | BIO_get_new_index(), "oracoded transport");
            if (made == nullptr) throw std::bad_alloc{};
            BIO_meth_set_read(made, read);
            BIO_meth_set_write(made, write);
            BIO_meth_set_ctrl(made, control);
            return made;
        }();
        BIO* bio = BIO_new(method);
        if (bio == nullptr) throw std::bad_alloc{};
        BIO_set_data(bio, &transport);
        BIO_set_init(bio, 1);
        return bio;
    }
};

Transport::Transport(boost::asio::io_context& context, int family, int descriptor,
                     tls::Connection tls)
    : socket_(context), descriptor_(descriptor), tls_(std::move(tls)) {
    if (tls_) {
        BIO* bio = TransportBio::open(*this);
        SSL_set_bio(tls_.get(), bio, bio);
        SSL_set_msg_callback(tls_.get(), TransportBio::observe);
        SSL_set_msg_callback_arg(tls_.get(), this);
    }
    socket_.assign(boost::asio::generic::stream_protocol(family, 0), descriptor);
}

Transport::~Transport() = default;

void Transport::begin_turn() {
    pieces_ = 0;
    bytes_ = 0;
    spent_ = false;
}

bool Transport::turn_is_over() {
    spent_ = bytes_ >= most_bytes || pieces_ >= most_pieces;
    return spent_;
}

int Transport::spend(std::size_t bytes) {
    ++pieces_;
    bytes_ += bytes;
    return static_cast<int>(bytes);
}

Transport::State Transport::blocked(State state) {
    return std::exchange(spent_, false) ? State::yield : state;
}

void Transport::note_record(unsigned char type) {
    if (secured_ && type == SSL3_RT_HANDSHAKE) ++late_handshakes_;
}

int Transport::pull(char* to, std::size_t size) {
    if (overtaxed()) return broken;
    if (turn_is_over()) return again;
    if (first_ < last_) {
        const auto count = std::min(size, last_ - first_);
        std::memcpy(to, arrived_.data() + first_, count);
        first_ += count;
        return spend(count);
    }
    // While a wait is pending the event loop may already hold the next bytes: reading around it
    // would reorder them.
    if (dry_ || reading_) return again;
    for (;;) {
        const auto count = ::recv(descriptor_, to, size, 0);
        if (count > 0) return spend(static_cast<std::size_t>(count));
        if (count == 0) {
            ended_ = true;
            return 0;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) return broken;
        dry_ = true;
        return again;
    }
}

int Transport::push(const char* from, std::size_t size) {
    if (turn_is_over()) return again;
    for (;;) {
        const auto count = ::send(descriptor_, from, size, MSG_NOSIGNAL);
        if (count >= 0) return spend(static_cast<std::size_t>(count));
        if (errno == EINTR) continue;
        return errno == EAGAIN || errno == EWOULDBLOCK ? again : broken;
    }
}

Transport::Outcome Transport::outcome_of(int result) {
    if (result > 0) return {State::done, static_cast<std::size_t>(result)};
    switch (SSL_get_error(tls_.get(), result)) {
        case SSL_ERROR_WANT_READ:
            return {blocked(State::want_read)};
        case SSL_ERROR_WANT_WRITE:
            return {blocked(State::want_write)};
        case SSL_ERROR_ZERO_RETURN:
            return {State::eof};
        default:
            break;
    }
    secured_ = false;
    const auto code = ERR_peek_error();
    failure_ = code != 0 ? ERR_reason_error_string(code) : nullptr;
    ERR_clear_error();
    return {ended_ ? State::eof : State::failed};
}

Transport::Outcome Transport::raw(int result, State again_state) {
    if (result > 0) return {State::done, static_cast<std::size_t>(result)};
    if (result == again) return {blocked(again_state)};
    return {result == 0 ? State::eof : State::failed};
}

Transport::Outcome Transport::handshake() {
    ERR_clear_error();
    const auto outcome = outcome_of(SSL_do_handshake(tls_.get()));
    secured_ = outcome.state == State::done;
    return outcome;
}

Transport::Outcome Transport::read(char* to, std::size_t size) {
    if (!tls_) return raw(pull(to, size), State::want_read);
    // OpenSSL would take a buffer of 16 KiB to find that out.
    if (dry_ && first_ == last_ && SSL_has_pending(tls_.get()) == 0) return {State::want_read};
    ERR_clear_error();
    return outcome_of(SSL_read(tls_.get(), to, static_cast<int>(size)));
}

Transport::Outcome Transport::write(std::string_view bytes) {
    if (!tls_) return raw(push(bytes.data(), bytes.size()), State::want_write);
    ERR_clear_error();
    constexpr std::size_t most = 1 << 20;  // SSL_write takes an int
    return outcome_of(
        SSL_write(tls_.get(), bytes.data(), static_cast<int>(std::min(bytes.size(), most))));
}

Transport::Outcome Transport::finish_sending() {
    if (secured_) {
        ERR_clear_error();
        const int result = SSL_shutdown(tls_.get());
        if (result < 0 && SSL_get_error(tls_.get(), result) == SSL_ERROR_WANT_WRITE)
            return {blocked(State::want_write)};
        ERR_clear_error();
        secured_ = false;
    }
    return {::shutdown(descriptor_, SHUT_WR) == 0 ? State::done : State::failed};
}

Transport::Outcome Transport::discard() {
    std::array<char, 16UL * 1024> waste;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    return raw(pull(waste.data(), waste.size()), State::want_read);
}

void Transport::limit_unsent(int bytes, std::chrono::milliseconds unacknowledged) {
    ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    const auto patience = static_cast<unsigned>(unacknowledged.count());
    // A unix socket has no such thing, and needs none.
    ::setsockopt(descriptor_, IPPROTO_TCP, TCP_USER_TIMEOUT, &patience, sizeof patience);
}

bool Transport::has_unread() const {
    if (first_ < last_ || (tls_ && SSL_pending(tls_.get()) > 0)) return true;
    int count = 0;
    return ::ioctl(descriptor_, FIONREAD, &count) == 0 && count > 0;
}

void Transport::cancel() {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

void Transport::close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
    tls_.reset();
    first_ = last_ = 0;
}

}  // namespace oracode::http
