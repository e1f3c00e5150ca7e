#include "devices/order.hpp"

#include <boost/json.hpp>

#include "core/sha256.hpp"

namespace oracode::devices {

namespace json = boost::json;

bool has_other_window(const Made& made) {
    const auto& [code, requested] = made;
    return code.starts_at.value != requested.starts_at || code.ends_at.value != requested.ends_at;
}

std::string digest(const Order& order) {
    const auto& window = order.window;
    json::array text{
        order.device_id,          order.name ? json::value(*order.name) : json::value(),
        window.starts_at,         window.ends_at,
        window.max_time_rounding, window.code_chosen,
        window.one_time_use};
    // Only where there is one: the digests of orders that were made before stay what they are.
    if (order.external_id) text.emplace_back(*order.external_id);
    return hex(sha256(json::serialize(text)));
}

}  // namespace oracode::devices
