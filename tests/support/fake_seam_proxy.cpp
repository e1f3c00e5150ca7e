#include "support/fake_seam_proxy.hpp"

#include <array>
#include <mutex>
#include <thread>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

namespace oracode::test {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

struct FakeProxy::State {
    struct Tunnel : std::enable_shared_from_this<Tunnel> {
        Tunnel(State& of, tcp::socket from) : proxy(of), near(std::move(from)), far(proxy.io) {}

        void start() {
            asio::async_read_until(near, asio::dynamic_buffer(head), "\r\n\r\n",
                                   [self = shared_from_this()](error_code error, std::size_t) {
                                       if (!error) self->answer();
                                   });
        }
        void answer() {
            {
                const std::scoped_lock lock(proxy.mutex);
                proxy.heads.push_back(head);
            }
            error_code error;
            if (proxy.status == 200)
                far.connect({asio::ip::make_address("127.0.0.1"), proxy.port}, error);
            asio::write(near,
                        asio::buffer("HTTP/1.1 " + std::to_string(proxy.status) + " Said\r\n\r\n"),
                        error);
            if (proxy.status != 200 || error) return;
            relay(near, far, there);
            relay(far, near, back);
        }
        void relay(tcp::socket& from, tcp::socket& to, std::array<char, 16384>& buffer) {
            from.async_read_some(asio::buffer(buffer), [this, self = shared_from_this(), &from, &to,
                                                        &buffer](error_code error, std::size_t n) {
                if (!error) asio::write(to, asio::buffer(buffer, n), error);
                if (!error) return relay(from, to, buffer);
                near.close(error);
                far.close(error);
            });
        }

        State& proxy;
        tcp::socket near;
        tcp::socket far;
        std::string head;
        std::array<char, 16384> there{};
        std::array<char, 16384> back{};
    };

    State(std::uint16_t to, unsigned with)
        : port(to), status(with), acceptor(io, {asio::ip::make_address("127.0.0.1"), 0}) {}

    void accept() {
        acceptor.async_accept([this](error_code error, tcp::socket socket) {
            if (error) return;
            std::make_shared<Tunnel>(*this, std::move(socket))->start();
            accept();
        });
    }

    std::uint16_t port;
    unsigned status;
    asio::io_context io;
    tcp::acceptor acceptor;
    mutable std::mutex mutex;
    std::vector<std::string> heads;
    std::thread thread;
};

FakeProxy::FakeProxy(std::uint16_t port, unsigned status)
    : state_(std::make_shared<State>(port, status)) {
    state_->accept();
    state_->thread = std::thread([state = state_.get()] { state->io.run(); });
}

FakeProxy::~FakeProxy() {
    state_->io.stop();
    state_->thread.join();
}

std::uint16_t FakeProxy::port() const {
    return state_->acceptor.local_endpoint().port();
}

std::vector<std::string> FakeProxy::heads() const {
    const std::scoped_lock lock(state_->mutex);
    return state_->heads;
}

}  // namespace oracode::test
