#include "api/alert_json.hpp"

#include <boost/json.hpp>

namespace oracode::api {
namespace {

namespace json = boost::json;

json::value text_or_null(const std::string& text) {
    return text.empty() ? json::value() : json::value(text);
}

}  // namespace

json::object to_json(const store::Alert& alert) {
    return {{"id", alert.id},
            {"kind", name(alert.kind)},
            {"access_code_id", text_or_null(alert.access_code_id)},
            {"device_id", text_or_null(alert.device_id)},
            {"opened_at", format_rfc3339(alert.opened_at)},
            {"closed_at",
             alert.closed_at ? json::value(format_rfc3339(*alert.closed_at)) : json::value()},
            {"detail", alert.detail},
            {"deliveries", json::array()}};
}

}  // namespace oracode::api
