#include "api/order_json.hpp"

#include <algorithm>
#include <array>
#include <span>

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
constexpr std::array<std::string_view, 9> members{
    "device_id",         "name", "starts_at",       "ends_at",
    "max_time_rounding", "code", "is_one_time_use", "is_offline_access_code",
    "external_id"};

constexpr std::string_view external_id_member = "external_id";
constexpr std::array<std::string_view, 1> tracking_members{external_id_member};

// Reads one member after the other; the first thing that is wrong is kept.
class OrderReading {
public:
    OrderReading(const json::object& object, std::span<const std::string_view> known)
        : object_(object) {
        for (const auto& [key, value] : object) {
            if (std::ranges::find(known, std::string_view(key)) == known.end())
                complain(fmt::format("there is no member '{}'",
                                     std::string_view(key).substr(0, longest_text)));
        }
    }

    // nullopt where it is missing or null.
    std::optional<std::string> text(std::string_view key, std::size_t longest = longest_text) {
        const auto* value = found(key);
        if (value == nullptr) return std::nullopt;
        const auto* string = value->if_string();
        if (string == nullptr || string->size() > longest) {
            complain(fmt::format("{} takes a text of at most {} bytes", key, longest));
            return std::nullopt;
        }
        return std::string(string->data(), string->size());
    }

    std::optional<std::string> external_id() {
        return text(external_id_member, longest_external_id);
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
    order.external_id = reading.external_id();
    if (order.external_id && order.external_id->empty())
        reading.complain("external_id must not be empty; leave it out instead");
    order.window.starts_at = reading.text("starts_at").value_or("");
    order.window.ends_at = reading.text("ends_at").value_or("");
    order.window.max_time_rounding = reading.text("max_time_rounding").value_or("");
    order.window.code_chosen = reading.given("code");
    order.window.one_time_use = reading.flag("is_one_time_use").value_or(false);
    if (!reading.flag("is_offline_access_code").value_or(true))
        reading.complain("only offline access codes are made here");
    return order;
}

// Null where it is not JSON, or nested deeper than anything that is taken here.
json::value parse_json(std::string_view body) {
    boost::system::error_code malformed;
    json::parse_options options;
    options.max_depth = 8;
    auto value = json::parse(body, malformed, {}, options);
    return malformed ? json::value() : value;
}

}  // namespace

boost::system::result<std::optional<std::string>, http::Response> parse_tracking(
    std::string_view body, std::string_view request_id) {
    if (body.find_first_not_of(" \t\r\n") == std::string_view::npos)
        return std::optional<std::string>{};
    const auto value = parse_json(body);
    if (!value.is_object())
        return bad_request("the body has to be a JSON object, or empty", request_id);
    OrderReading reading(value.get_object(), tracking_members);
    auto external_id = reading.external_id();
    if (!reading.complaint().empty()) return bad_request(reading.complaint(), request_id);
    return external_id;
}

boost::system::result<devices::Order, http::Response> parse_order(std::string_view body,
                                                                  std::string_view request_id) {
    const auto value = parse_json(body);
    if (!value.is_object()) return bad_request("the body has to be a JSON object", request_id);
    OrderReading reading(value.get_object(), members);
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
