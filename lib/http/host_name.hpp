// Which names a Host header can have that only this machine answers for. Pure; any thread.
#pragma once

#include <string_view>

namespace oracode::http {

// "localhost:8080", "127.0.0.1", "[::1]:8080", nothing at all (HTTP/1.0): a browser that sends one
// of these went to this machine or to the address itself. A name of the DNS its owner can make lead
// here after their page was loaded, and so it proves nothing, `[::1].example` included.
[[nodiscard]] bool names_this_machine(std::string_view host);

}  // namespace oracode::http
