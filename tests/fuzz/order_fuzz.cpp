// Bodies that callers of the API send: an order, or a 400 that says in JSON what is wrong; and an
// order that was taken is taken again when it is written out.
#include <boost/json.hpp>

#include "api/order_json.hpp"
#include "input.hpp"

namespace {

using namespace oracode;
using fuzz::require;

void check(const http::Response& refusal) {
    require(refusal.status == 400);
    const auto problem = boost::json::parse(refusal.body);
    require(problem.at("status").as_int64() == 400 && !problem.at("detail").as_string().empty());
}

boost::json::object written(const devices::Order& order) {
    boost::json::object body{{"device_id", order.device_id},
                             {"starts_at", order.window.starts_at},
                             {"ends_at", order.window.ends_at},
                             {"is_one_time_use", order.window.one_time_use}};
    if (order.name) body["name"] = *order.name;
    if (order.external_id) body["external_id"] = *order.external_id;
    if (!order.window.max_time_rounding.empty())
        body["max_time_rounding"] = order.window.max_time_rounding;
    if (order.window.code_chosen) body["code"] = "1234";
    return body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto body = fuzz::text_of(data, size);
    const auto order = api::parse_order(body, "r1");
    if (!order) {
        check(order.error());
    } else {
        require(!order->device_id.empty() && order->device_id.size() <= 255);
        require(!order->external_id || (!order->external_id->empty() &&
                                        order->external_id->size() <= api::longest_external_id));
        const auto again = api::parse_order(boost::json::serialize(written(*order)), "r1");
        require(again.has_value() && written(*again) == written(*order));
    }
    const auto tracking = api::parse_tracking(body, "r1");
    if (!tracking) check(tracking.error());
    return 0;
}
