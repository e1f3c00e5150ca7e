#include "devices/order.hpp"

#include <array>
#include <stdexcept>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <openssl/evp.h>

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
    const auto bytes = json::serialize(text);
    std::array<unsigned char, 32> sum{};
    if (EVP_Digest(bytes.data(), bytes.size(), sum.data(), nullptr, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("SHA-256 is not available");
    std::string hex;
    for (const auto byte : sum) hex += fmt::format("{:02x}", byte);
    return hex;
}

}  // namespace oracode::devices
