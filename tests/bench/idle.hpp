// What idle connections cost a server: its memory before and while they are there. One thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <bench/load.hpp>
#include <fmt/format.h>

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

// Holds `count` keep-alive connections that made one request each, and reads the memory of
// `servers` before and once they were idle for `settle`. They are opened in groups, whose
// handshakes are made together: what these leave behind counts. A first connection that is not
// counted pays for what a server does only once. Throws std::runtime_error when the server cannot
// be reached.
class IdleConnections {
public:
    struct Crowd {
        std::size_t count;
        std::size_t group;
    };

    IdleConnections(const sockaddr_in& address, std::string_view request, Crowd crowd,
                    std::chrono::milliseconds settle, const std::vector<long>& servers)
        : address_(address), request_(request), count_(crowd.count) {
        open(1);
        std::this_thread::sleep_for(settle);
        before_kib_ = resident_kib(servers);
        for (std::size_t left = count_; left > 0;) {
            const std::size_t now = std::min(left, crowd.group);
            open(now);
            left -= now;
        }
        std::this_thread::sleep_for(settle);
        with_kib_ = resident_kib(servers);
    }

    [[nodiscard]] bool all_answered(int status) const {
        return tally_.failed() == 0 && tally_.answers(status) == count_ + 1;
    }
    // The members of a JSON object, without its braces.
    [[nodiscard]] std::string json() const {
        const double grown = static_cast<double>(with_kib_) - static_cast<double>(before_kib_);
        return fmt::format(R"("before_kib":{},"with_kib":{},"bytes_per_connection":{:.0f})",
                           before_kib_, with_kib_, grown * 1024 / static_cast<double>(count_));
    }

private:
    // Its connections stay open as long as it lives.
    struct Group {
        Requests requests{Requests::Order::once};
        std::optional<Load> load;
    };

    void open(std::size_t count) {
        const Plan plan{.address = address_, .connections = count, .warmup = {}, .together = true};
        auto& group = *groups_.emplace_back(std::make_unique<Group>());
        for (std::size_t i = 0; i < count; ++i) group.requests.add(request_);
        group.load.emplace(plan, group.requests, tally_);
        group.load->run();
    }

    sockaddr_in address_;
    std::string request_;
    std::size_t count_;
    Tally tally_{{}};
    std::vector<std::unique_ptr<Group>> groups_;
    std::uint64_t before_kib_ = 0;
    std::uint64_t with_kib_ = 0;
};

}  // namespace oracode::bench
