// The bytes of one connection, with TLS or without. Never blocks: an operation says what it waits
// for. Owned by a session, used on its I/O thread only.
//
// OpenSSL works on the socket through a BIO of ours. boost::asio::ssl::stream would put two 17 KiB
// buffers and a BIO pair into every idle connection and copy each record twice.
#pragma once

#include <array>
#include <chrono>
#include <string_view>
#include <utility>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>

#include "http/tls.hpp"

namespace oracode::http {

class Transport {
public:
    enum class State {
        done,
        want_read,   // call again after wait_readable
        want_write,  // call again after wait_writable
        yield,       // call again when others have had their turn
        eof,         // the peer sends nothing more
        failed,
    };
    struct Outcome {
        State state;
        std::size_t bytes = 0;
    };
    using Socket = boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol,
                                                    boost::asio::io_context::executor_type>;

    // Takes over `descriptor`, an accepted stream socket of `family`. Without `tls` the bytes go as
    // they are.
    Transport(boost::asio::io_context& context, int family, int descriptor, tls::Connection tls);
    ~Transport();
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;

    // The owner begins to work on this connection. When about a millisecond's worth of bytes and
    // records has gone by, every operation says `yield`: OpenSSL goes on inside one call for as
    // long as the peer sends what is not data, and so would the owner in its loop.
    void begin_turn();

    Outcome handshake();
    Outcome read(char* to, std::size_t size);
    Outcome write(std::string_view bytes);
    // Says that nothing more is sent: TLS close_notify where it can still be said, then FIN.
    Outcome finish_sending();
    // Throws away what the peer still sends.
    Outcome discard();
    void close();

    // Has the kernel keep at most about `bytes` that the peer has not taken, and give the peer up
    // when it acknowledges nothing for so long.
    void limit_unsent(int bytes, std::chrono::milliseconds unacknowledged);

    // Something may have arrived that has not been read.
    [[nodiscard]] bool has_unread() const;
    // Ends a pending wait_readable; its handler runs soon.
    void wake() { cancel(); }
    [[nodiscard]] bool encrypted() const { return tls_ != nullptr; }
    // The peer sent more TLS handshake messages after the handshake than a client needs
    // (KeyUpdates, wishes to renegotiate): it was given up.
    [[nodiscard]] bool overtaxed() const { return late_handshakes_ > most_late_handshakes; }
    // Why the handshake failed, in OpenSSL's words.
    [[nodiscard]] const char* failure() const { return failure_; }

    // Runs `resume` once when it may be worth trying again, also after close(). While one wait is
    // pending another does nothing. `resume` keeps the owner of this transport alive.
    template <class Resume>
    void wait_readable(Resume resume) {
        if (reading_) return;
        reading_ = true;
        socket_.async_read_some(
            boost::asio::buffer(arrived_),
            [this, resume = std::move(resume)](const boost::system::error_code& error,
                                               std::size_t size) mutable {
                reading_ = false;
                first_ = 0;
                last_ = size;
                // On an error the next read finds out itself; a full buffer means that there may be
                // more.
                dry_ = !error && size < arrived_.size();
                resume();
            });
    }
    template <class Resume>
    void wait_writable(Resume resume) {
        if (writing_) return;
        writing_ = true;
        socket_.async_wait(Socket::wait_write, [this, resume = std::move(resume)](
                                                   const boost::system::error_code&) mutable {
            writing_ = false;
            resume();
        });
    }

private:
    friend struct TransportBio;
    static constexpr int again = -1;
    static constexpr int broken = -2;

    // Of one turn. A read of OpenSSL's is half a record; a KeyUpdate costs tens of microseconds.
    static constexpr std::size_t most_bytes = 128UL * 1024;
    static constexpr unsigned most_pieces = 64;
    // Of a connection's life: clients renew their keys after 2^24 records.
    static constexpr unsigned most_late_handshakes = 32;

    bool turn_is_over();
    int spend(std::size_t bytes);
    State blocked(State state);
    void note_record(unsigned char type);
    int pull(char* to, std::size_t size);
    int push(const char* from, std::size_t size);
    Outcome outcome_of(int result);
    Outcome raw(int result, State again_state);
    void cancel();

    Socket socket_;
    int descriptor_;
    tls::Connection tls_;
    const char* failure_ = nullptr;
    // What woke us was read along with the wake-up: one system call less for each request.
    std::array<char, 4096> arrived_;
    std::size_t first_ = 0;
    std::size_t last_ = 0;
    // The socket was empty when last looked at: a wait reports what comes, an end of stream
    // included, for Asio looks again before it sleeps.
    bool dry_ = false;
    bool reading_ = false;
    bool writing_ = false;
    bool ended_ = false;    // end of stream seen
    bool secured_ = false;  // handshake done, no fatal error since: close_notify makes sense
    bool spent_ = false;    // an operation ended because the turn is over
    unsigned late_handshakes_ = 0;
    unsigned pieces_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace oracode::http
