// Refusals as application/problem+json (RFC 9457). Pure; any thread.
#pragma once

#include <string_view>

#include <boost/json/object.hpp>

#include "http/message.hpp"

namespace oracode::http {

inline constexpr std::string_view problem_type = "application/problem+json";

// A problem document: type "/problems/<slug>", instance `request_id`. `slug` is a stable name that
// clients may compare, `detail` (may be empty) a sentence for people; both go out as they are and
// must tell an attacker nothing. `members` are added as extension members.
[[nodiscard]] Response problem(unsigned status, std::string_view slug, std::string_view title,
                               std::string_view detail, std::string_view request_id,
                               boost::json::object members = {});

// The plain problem of a status: slug and title are its reason phrase ("/problems/bad-request",
// "Bad request").
[[nodiscard]] Response problem(unsigned status, std::string_view request_id,
                               std::string_view detail = {});

// "Not Found"; for a status without a name, the phrase of its class.
[[nodiscard]] std::string_view reason_phrase(unsigned status);

}  // namespace oracode::http
