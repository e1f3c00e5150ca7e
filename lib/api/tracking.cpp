#include "api/tracking.hpp"

#include <boost/json.hpp>

#include "api/asked.hpp"
#include "api/errors.hpp"
#include "api/order_json.hpp"
#include "http/problem.hpp"
#include "poller/poller.hpp"
#include "store/store.hpp"

namespace oracode::api {

void Tracking::add_to(http::Router& router) {
    const auto route = [this, &router](std::string_view method, std::string_view pattern,
                                       auto act) {
        router.add(method, pattern,
                   [this, act](const http::Request& request, const http::PathParameters& path,
                               http::Reply reply) {
                       if (admitted(request, reply))
                           act(request, std::string(path["id"]), std::move(reply));
                   });
    };
    route("PUT", "/v1/access_codes/{id}",
          [this](const http::Request& request, std::string id, http::Reply reply) {
              track(request, std::move(id), std::move(reply));
          });
    route("POST", "/v1/access_codes/{id}/refresh",
          [this](const http::Request& request, std::string id, http::Reply reply) {
              if (const auto known = parts_.reader.find(id); !known)
                  return reply.send(problem(known.error(), request.request_id));
              ask({std::move(id), std::string(request.request_id),
                   std::make_shared<http::Reply>(std::move(reply))},
                  Source::poll);
          });
    route("POST", "/v1/access_codes/{id}/untrack",
          [this](const http::Request& request, std::string id, http::Reply reply) {
              set_tracked({std::move(id), std::string(request.request_id),
                           std::make_shared<http::Reply>(std::move(reply))},
                          false);
          });
    route("DELETE", "/v1/access_codes/{id}",
          [](const http::Request& request, const std::string&, http::Reply reply) {
              auto response =
                  http::problem(405, "cannot-be-deleted", "An Oracode code cannot be deleted",
                                "Once made it works until its end. POST …/untrack stops the daemon "
                                "asking about it.",
                                request.request_id);
              response.headers.emplace_back("Allow", "GET, HEAD, OPTIONS, PUT");
              reply.send(std::move(response));
          });
}

bool Tracking::admitted(const http::Request& request, http::Reply& reply) {
    const auto asked = admit(parts_.access, request, {}, Permission::write);
    if (!asked) reply.send(http::Response(asked.error()));
    return asked.has_value();
}

void Tracking::track(const http::Request& request, std::string id, http::Reply reply) {
    auto external_id = parse_tracking(request.body, request.request_id);
    if (!external_id) return reply.send(http::Response(external_id.error()));
    const auto known = parts_.reader.find(id);
    if (!known && known.error().code != Errc::not_found)
        return reply.send(problem(known.error(), request.request_id));
    Asked asked{std::move(id), std::string(request.request_id),
                std::make_shared<http::Reply>(std::move(reply)), std::move(*external_id)};
    if (known && known->tracked) return refer_and_show(asked, 200);
    if (known) return set_tracked(std::move(asked), true);
    ask(std::move(asked), Source::track);
}

void Tracking::ask(Asked asked, Source source) {
    const auto id = asked.id;
    auto& home = asked.reply->context();
    parts_.poller.ask(
        id, source, home, [this, asked = std::move(asked), source](const Result<void>& done) {
            if (!done && !(done.error().code == Errc::not_found && source == Source::poll))
                return asked.reply->send(refusal(done.error(), asked.request_id));
            refer_and_show(asked, source == Source::track ? 201 : 200);
        });
}

void Tracking::set_tracked(Asked asked, bool tracked) {
    const auto id = asked.id;
    auto& home = asked.reply->context();
    parts_.store.set_tracked(
        id, tracked, home, [this, asked = std::move(asked)](const Result<bool>& done) {
            if (!done) return asked.reply->send(problem(done.error(), asked.request_id));
            parts_.poller.recorded();
            refer_and_show(asked, 200);
        });
}

void Tracking::refer_and_show(const Asked& asked, unsigned status) {
    const auto known = parts_.reader.find(asked.id);
    const bool same =
        !asked.external_id || (known && known->external_id.value_or("") == *asked.external_id);
    if (!known || same) return asked.reply->send(show(asked.id, status, asked.request_id));
    // Says nothing of the code itself, as the clock does.
    Event event;
    event.source = Source::clock;
    event.access_code_id = asked.id;
    event.occurred_at = parts_.now();
    event.external_id = asked.external_id;
    auto& home = asked.reply->context();
    parts_.store.record(
        std::move(event), {}, home, [this, asked, status](const Result<Recorded>& recorded) {
            if (!recorded) return asked.reply->send(problem(recorded.error(), asked.request_id));
            asked.reply->send(show(asked.id, status, asked.request_id));
        });
}

// It is the daemon that Seam does not let in, and not its caller.
http::Response Tracking::refusal(const Error& error, std::string_view request_id) {
    if (error.code != Errc::unauthenticated && error.code != Errc::forbidden)
        return problem(error, request_id);
    return problem(Error{Errc::seam_refused, error.detail}, request_id);
}

http::Response Tracking::show(std::string_view id, unsigned status, std::string_view request_id) {
    const auto code = parts_.reader.find(id);
    if (!code) return problem(code.error(), request_id);
    const View view{parts_.now(), parts_.grace, false, parts_.poller.asks_seam()};
    auto response = json_response(status, boost::json::serialize(to_json(*code, view)));
    response.headers.emplace_back("ETag", etag(*code, view));
    return response;
}

}  // namespace oracode::api
