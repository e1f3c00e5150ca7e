// The access code object of the API. Pure; the only place that names its members.
#pragma once

#include <span>
#include <string>

#include <boost/json/value.hpp>

#include "lifecycle/access_code.hpp"
#include "lifecycle/apply.hpp"

namespace oracode::representation {

// How a reader sees a code: `ready` and `overdue` depend on the moment, the PIN on who asks.
struct View {
    Timestamp now;
    Duration grace{};
    bool include_code = false;
    bool polling = true;  // whether Seam is asked at all; without a key there is no next poll
};

// The object of contract `GET /v1/access_codes/{id}`, allocated from `storage`.
[[nodiscard]] boost::json::object to_json(const lifecycle::AccessCode& code, const View& view,
                                          const boost::json::storage_ptr& storage = {});

[[nodiscard]] boost::json::object to_json(const lifecycle::Transition& transition);

// A strong ETag of what `to_json` shows: it changes with every statement applied and when time
// alone changes the answer (`not_ready`, `overdue`), and differs with and without the PIN.
[[nodiscard]] std::string etag(const lifecycle::AccessCode& code, const View& view);

// Milliseconds and all, or null.
[[nodiscard]] boost::json::value to_json(const std::optional<Timestamp>& at);

// `payload` without any PIN (lifecycle/pins.hpp), nor one of `pins` in a text, unless
// `include_code`. A payload that is not a JSON object gives null.
[[nodiscard]] boost::json::value payload_json(std::string_view payload, bool include_code,
                                              std::span<const std::string> pins = {});

}  // namespace oracode::representation
