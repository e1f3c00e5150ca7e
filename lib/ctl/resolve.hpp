// Names to addresses with a deadline that holds: the system's resolver blocks as long as it likes.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "core/result.hpp"

namespace oracode::ctl {

// The addresses of `host`, which may be one itself, in the order in which to try them. Fails with
// Errc::invalid_argument (no such name) or Errc::overloaded (no answer by `deadline`). A lookup
// that is given up keeps a thread of its own until the system's resolver returns.
[[nodiscard]] Result<std::vector<boost::asio::ip::tcp::endpoint>> resolve(
    const std::string& host, std::uint16_t port, std::chrono::steady_clock::time_point deadline);

}  // namespace oracode::ctl
