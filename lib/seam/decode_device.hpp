// Seam's JSON of a lock, as the Oracode rules want to have it. As tolerant as decode.hpp: a field
// that is missing or of another type counts as absent. Pure; may be called from any thread.
#pragma once

#include <optional>
#include <string>

#include <boost/json/fwd.hpp>

#include "core/result.hpp"
#include "userlevel/user_level.hpp"

namespace oracode::seam {

struct Device {
    userlevel::Lock lock;
    std::string device_type;  // this and the others: empty where absent
    std::string workspace_id;
    std::string connected_account_id;
    std::string site_name;
    std::string door_name;
    std::optional<bool> online;
    bool is_oracode = false;  // it has dormakaba_oracode_metadata

    friend bool operator==(const Device&, const Device&) = default;
};

// Reads a device as `/devices/get`, `/devices/list` and `/locks/*` show it. Entries of
// `predefined_time_slots` that are not objects are passed over; numbers may come as floats. Fails
// with Errc::invalid_argument when it is not an object or has no non-empty text as `device_id`.
[[nodiscard]] Result<Device> decode_device(const boost::json::value& json);

// What decode_device reads of `device`, and nothing else of it: a JSON text from which it reads the
// same again.
[[nodiscard]] std::string excerpt(const boost::json::object& device);

}  // namespace oracode::seam
