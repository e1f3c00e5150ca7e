// How locks, their time slots and windows for codes look to people. Pure: the API's JSON objects
// in, tables out. Times are the lock's own, as that is what a guest's clock shows at the door.
#pragma once

#include <boost/json/value.hpp>

#include "ctl/table.hpp"

namespace oracode::ctl {

// "Tue 2024-09-10 07:00 -07:00" of "2024-09-10T07:00:00-07:00"; another text stays as it is.
[[nodiscard]] std::string wall_clock(std::string_view local);
// "07:00" of "07:00:00[America/Los_Angeles]"; another text stays as it is.
[[nodiscard]] std::string time_of_day(std::string_view text);

// Each lock takes two lines, the second for its id.
[[nodiscard]] Table table_of_locks(const boost::json::array& devices);
// `as_of` says when Seam showed the lock, for people; empty: it has not.
[[nodiscard]] Table table_of_lock(const boost::json::object& device, const std::string& as_of);
[[nodiscard]] Table table_of_slots(const boost::json::array& time_slots);
// The window that an order comes to.
[[nodiscard]] Table table_of_window(const boost::json::object& checked);
[[nodiscard]] Table table_of_nearest(const boost::json::array& nearest);

}  // namespace oracode::ctl
