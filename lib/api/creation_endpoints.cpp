#include "api/creation_endpoints.hpp"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "api/api_request.hpp"
#include "api/device_json.hpp"
#include "api/errors.hpp"
#include "api/order_json.hpp"
#include "api/seam_errors.hpp"
#include "core/overloaded.hpp"
#include "http/problem.hpp"
#include "logging/log.hpp"
#include "poller/poller.hpp"

namespace oracode::api {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_key = 255;

// 422, or 400 where the order cannot even be read, or 429 where it only comes too soon.
http::Response rules_broken(const devices::OrderCheck& checked, unsigned status, Timestamp now,
                            std::string_view request_id) {
    const auto& verdict = checked.verdict;
    json::object members{{"violations", to_json(verdict.violations)},
                         {"nearest", to_json(verdict.nearest)},
                         {"device", lock_json(checked.lock, now)}};
    const auto detail =
        verdict.violations.empty() ? std::string{} : verdict.violations.front().detail;
    if (status == 429)
        return http::problem(429, "creations-too-fast", "Too many codes for this lock", detail,
                             request_id, std::move(members));
    return http::problem(status, "rule-violated", "The lock would not take this code", detail,
                         request_id, std::move(members));
}

// The Idempotency-Key, empty where there is none; nullopt where it cannot be one.
std::optional<std::string> key_of(const http::Request& request) {
    const auto given = request.header("Idempotency-Key");
    if (!given) return std::string{};
    const bool visible = std::ranges::all_of(*given, [](char c) { return c > 0x20 && c < 0x7F; });
    if (given->empty() || given->size() > longest_key || !visible) return std::nullopt;
    return std::string(*given);
}

// The code, with a warning of ours beside Seam's where it is not valid as was asked for.
json::object made_json(const devices::Made& made, const View& view) {
    auto out = to_json(made.code, view);
    if (!has_other_window(made)) return out;
    const auto text = [](const std::optional<Timestamp>& at) {
        return at ? format_rfc3339(*at) : std::string("no time");
    };
    json::object warning{
        {"warning_code", "other_window_than_asked"},
        {"message", fmt::format("Seam was asked for {} to {}, but shows {} to {} for this code.",
                                format_rfc3339(made.requested.starts_at),
                                format_rfc3339(made.requested.ends_at),
                                text(made.code.starts_at.value), text(made.code.ends_at.value))}};
    if (auto* warnings = out["warnings"].if_array()) warnings->push_back(std::move(warning));
    return out;
}

store::OrderAnswer as_answer(http::Response response) {
    return {response.status, {}, std::move(response.body)};
}

http::Response as_response(const devices::Answered& answered) {
    auto response = json_response(answered.answer.status, answered.answer.body);
    if (response.status >= 400) response.content_type = http::problem_type;
    if (!answered.answer.location.empty())
        response.headers.emplace_back("Location", answered.answer.location);
    if (answered.repeated) response.headers.emplace_back("Idempotent-Replayed", "true");
    return response;
}

// Who had a code made. What kept others from being made is the answer's affair, and the desk's.
void note(const devices::Ending& ending, std::string_view device_id, std::string_view by) {
    const auto* answered = std::get_if<devices::Answered>(&ending);
    if (answered == nullptr || answered->repeated || answered->answer.status != 201) return;
    const std::string_view location = answered->answer.location;
    log::info("access_code.created", {{"access_code_id", location.substr(location.rfind('/') + 1)},
                                      {"device_id", device_id},
                                      {"by", by}});
}

http::Response unclear(const devices::Unclear& ending, std::string_view request_id) {
    auto response = http::problem(
        503, "outcome-unknown", "Whether the code was made is not known",
        "Seam was asked for the code, but its answer was lost. If the code exists, it shows up in "
        "the list of this lock's codes. Repeat the request only with the same Idempotency-Key: "
        "then no second code is made.",
        request_id, seam_members(ending.why));
    add_retry_after(response, ending.retry_after);
    return response;
}

http::Response key_conflict(devices::KeyConflict conflict, std::string_view request_id) {
    if (conflict == devices::KeyConflict::other_order)
        return http::problem(422, "idempotency-key-reused",
                             "The Idempotency-Key belongs to another order",
                             "This key came with another body before. Take a new key for a new "
                             "order.",
                             request_id);
    auto response =
        http::problem(409, "order-still-running", "The order is still under way",
                      "Another request with this Idempotency-Key has not ended yet.", request_id);
    add_retry_after(response, std::chrono::seconds{1});
    return response;
}

http::Response to_response(const devices::Ending& ending, Timestamp now,
                           std::string_view request_id) {
    return std::visit(
        Overloaded{
            [&](const devices::Answered& answered) { return as_response(answered); },
            [&](const devices::TooFast& too_fast) {
                auto response = rules_broken(too_fast.checked, 429, now, request_id);
                add_retry_after(response, too_fast.retry_after);
                return response;
            },
            [&](const devices::Unclear& lost) { return unclear(lost, request_id); },
            [&](const seam::CallError& error) { return seam_problem(error, request_id); },
            [&](devices::KeyConflict conflict) { return key_conflict(conflict, request_id); }},
        ending);
}

}  // namespace

