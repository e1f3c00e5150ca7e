#include "api/tracking.hpp"

#include <boost/json.hpp>

#include "api/asked.hpp"
#include "api/errors.hpp"
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
              ask(request, std::move(id), Source::poll, std::move(reply));
          });
    route("POST", "/v1/access_codes/{id}/untrack",
          [this](const http::Request& request, std::string id, http::Reply reply) {
              set_tracked(request, std::move(id), false, std::move(reply));
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
    const auto known = parts_.reader.find(id);
    if (!known && known.error().code != Errc::not_found)
        return reply.send(problem(known.error(), request.request_id));
    if (known && known->tracked) return reply.send(show(id, 200, request.request_id));
    if (known) return set_tracked(request, std::move(id), true, std::move(reply));
    ask(request, std::move(id), Source::track, std::move(reply));
}

void Tracking::ask(const http::Request& request, std::string id, Source source, http::Reply reply) {
    auto& home = reply.context();
    auto shared = std::make_shared<http::Reply>(std::move(reply));
    parts_.poller.ask(
        id, source, home,
        [this, id, shared, source,
         request_id = std::string(request.request_id)](const Result<void>& asked) {
            if (!asked && !(asked.error().code == Errc::not_found && source == Source::poll))
                return shared->send(refusal(asked.error(), request_id));
            shared->send(show(id, source == Source::track ? 201 : 200, request_id));
        });
}

void Tracking::set_tracked(const http::Request& request, std::string id, bool tracked,
                           http::Reply reply) {
    auto& home = reply.context();
    parts_.store.set_tracked(
        id, tracked, home,
        [this, id, reply = std::move(reply),
         request_id = std::string(request.request_id)](const Result<bool>& done) mutable {
            if (!done) return reply.send(problem(done.error(), request_id));
            parts_.poller.recorded();
            reply.send(show(id, 200, request_id));
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
