#include "api/devices.hpp"

#include <boost/json.hpp>

#include "api/api_request.hpp"
#include "api/device_json.hpp"
#include "api/errors.hpp"
#include "api/representation.hpp"
#include "api/seam_errors.hpp"

namespace oracode::api {

namespace {

namespace json = boost::json;

http::Response page_response(const devices::LockPage& page, std::size_t max_codes, Timestamp now) {
    json::array locks;
    for (const auto& lock : page.locks) locks.push_back(to_json(lock, max_codes, now));
    const json::object body{{"devices", std::move(locks)},
                            {"next_cursor", text_or_null(page.next)}};
    return json_response(200, json::serialize(body));
}

}  // namespace

void Devices::add_to(http::Router& router) {
    router.add("GET", "/v1/devices",
               [this](const http::Request& request, const http::PathParameters&,
                      http::Reply reply) { list(request, std::move(reply)); });
    router.add("GET", "/v1/devices/{id}",
               [this](const http::Request& request, const http::PathParameters& path,
                      http::Reply reply) { show(request, path["id"], std::move(reply)); });
}

void Devices::show(const http::Request& request, std::string_view id, http::Reply reply) {
    if (auto authorized = authorize(deps_.access, request, {}); !authorized)
        return reply.send(http::Response(authorized.error()));
    auto& home = reply.context();
    auto shared = std::make_shared<http::Reply>(std::move(reply));
    deps_.device_service.show(
        std::string(id), home,
        [this, shared, id = std::string(id), request_id = std::string(request.request_id)](
            const devices::SeamResult<devices::LockView>& lock) {
            if (!lock) {
                const auto& error = lock.error();
                // Without a key Seam cannot be asked: a lock it never reported is not known here.
                const bool no_key = error.code == Errc::unauthenticated && error.status == 0;
                if (no_key || error.code == Errc::not_found)
                    return shared->send(not_found("Device", id, request_id));
                return shared->send(seam_problem(error, request_id));
            }
            shared->send(json_response(
                200, json::serialize(to_json(*lock, deps_.device_service.max_codes_per_device(),
                                             deps_.now()))));
        });
}

void Devices::list(const http::Request& request, http::Reply reply) {
    const auto authorized = authorize(deps_.access, request, {"limit", "cursor"});
    if (!authorized) return reply.send(http::Response(authorized.error()));
    const auto limit = parse_limit(authorized->query);
    if (!limit) return reply.send(bad_request(limit_rule, request.request_id));
    auto& home = reply.context();
    auto shared = std::make_shared<http::Reply>(std::move(reply));
    deps_.device_service.list(
        std::string(authorized->query.find("cursor").value_or("")), *limit, home,
        [this, shared, asker = LongReads::Asker::of(request)](
            const devices::SeamResult<devices::LockPage>& page) {
            if (!page) return shared->send(seam_problem(page.error(), asker.request_id));
            auto write = [page = *page, max_codes = deps_.device_service.max_codes_per_device(),
                          now = deps_.now()](store::Reader&) {
                return page_response(page, max_codes, now);
            };
            deps_.long_reads.run(std::move(write), asker, std::move(*shared));
        });
}

}  // namespace oracode::api
