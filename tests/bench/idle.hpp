// What idle connections cost a server: its memory before and while they are there. One thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <bench/connection.hpp>
#include <fmt/format.h>
#include <poll.h>

namespace oracode::bench {

// Resident memory of the processes together, in KiB; one that cannot be read counts as 0.
inline std::uint64_t resident_kib(const std::vector<long>& pids) {
    std::uint64_t sum = 0;
    for (const long pid : pids) {
        std::ifstream status{fmt::format("/proc/{}/status", pid)};
        for (std::string key; status >> key;) {
            std::uint64_t kib = 0;
            if (key == "VmRSS:" && status >> kib) sum += kib;
        }
    }
    return sum;
}

// Opens `count` keep-alive connections one after the other, makes `request` on each of them, leaves
// them idle for `settle` and reads the memory of `servers`. A first connection that is not counted
// pays for what the server does only once. Throws std::runtime_error when a connection fails.
class IdleConnections {
public:
    IdleConnections(const sockaddr_in& address, std::string_view request, std::size_t count,
                    std::chrono::milliseconds settle, const std::vector<long>& servers) {
        open(address, request);
        std::this_thread::sleep_for(settle);
        before_kib_ = resident_kib(servers);
        for (std::size_t i = 0; i < count; ++i) open(address, request);
        std::this_thread::sleep_for(settle);
        with_kib_ = resident_kib(servers);
    }

    [[nodiscard]] bool all_answered(int status) const {
        return std::ranges::all_of(connections_,
                                   [status](const auto& each) { return each->status() == status; });
    }
    // The members of a JSON object, without its braces.
    [[nodiscard]] std::string json() const {
        const double grown = static_cast<double>(with_kib_) - static_cast<double>(before_kib_);
        return fmt::format(R"("before_kib":{},"with_kib":{},"bytes_per_connection":{:.0f})",
                           before_kib_, with_kib_,
                           grown * 1024 / static_cast<double>(connections_.size() - 1));
    }

private:
    static constexpr int patience_ms = 10'000;

    void open(const sockaddr_in& address, std::string_view request) {
        using Progress = Connection::Progress;
        auto connection =
            std::make_unique<Connection>(context_.get(), address, Connection::Handshake::at_once);
        Progress progress = connection->send(request, std::chrono::steady_clock::now());
        while (progress == Progress::waiting) {
            pollfd readable{.fd = connection->fd(), .events = POLLIN, .revents = 0};
            if (poll(&readable, 1, patience_ms) != 1)
                throw std::runtime_error("no answer on connection " +
                                         std::to_string(connections_.size()));
            progress = connection->receive();
        }
        if (progress == Progress::failed) throw std::runtime_error(connection->failure());
        connections_.push_back(std::move(connection));
    }

    TlsContext context_ = tls_context();
    std::vector<std::unique_ptr<Connection>> connections_;
    std::uint64_t before_kib_ = 0;
    std::uint64_t with_kib_ = 0;
};

}  // namespace oracode::bench
