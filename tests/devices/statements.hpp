// What Seam may answer about codes and locks, made by hand.
#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "devices/code_list.hpp"
#include "seam/decode.hpp"

namespace oracode::devices {

inline Timestamp instant(std::string_view text) {
    return parse_rfc3339(text).value();
}

inline const Timestamp requested_at = instant("2024-09-01T00:00:00Z");

// The code of Ada for 10 to 16 September, made at `requested_at`.
inline boost::json::object code_of_ada(std::string_view id = "lost") {
    return {{"access_code_id", id},
            {"device_id", "lock1"},
            {"name", "Ada"},
            {"status", "unset"},
            {"created_at", "2024-09-01T00:00:00.000Z"},
            {"starts_at", "2024-09-10T14:00:00.000Z"},
            {"ends_at", "2024-09-16T02:00:00.000Z"}};
}

// As a list shows it.
inline SeamsCode listed(const boost::json::object& object) {
    return {seam::decode_access_code(object, requested_at, lifecycle::Source::create).value()};
}

// As a get shows it.
inline seam::Found shown(const boost::json::object& object) {
    seam::Found found;
    found.object = object;
    found.sent_at = requested_at;
    return found;
}

inline seam::CallError call_error(Errc code, Timestamp sent_at = {}) {
    seam::CallError error;
    error.code = code;
    error.detail = "why";
    error.sent_at = sent_at;
    return error;
}

}  // namespace oracode::devices
