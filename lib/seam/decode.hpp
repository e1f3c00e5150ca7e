// Seam's JSON as statements about access codes. Tolerant: a field that is missing or of another
// type counts as absent, an unknown one is passed over. Pure; may be called from any thread.
#pragma once

#include <cstddef>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "core/result.hpp"
#include "lifecycle/event.hpp"

namespace oracode::seam {

// A larger body is refused as if it were not JSON, and what is nested deeper is left out. Seam's
// events are below 2 KiB and 5 levels.
inline constexpr std::size_t max_event_size = std::size_t{4} << 20;
inline constexpr std::size_t max_event_depth = 64;

// Reads an event as webhooks deliver it. `received_at` stands in where Seam gives no instant at
// all. Fails with Errc::invalid_argument when it is not JSON that parse_lenient_json takes, no
// object, or has no non-empty text as `event_id` or `event_type`; the detail is a short reason that
// repeats nothing of the body. Of a member that is there twice, the last counts. Where the body had
// to be mended to be JSON, `mended` is set to a text that is.
[[nodiscard]] Result<lifecycle::Event> decode_event(std::string_view body, Timestamp received_at,
                                                    lifecycle::Source source,
                                                    std::string* mended = nullptr);

// The same for an element of `/events/list`. Not an overload: a json::value is also made from text,
// silently.
[[nodiscard]] Result<lifecycle::Event> decode_listed_event(const boost::json::value& json,
                                                           Timestamp received_at,
                                                           lifecycle::Source source);

// Reads an access code as Seam's answers show it: a statement of the moment `requested_at` at which
// the request was sent. An unknown `status` says nothing about the status; without `is_managed` a
// code is managed. Fails with Errc::invalid_argument when it is not an object or has no non-empty
// text as `access_code_id`.
[[nodiscard]] Result<lifecycle::Event> decode_access_code(const boost::json::value& json,
                                                          Timestamp requested_at,
                                                          lifecycle::Source source);

}  // namespace oracode::seam
