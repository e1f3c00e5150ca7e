// An alert as others are shown it. Pure.
#pragma once

#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "store/alerts.hpp"
#include "store/notification.hpp"

namespace oracode::representation {

// One object of `GET /v1/alerts`, less its `deliveries`.
[[nodiscard]] boost::json::object to_json(const store::Alert& alert);

// These.
[[nodiscard]] boost::json::array to_json(const std::vector<store::AlertDelivery>& deliveries);

}  // namespace oracode::representation
