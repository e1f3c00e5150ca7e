// An alert in the form of the API, which notifications share.
#pragma once

#include <boost/json/object.hpp>

#include "store/alerts.hpp"

namespace oracode::api {

[[nodiscard]] boost::json::object to_json(const store::Alert& alert);

}  // namespace oracode::api
