// A code as Seam shows it in the tests of the poller.
#pragma once

#include <string_view>

#include <boost/json.hpp>

namespace oracode::poller {

inline boost::json::object object(std::string_view id) {
    return {{"access_code_id", id},
            {"workspace_id", "w"},
            {"type", "time_bound"},
            {"status", "set"},
            {"is_offline_access_code", true},
            {"starts_at", "2026-03-05T15:00:00Z"},
            {"ends_at", "2026-03-08T15:00:00Z"}};
}

}  // namespace oracode::poller
