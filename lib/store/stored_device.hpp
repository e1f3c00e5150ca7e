// A lock as Seam showed it last. A plain value; any thread.
#pragma once

#include <string>

#include "core/time.hpp"

namespace oracode::store {

struct StoredDevice {
    std::string device_id;
    Timestamp fetched_at;
    std::string object;  // the used part of Seam's JSON
};

}  // namespace oracode::store
