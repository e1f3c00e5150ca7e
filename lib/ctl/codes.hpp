// How access codes and their histories look to people. Pure: the API's JSON objects in, tables out.
#pragma once

#include <boost/json/value.hpp>

#include "ctl/table.hpp"

namespace oracode::ctl {

[[nodiscard]] Hue hue_of_status(std::string_view status);
// What a person should notice about a code: "ready", "overdue", "expired", "2 errors".
[[nodiscard]] Cell remark(const boost::json::object& access_code);

[[nodiscard]] Table table_of_codes(const boost::json::array& access_codes);
[[nodiscard]] Table table_of_code(const boost::json::object& access_code);
[[nodiscard]] Table table_of_transitions(const boost::json::array& transitions);
[[nodiscard]] Table table_of_events(const boost::json::array& events);

}  // namespace oracode::ctl
