// What a call to Seam came to: an answer, or an error that says what to do next. Pure; may be
// called from any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>
#include <boost/system/result.hpp>

#include "core/result.hpp"
#include "core/time.hpp"

namespace oracode::seam {

// A 2xx answer whose body is JSON (null where there is none).
struct Answer {
    unsigned status = 0;
    boost::json::value body;
    std::string seam_request_id;  // empty where Seam sent none
    Timestamp sent_at{};          // when the request was sent: what the body states is no older
    Timestamp received_at{};
    std::optional<Timestamp> seam_date;  // the Date header
};

struct CallError {
    // unauthenticated or forbidden: Seam itself refuses the key, or the key for this object.
    // not_found: Seam itself says so. seam_refused: another 4xx. seam_rate_limited: 429.
    // seam_unreachable: no usable answer, or one that is not Seam's. overloaded: never
    // sent, too many calls wait. invalid_argument: never sent.
    Errc code = Errc::seam_unreachable;
    std::string detail;         // for operators; holds nothing of the body and no secret
    unsigned status = 0;        // 0: there was no answer
    std::string error_type;     // Seam's `error.type`, such as `access_code_not_found`
    std::string error_message;  // Seam's words, one line, at most `longest_message` bytes
    std::string seam_request_id;
    std::optional<Duration> retry_after;  // at most `longest_retry_after`
    Timestamp sent_at{};                  // the epoch where nothing was sent
    std::optional<Timestamp> received_at;
    std::optional<Timestamp> seam_date;  // the Date header
    // A complete answer came from Seam, though not one that can be used: it is there.
    bool answered = false;

    friend bool operator==(const CallError&, const CallError&) = default;
};

inline constexpr std::size_t longest_message = 500;
inline constexpr Duration longest_retry_after = std::chrono::hours{24};

template <class T>
using CallResult = boost::system::result<T, CallError>;

[[noreturn]] void throw_exception_from_error(const CallError& error,
                                             const boost::source_location& where);

// An error that arose here: Seam's answer, if there was one, says nothing of it.
[[nodiscard]] CallError local_error(Errc code, std::string detail);
[[nodiscard]] CallError local_error(const Error& error);

// One line for a log: what failed, Seam's type and words, its request id.
[[nodiscard]] std::string describe(const CallError& error);
// The same as the rest of the daemon knows it.
[[nodiscard]] Error to_error(const CallError& error);

// An answer as it came off the wire.
struct RawAnswer {
    unsigned status = 0;
    std::string body;
    std::string retry_after;
    std::string seam_request_id;
    std::string date;
    std::string content_encoding;
};

// Sorts an answer by RFC 9110 and Seam's `{"ok":false,"error":{"type":…}}`. A 401, 403 or 404 that
// has not this form comes from something else (a proxy, a wrong endpoint) and counts as
// seam_unreachable, and so does a 404 that speaks of a route. Redirects are not followed and count
// so too. A complete 2xx says that Seam is there, whatever it holds.
[[nodiscard]] CallResult<Answer> classify(const RawAnswer& raw, Timestamp sent_at, Timestamp now);

// `Retry-After`: seconds, or an HTTP date (IMF-fixdate) seen from `now`; a moment that has passed
// is zero. nullopt for anything else.
[[nodiscard]] std::optional<Duration> parse_retry_after(std::string_view text, Timestamp now);

// `text` on one line, without control characters, cut at a character's edge to `most` bytes.
[[nodiscard]] std::string bounded(std::string_view text, std::size_t most);

}  // namespace oracode::seam
