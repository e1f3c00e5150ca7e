// Locks, user levels and what the Oracode rules say, as the API shows them. Pure; the only place
// that names their members.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "core/time.hpp"
#include "devices/device_service.hpp"

namespace oracode::api {

// A user level in Seam's own words.
[[nodiscard]] boost::json::object to_json(const userlevel::UserLevel& level);

[[nodiscard]] boost::json::array to_json(const std::vector<userlevel::Violation>& violations);
[[nodiscard]] boost::json::array to_json(const std::vector<userlevel::Proposal>& nearest);

// The answer to a check that found nothing wrong.
[[nodiscard]] boost::json::object accepted_json(const devices::OrderCheck& checked, Timestamp now);
// The lock a check is about, and how old its data is.
[[nodiscard]] boost::json::object lock_json(const devices::LockSnapshot& lock, Timestamp now);

// The object of contract `GET /v1/devices/{id}`. `max_codes`: 0 for no limit.
[[nodiscard]] boost::json::object to_json(const devices::LockView& lock, std::size_t max_codes,
                                          Timestamp now);

}  // namespace oracode::api
