// What outbound calls send and what comes of them. Plain values.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include "core/time.hpp"

namespace oracode::client {

using Header = std::pair<std::string, std::string>;

struct Request {
    std::string method = "GET";
    std::string target{};           // path and query, percent-encoded; empty: "/"
    std::vector<Header> headers{};  // beside Host, User-Agent and Content-Length
    std::string body{};
};

struct Response {
    unsigned status = 0;
    std::vector<Header> headers{};
    std::string body{};

    // The first header of this name (any case).
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

// Takes an answer as it comes. Either may end it by returning false.
struct Receiver {
    std::function<bool(const Response& head)> begin;  // status and headers, no body yet
    std::function<bool(std::string_view piece)> take;
};

// Why there is no complete answer.
struct Failure {
    enum class Kind : std::uint8_t {
        queue_full,       // unsent: too many calls wait
        waited_too_long,  // unsent: the time was used up behind other calls
        shut_down,        //
        timed_out,        //
        unresolved,       // the name has no address
        unreachable,      // no connection to the server or its proxy
        untrusted,        // the certificate was refused
        unanswered,       // closed before any byte of an answer
        cut_off,          // closed in the middle of an answer
        malformed,        // an answer that is not HTTP, or without an end
        too_large,        // a body beyond the limit
    };
    Kind kind = Kind::unreachable;
    std::string detail;                 // for operators; holds nothing of the answer and no secret
    boost::system::error_code error{};  // the system's, where it had one
    Duration after{};                   // timed_out: the time that was up
    unsigned status = 0;                // of the answer, where its head had come
};

template <class T>
using Outcome = boost::system::result<T, Failure>;

}  // namespace oracode::client
