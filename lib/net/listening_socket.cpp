#include "net/listening_socket.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/peer.hpp"

namespace oracode::net {
namespace {

using boost::asio::ip::tcp;

Error invalid(std::string_view address, std::string_view why) {
    return {Errc::invalid_argument, fmt::format("cannot listen on {}: {}", address, why)};
}

Error failed(std::string_view address) {
    const int number = errno;
    auto error = invalid(address, std::generic_category().message(number));
    if (number == EACCES || number == EPERM) error.code = Errc::forbidden;
    return error;
}

Descriptor open_socket(int family) {
    return Descriptor{::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
}

bool served(const sockaddr_un& name) {
    const auto probe = open_socket(AF_UNIX);
    return ::connect(probe.number(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 ||
           errno == EAGAIN;
}

sockaddr_storage local_name(int descriptor) {
    sockaddr_storage name{};
    socklen_t size = sizeof name;
    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&name), &size);
    return name;
}

}  // namespace

Result<ListeningSocket> ListeningSocket::open(std::string_view address, const Options& options) {
    const auto parsed = parse_listen_address(address, "");
    if (!parsed)
        return invalid(address,
                       fmt::format("expected an IP address and a port, as 127.0.0.1:8080 or "
                                   "[::1]:8080, or unix:PATH with 1 to {} characters of path",
                                   longest_socket_path));
    return open(*parsed, options);
}

Result<ListeningSocket> ListeningSocket::open(const ListenAddress& address,
                                              const Options& options) {
    if (const auto* socket = std::get_if<UnixPath>(&address))
        return open_unix(socket->path.native(), options);
    return open_tcp(std::get<TcpAddress>(address), options);
}

Result<ListeningSocket> ListeningSocket::open_tcp(const TcpAddress& at, const Options& options) {
    const auto address = to_string(at);
    boost::system::error_code bad;
    const tcp::endpoint endpoint{boost::asio::ip::make_address(at.host, bad), at.port};
    if (bad) return invalid(address, bad.message());
    ListeningSocket listening{open_socket(endpoint.protocol().family())};
    const int descriptor = listening.descriptor();
    if (descriptor < 0) return failed(address);
    const int on = 1;
    const int off = 0;
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (endpoint.address().is_v6() &&
        ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) != 0)
        return failed(address);
    if (::bind(descriptor, endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0 ||
        ::listen(descriptor, options.backlog) != 0)
        return failed(address);
    return listening;
}

Result<ListeningSocket> ListeningSocket::open_unix(const std::string& path,
                                                   const Options& options) {
    const auto address = fmt::format("{}{}", unix_scheme, path);
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    if (path.empty() || path.size() > longest_socket_path)
        return invalid(address,
                       fmt::format("the path must have 1 to {} characters", longest_socket_path));
    std::memcpy(name.sun_path, path.data(), path.size());

    struct stat found {};
    if (::lstat(name.sun_path, &found) == 0) {
        if (!S_ISSOCK(found.st_mode))
            return invalid(address, "the file exists and is not a socket");
        if (served(name)) return invalid(address, "another process listens there");
        if (::unlink(name.sun_path) != 0) return failed(address);
    }
    ListeningSocket listening{open_socket(AF_UNIX)};
    if (listening.descriptor() < 0) return failed(address);
    if (::bind(listening.descriptor(), reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0)
        return failed(address);
    listening.unix_path_ = path;
    // Before listen(): until then no client can connect, whatever the mode was in between.
    if (options.unix_group &&
        ::chown(name.sun_path, static_cast<uid_t>(-1), *options.unix_group) != 0)
        return failed(address);
    if (::chmod(name.sun_path, options.unix_mode) != 0 ||
        ::listen(listening.descriptor(), options.backlog) != 0)
        return failed(address);
    return listening;
}

Result<ListeningSocket> ListeningSocket::adopt(int descriptor) {
    int listening = 0;
    socklen_t size = sizeof listening;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0 ||
        listening == 0)
        return Error{Errc::invalid_argument,
                     fmt::format("descriptor {} is not a listening socket", descriptor)};
    const int flags = ::fcntl(descriptor, F_GETFL);
    if (flags < 0 || ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) != 0 ||
        ::fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0)
        return Error{Errc::invalid_argument,
                     fmt::format("descriptor {} cannot be made non-blocking", descriptor)};
    return ListeningSocket{Descriptor{descriptor}};
}

ListeningSocket& ListeningSocket::operator=(ListeningSocket&& other) noexcept {
    if (this == &other) return *this;
    close();
    descriptor_ = std::move(other.descriptor_);
    unix_path_ = std::exchange(other.unix_path_, {});
    return *this;
}

std::string ListeningSocket::address() const {
    const auto name = local_name(descriptor());
    if (name.ss_family == AF_UNIX) {
        sockaddr_un path{};
        std::memcpy(&path, &name, sizeof path);
        return fmt::format("{}{}", unix_scheme, path.sun_path);
    }
    return host_and_port(identify(name).address, port());
}

unsigned short ListeningSocket::port() const {
    const auto name = local_name(descriptor());
    if (name.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &name, sizeof v4);
        return ntohs(v4.sin_port);
    }
    if (name.ss_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, &name, sizeof v6);
        return ntohs(v6.sin6_port);
    }
    return 0;
}

void ListeningSocket::close() {
    // Moved-from: a path is only ever kept beside its descriptor.
    if (descriptor_.number() >= 0 && !unix_path_.empty()) ::unlink(unix_path_.c_str());
    unix_path_.clear();
    descriptor_.reset();
}

}  // namespace oracode::net
