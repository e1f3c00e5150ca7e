// How access codes and their histories look to people: the API's JSON objects in, tables out. Times
// are those of the code's lock.
#pragma once

#include <boost/json/value.hpp>

#include "ctl/command.hpp"
#include "ctl/http_client.hpp"
#include "ctl/lock_names.hpp"
#include "ctl/table.hpp"

namespace oracode::ctl {

// The positional ID of a command, and the address of the code it names.
[[nodiscard]] Option access_code_id();
[[nodiscard]] std::string code_path(const Arguments& arguments);
// An answer that is an access code, as a table or as it is.
void print_code(const HttpAnswer& answer, Session& session);

// "Ada Lovelace" and "Suite 1" cut to the width that tables give them; "-" where there is none.
[[nodiscard]] std::string guest_cell(const boost::json::object& object);
[[nodiscard]] std::string lock_cell(const std::string& name, const std::string& device_id);

[[nodiscard]] Hue hue_of_status(std::string_view status);
// What a person should notice about a code: "ready", "overdue", "expired", "2 errors".
[[nodiscard]] Cell remark(const boost::json::object& access_code);

// Each code takes two lines, the second for its id.
[[nodiscard]] Table table_of_codes(const boost::json::array& access_codes, LockNames& locks);
[[nodiscard]] Table table_of_code(const boost::json::object& access_code, LockNames& locks);
// `device_id` names the lock of the code.
[[nodiscard]] Table table_of_transitions(const boost::json::array& transitions,
                                         const std::string& device_id, LockNames& locks);
[[nodiscard]] Table table_of_events(const boost::json::array& events, const std::string& device_id,
                                    LockNames& locks);

}  // namespace oracode::ctl
