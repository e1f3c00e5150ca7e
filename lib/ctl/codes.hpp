// How access codes and their histories look to people. Pure: the API's JSON objects in, tables out.
#pragma once

#include <boost/json/value.hpp>

#include "ctl/command.hpp"
#include "ctl/http_client.hpp"
#include "ctl/table.hpp"

namespace oracode::ctl {

// The positional ID of a command, and the address of the code it names.
[[nodiscard]] Option access_code_id();
[[nodiscard]] std::string code_path(const Arguments& arguments);
// An answer that is an access code, as a table or as it is.
void print_code(const HttpAnswer& answer, Session& session);

[[nodiscard]] Hue hue_of_status(std::string_view status);
// What a person should notice about a code: "ready", "overdue", "expired", "2 errors".
[[nodiscard]] Cell remark(const boost::json::object& access_code);

[[nodiscard]] Table table_of_codes(const boost::json::array& access_codes);
[[nodiscard]] Table table_of_code(const boost::json::object& access_code);
[[nodiscard]] Table table_of_transitions(const boost::json::array& transitions);
[[nodiscard]] Table table_of_events(const boost::json::array& events);

}  // namespace oracode::ctl
