#include "ctl/daemon_client.hpp"

#include <boost/json.hpp>

#include "ctl/table.hpp"

namespace oracode::ctl {
namespace {

namespace json = boost::json;

std::string without_trailing_slash(std::string text) {
    while (text.ends_with('/')) text.pop_back();
    return text;
}

}  // namespace

DaemonClient::DaemonClient(const net::Url& address, HttpSettings settings, std::string token)
    : base_(without_trailing_slash(address.target)),
      token_(std::move(token)),
      client_(address, std::move(settings)) {}

HttpRequest DaemonClient::request(const char* method, std::string_view path) const {
    HttpRequest request;
    request.method = method;
    request.target = base_ + std::string(path);
    if (!token_.empty()) request.headers.emplace_back("Authorization", "Bearer " + token_);
    return request;
}

HttpAnswer DaemonClient::send(const char* method, std::string_view path) {
    auto outgoing = request(method, path);
    outgoing.headers.emplace_back("Accept", "application/json");
    return client_.exchange(outgoing);
}

HttpAnswer DaemonClient::get(std::string_view path) {
    return send("GET", path);
}

bool DaemonClient::stream(std::string_view path,
                          std::vector<std::pair<std::string, std::string>> headers,
                          Duration silence, const HttpReceiver& receiver) {
    auto outgoing = request("GET", path);
    for (auto& header : headers) outgoing.headers.push_back(std::move(header));
    return client_.stream(outgoing, silence, receiver);
}

HttpRequest DaemonClient::request(const char* method, std::string_view path,
                                  const json::object& body) const {
    auto order = request(method, path);
    order.headers.emplace_back("Accept", "application/json");
    order.headers.emplace_back("Content-Type", "application/json");
    order.body = json::serialize(body);
    return order;
}

HttpAnswer DaemonClient::post(std::string_view path, const json::object& body,
                              std::string_view key) {
    auto order = request("POST", path, body);
    if (!key.empty()) order.headers.emplace_back("Idempotency-Key", key);
    return client_.exchange(order);
}

HttpAnswer DaemonClient::put(std::string_view path, const json::object& body) {
    return client_.exchange(request("PUT", path, body));
}

void DaemonClient::fail(const HttpAnswer& answer) const {
    std::string sentence = problem_text(answer);
    if (answer.status == 401)
        sentence += token_.empty()
                        ? "; oracodectl takes it by ORACODECTL_TOKEN or --token-file FILE"
                        : "; is the token still valid?";
    throw Failure(exit_for(answer.status), sentence);
}

HttpAnswer DaemonClient::demand(const char* method, std::string_view path) {
    auto answer = send(method, path);
    if (answer.status / 100 != 2) fail(answer);
    return answer;
}

HttpAnswer DaemonClient::fetch(std::string_view path) {
    return demand("GET", path);
}

json::object parse_object(const HttpAnswer& answer) {
    auto value = parse_body(answer);
    if (!value.is_object())
        throw Failure(ExitCode::protocol,
                      "the answer is not a JSON object; is this oracoded's API?");
    return std::move(value.get_object());
}

json::value parse_body(const HttpAnswer& answer) {
    boost::system::error_code error;
    auto value = json::parse(answer.body, error);
    if (error) throw Failure(ExitCode::protocol, "the answer is not JSON; is this oracoded's API?");
    return value;
}

std::string problem_text(const HttpAnswer& answer) {
    std::string status = "HTTP status " + std::to_string(answer.status);
    boost::system::error_code error;
    const auto value = json::parse(answer.body, error);
    if (error || !value.is_object()) return status;
    for (const auto* name : {"detail", "title"}) {
        const auto text = member_text(value.get_object(), name);
        if (!text.empty()) return printable(text) + " (" + status + ")";
    }
    return status;
}

ExitCode exit_for(unsigned status) {
    if (status == 400) return ExitCode::usage;
    if (status == 401 || status == 403) return ExitCode::no_permission;
    if (status == 429 || status >= 500) return ExitCode::unavailable;
    if (status >= 400) return ExitCode::negative;
    return ExitCode::protocol;
}

std::string member_text(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || value->is_null()) return {};
    if (const auto* text = value->if_string()) return {text->data(), text->size()};
    return json::serialize(*value);
}

bool member_true(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_bool() && value->get_bool();
}

const json::object& object_in(const json::value& value) {
    static const json::object nothing;
    return value.is_object() ? value.get_object() : nothing;
}

const json::object& member_object(const json::object& object, std::string_view name) {
    static const json::value nothing;
    const auto* value = object.if_contains(name);
    return object_in(value != nullptr ? *value : nothing);
}

const json::array& member_array(const json::object& object, std::string_view name) {
    static const json::array none;
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_array() ? value->get_array() : none;
}

}  // namespace oracode::ctl
