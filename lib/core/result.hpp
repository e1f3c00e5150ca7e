// Errors that a caller can answer. What no caller can handle (disk, corruption, a bug) is thrown
// instead.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include <boost/system/result.hpp>

namespace oracode {

enum class Errc {
    invalid_argument,   // malformed input: nothing was done
    not_found,          //
    conflict,           // another state than the request assumes
    rule_violated,      // well-formed, but against an Oracode rule
    unauthenticated,    //
    forbidden,          //
    overloaded,         // a bounded queue is full: try again later
    store_unavailable,  // the disk refuses; nothing of the request is kept
    seam_unreachable,   // no usable answer: network, TLS, 5xx, malformed
    seam_refused,       // Seam answered with an error of its own
    seam_rate_limited,  // 429
};

[[nodiscard]] std::string_view name(Errc code);

struct Error {
    Errc code{};
    std::string detail;  // for people who operate the daemon; never shown to a client as it is

    friend bool operator==(const Error&, const Error&) = default;
};

// What `Result::value()` throws when there is none: using it without a check is a bug.
[[noreturn]] void throw_exception_from_error(const Error& error,
                                             const boost::source_location& where);

template <class T>
using Result = boost::system::result<T, Error>;

}  // namespace oracode
