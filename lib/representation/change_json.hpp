// A change as others are shown it: one object of `GET /v1/changes`. Pure.
#pragma once

#include <boost/json/object.hpp>

#include "store/reader.hpp"

namespace oracode::representation {

[[nodiscard]] boost::json::object to_json(const store::Change& change);

}  // namespace oracode::representation
