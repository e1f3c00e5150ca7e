#include "api/order_json.hpp"

#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "api/device_json.hpp"
#include "api/errors.hpp"
#include "http/problem.hpp"
#include "userlevel/request.hpp"

namespace oracode::api {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_text = 255;  // of an id or a name; Seam's are shorter
constexpr std::array<std::string_view, 8> members{
    "device_id",         "name", "starts_at",       "ends_at",
    "max_time_rounding", "code", "is_one_time_use", "is_offline_access_code"};

// Reads one member after the other; the first thing that is wrong is kept.
class OrderReading {
public:
    explicit OrderReading(const json::object& object) : object_(object) {
        for (const auto& [key, value] : object) {
            if (std::ranges::find(members, std::string_view(key)) == members.end())
                complain(fmt::format("there is no member '{}'",
                                     std::string_view(key).substr(0, longest_text)));
        }
    }

    // nullopt where it is missing or null.
    std::optional<std::string> text(std::string_view key) {
        const auto* value = found(key);
        if (value == nullptr) return std::nullopt;
        const auto* string = value->if_string();
        if (string == nullptr || string->size() > longest_text) {
            complain(fmt::format("{} takes a text of at most {} bytes", key, longest_text));
            return std::nullopt;
        }
        return std::string(string->data(), string->size());
    }

    std::optional<bool> flag(std::string_view key) {
        const auto* value = found(key);
        if (value == nullptr) return std::nullopt;
        if (!value->is_bool()) {
            complain(fmt::format("{} takes true or false", key));
            return std::nullopt;
        }
        return value->get_bool();
    }

    // Whether it is there at all, whatever its type.
    [[nodiscard]] bool given(std::string_view key) const { return found(key) != nullptr; }

    void complain(std::string sentence) {
        if (complaint_.empty()) complaint_ = std::move(sentence);
    }
    [[nodiscard]] const std::string& complaint() const { return complaint_; }

private:
    [[nodiscard]] const json::value* found(std::string_view key) const {
        const auto* value = object_.if_contains(key);
        return value != nullptr && !value->is_null() ? value : nullptr;
    }

    const json::object& object_;
    std::string complaint_;
};

devices::Order read(OrderReading& reading) {
    devices::Order order;
    order.device_id = reading.text("device_id").value_or("");
    if (order.device_id.empty()) reading.complain("device_id is missing");
    order.name = reading.text("name");
    order.window.starts_at = reading.text("starts_at").value_or("");
    order.window.ends_at = reading.text("ends_at").value_or("");
    order.window.max_time_rounding = reading.text("max_time_rounding").value_or("");
    order.window.code_chosen = reading.given("code");
    order.window.one_time_use = reading.flag("is_one_time_use").value_or(false);
    if (!reading.flag("is_offline_access_code").value_or(true))
        reading.complain("only offline access codes are made here");
    return order;
}

}  // namespace

boost::system::result<devices::Order, http::Response> parse_order(std::string_view body,
                                                                  std::string_view request_id) {
    boost::system::error_code malformed;
    json::parse_options options;
    options.max_depth = 8;
    const auto value = json::parse(body, malformed, {}, options);
    if (malformed || !value.is_object())
        return bad_request("the body has to be a JSON object", request_id);
    OrderReading reading(value.get_object());
    auto order = read(reading);
    if (!reading.complaint().empty()) return bad_request(reading.complaint(), request_id);
    std::vector<userlevel::Violation> unreadable;
    static_cast<void>(userlevel::read_request(order.window, unreadable));
    if (!unreadable.empty())
        return http::problem(400, "invalid-argument", "Bad request", unreadable.front().detail,
                             request_id, {{"violations", to_json(unreadable)}});
    return order;
}

}  // namespace oracode::api
