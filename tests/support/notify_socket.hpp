// The other end of $NOTIFY_SOCKET: what a service tells systemd, kept for a test.
#pragma once

#include <array>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include <sys/socket.h>
#include <sys/un.h>

#include "net/descriptor.hpp"
#include "support/process.hpp"

namespace oracode::test {

class NotifySocket {
public:
    NotifySocket() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
        sockaddr_un name{};
        name.sun_family = AF_UNIX;
        std::strncpy(name.sun_path, path().c_str(), sizeof name.sun_path - 1);
        if (::bind(socket_.number(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0)
            throw std::runtime_error("no notify socket");
    }

    [[nodiscard]] std::string path() const { return (folder_ / "notify").string(); }

    // All messages so far, in the order they came.
    const std::vector<std::string>& messages() {
        std::array<char, 4096> buffer{};
        for (;;) {
            const auto size = ::recv(socket_.number(), buffer.data(), buffer.size(), 0);
            if (size < 0) return messages_;
            messages_.emplace_back(buffer.data(), static_cast<std::size_t>(size));
        }
    }
    // Whether a message with this line comes, behind the first `after` messages.
    bool comes(const std::string& text, std::size_t after = 0) {
        return eventually([&] {
            const auto& all = messages();
            for (auto i = after; i < all.size(); ++i)
                if (all[i].find(text) != std::string::npos) return true;
            return false;
        });
    }

private:
    TemporaryFolder folder_;
    net::Descriptor socket_;
    std::vector<std::string> messages_;
};

}  // namespace oracode::test
