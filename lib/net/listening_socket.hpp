// A socket that is bound and listening: opened at an address, or passed by systemd.
// Owned by its holder, then by a Listener.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/result.hpp"
#include "net/address.hpp"
#include "net/descriptor.hpp"

namespace oracode::net {

class ListeningSocket {
public:
    struct Options {
        int backlog = 1024;
        unsigned unix_mode = 0660;             // of a unix socket's file
        std::optional<unsigned> unix_group{};  // its group's number; none: the process's own
    };

    // Binds `address` and listens: `127.0.0.1:8080`, `[::1]:8080`, `[::]:8443` (IPv4 as well),
    // `unix:/run/x.sock`. Port 0 takes a free one. The file of a unix socket that is no longer
    // served is replaced; one that is served, or is not a socket, is an error. Fails with
    // Errc::invalid_argument and a sentence that names the address.
    [[nodiscard]] static Result<ListeningSocket> open(const ListenAddress& address,
                                                      const Options& options);
    // `address` as text; see parse_listen_address.
    [[nodiscard]] static Result<ListeningSocket> open(std::string_view address,
                                                      const Options& options);
    [[nodiscard]] static Result<ListeningSocket> open(std::string_view address) {
        return open(address, Options{});
    }
    // Takes over a descriptor that is listening already (LISTEN_FDS). Its unix socket file, if any,
    // is left to its maker.
    [[nodiscard]] static Result<ListeningSocket> adopt(int descriptor);

    ListeningSocket(ListeningSocket&&) noexcept = default;
    ListeningSocket& operator=(ListeningSocket&& other) noexcept;
    ~ListeningSocket() { close(); }

    [[nodiscard]] int descriptor() const { return descriptor_.number(); }
    // Where it listens, with the port it really has: `127.0.0.1:43215`, `[::]:8443`,
    // `unix:/run/x.sock`.
    [[nodiscard]] std::string address() const;
    [[nodiscard]] unsigned short port() const;  // 0 for a unix socket
    // Stops listening and removes the unix socket file it made.
    void close();

private:
    explicit ListeningSocket(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

    static Result<ListeningSocket> open_unix(const std::string& path, const Options& options);
    static Result<ListeningSocket> open_tcp(const TcpAddress& address, const Options& options);

    Descriptor descriptor_;
    std::string unix_path_;  // of the file to remove
};

}  // namespace oracode::net
