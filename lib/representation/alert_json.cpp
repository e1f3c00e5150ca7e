#include "representation/alert_json.hpp"

#include "representation/access_code_json.hpp"
#include "representation/or_null.hpp"

namespace oracode::representation {

namespace json = boost::json;

json::object to_json(const store::Alert& alert) {
    return {{"id", alert.id},
            {"kind", name(alert.kind)},
            {"access_code_id", text_or_null(alert.access_code_id)},
            {"device_id", text_or_null(alert.device_id)},
            {"opened_at", format_rfc3339(alert.opened_at)},
            {"closed_at", to_json(alert.closed_at)},
            {"detail", alert.detail}};
}

json::array to_json(const std::vector<store::AlertDelivery>& deliveries) {
    json::array list;
    for (const auto& delivery : deliveries)
        list.push_back(json::object{{"target", delivery.target},
                                    {"type", name(delivery.type)},
                                    {"state", name(delivery.state)},
                                    {"attempts", delivery.attempts},
                                    {"next_attempt_at", to_json(delivery.next_attempt_at)},
                                    {"last_error", text_or_null(delivery.last_error)}});
    return list;
}

}  // namespace oracode::representation