void CreationEndpoints::add_to(http::Router& router) {
    router.add("POST", "/v1/access_codes/check",
               [this](const http::Request& request, const http::PathParameters&,
                      http::Reply reply) { check(request, std::move(reply)); });
    router.add("POST", "/v1/access_codes",
               [this](const http::Request& request, const http::PathParameters&,
                      http::Reply reply) { create(request, std::move(reply)); });
}

void CreationEndpoints::check(const http::Request& request, http::Reply reply) {
    if (auto authorized = authorize(deps_.access, request, {}); !authorized)
        return reply.send(http::Response(authorized.error()));
    auto order = parse_order(request.body, request.request_id);
    if (!order) return reply.send(http::Response(order.error()));
    auto& home = reply.context();
    auto shared = std::make_shared<http::Reply>(std::move(reply));
    deps_.device_service.check(
        std::move(*order), home,
        [this, shared, id = std::string(request.request_id)](
            const devices::SeamResult<devices::OrderCheck>& checked) {
            if (!checked) return shared->send(seam_problem(checked.error(), id));
            const auto now = deps_.now();
            if (!checked->verdict.ok() || !checked->verdict.match)
                return shared->send(rules_broken(*checked, 422, now, id));
            shared->send(json_response(200, json::serialize(accepted_json(*checked, now))));
        });
}

void CreationEndpoints::create(const http::Request& request, http::Reply reply) {
    auto authorized = authorize(deps_.access, request, {}, Permission::write);
    if (!authorized) return reply.send(http::Response(authorized.error()));
    auto order = parse_order(request.body, request.request_id);
    if (!order) return reply.send(http::Response(order.error()));
    auto key = key_of(request);
    if (!key)
        return reply.send(bad_request("Idempotency-Key takes 1 to 255 visible ASCII characters",
                                      request.request_id));
    order->request_id = request.request_id;
    auto& home = reply.context();
    auto shared = std::make_shared<http::Reply>(std::move(reply));
    const std::string id(request.request_id);
    // Called on the DeviceService's thread: nothing of this one is touched.
    devices::Render render = [now = deps_.now, grace = deps_.grace, &poller = deps_.poller,
                              id](const devices::Decided& decided) {
        if (const auto* made = std::get_if<devices::Made>(&decided)) {
            const View view{now(), grace, false, poller.asks_seam()};
            return store::OrderAnswer{201, "/v1/access_codes/" + made->code.access_code_id,
                                      json::serialize(made_json(*made, view))};
        }
        if (const auto* checked = std::get_if<devices::OrderCheck>(&decided))
            return as_answer(rules_broken(*checked, 422, now(), id));
        return as_answer(seam_problem(std::get<seam::CallError>(decided), id));
    };
    auto device = order->device_id;
    deps_.device_service.create(
        std::move(*order), std::move(*key), home, std::move(render),
        [this, shared, id, device = std::move(device),
         by = std::move(authorized->caller.name)](const devices::Ending& ending) {
            note(ending, device, by);
            shared->send(to_response(ending, deps_.now(), id));
        });
}

}  // namespace oracode::api
