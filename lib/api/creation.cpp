#include "api/creation.hpp"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "api/asked.hpp"
#include "api/device_json.hpp"
#include "api/errors.hpp"
#include "api/order_json.hpp"
#include "api/seam_errors.hpp"
#include "core/match.hpp"
#include "http/problem.hpp"
#include "poller/poller.hpp"

namespace oracode::api {
namespace {

namespace json = boost::json;

constexpr std::size_t longest_key = 255;

// 422, or 400 where the order cannot even be read, or 429 where it only comes too soon.
http::Response rules_broken(const devices::Judgement& judgement, unsigned status, Timestamp now,
                            std::string_view request_id) {
    const auto& verdict = judgement.verdict;
    json::object members{{"violations", to_json(verdict.violations)},
                         {"nearest", to_json(verdict.nearest)},
                         {"device", lock_json(judgement.lock, now)}};
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
        {"message",
         fmt::format("Seam was asked for {} to {}, but tells {} to {} of this code.",
                     format_rfc3339(made.asked.starts_at), format_rfc3339(made.asked.ends_at),
                     text(made.code.starts_at.value), text(made.code.ends_at.value))}};
    if (auto* warnings = out["warnings"].if_array()) warnings->push_back(std::move(warning));
    return out;
}

OrderAnswer as_answer(http::Response response) {
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
        Match{[&](const devices::Answered& answered) { return as_response(answered); },
              [&](const devices::TooFast& too_fast) {
                  auto response = rules_broken(too_fast.judgement, 429, now, request_id);
                  add_retry_after(response, too_fast.retry_after);
                  return response;
              },
              [&](const devices::Unclear& lost) { return unclear(lost, request_id); },
              [&](const seam::CallError& error) { return seam_problem(error, request_id); },
              [&](devices::KeyConflict conflict) { return key_conflict(conflict, request_id); }},
        ending);
}

}  // namespace

void Creation::add_to(http::Router& router) {
    router.add("POST", "/v1/access_codes/check",
               [this](const http::Request& request, const http::PathParameters&,
                      http::Reply reply) { check(request, std::move(reply)); });
    router.add("POST", "/v1/access_codes",
               [this](const http::Request& request, const http::PathParameters&,
                      http::Reply reply) { create(request, std::move(reply)); });
}

void Creation::check(const http::Request& request, http::Reply reply) {
    if (auto asked = admit(parts_.access, request, {}); !asked)
        return reply.send(http::Response(asked.error()));
    auto order = parse_order(request.body, request.request_id);
    if (!order) return reply.send(http::Response(order.error()));
    auto& home = reply.context();
    auto shared = std::make_shared<http::Reply>(std::move(reply));
    parts_.desk.check(
        std::move(*order), home,
        [this, shared,
         id = std::string(request.request_id)](const devices::Asked<devices::Judgement>& judged) {
            if (!judged) return shared->send(seam_problem(judged.error(), id));
            const auto now = parts_.now();
            if (!judged->verdict.ok() || !judged->verdict.match)
                return shared->send(rules_broken(*judged, 422, now, id));
            shared->send(json_response(200, json::serialize(accepted_json(*judged, now))));
        });
}

void Creation::create(const http::Request& request, http::Reply reply) {
    if (auto asked = admit(parts_.access, request, {}, Permission::write); !asked)
        return reply.send(http::Response(asked.error()));
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
    // Called on the desk's thread: nothing of this one is touched.
    devices::Render render = [now = parts_.now, grace = parts_.grace, &poller = parts_.poller,
                              id](const devices::Decided& decided) {
        if (const auto* made = std::get_if<devices::Made>(&decided)) {
            const View view{now(), grace, false, poller.asks_seam()};
            return OrderAnswer{201, "/v1/access_codes/" + made->code.access_code_id,
                               json::serialize(made_json(*made, view))};
        }
        if (const auto* judgement = std::get_if<devices::Judgement>(&decided))
            return as_answer(rules_broken(*judgement, 422, now(), id));
        return as_answer(seam_problem(std::get<seam::CallError>(decided), id));
    };
    parts_.desk.create(std::move(*order), std::move(*key), home, std::move(render),
                       [this, shared, id](const devices::Ending& ending) {
                           shared->send(to_response(ending, parts_.now(), id));
                       });
}

}  // namespace oracode::api
