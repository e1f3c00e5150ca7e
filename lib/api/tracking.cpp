#include "api/tracking.hpp"

#include <boost/json.hpp>

#include "api/asked.hpp"
#include "api/errors.hpp"
#include "api/seam_errors.hpp"
#include "http/problem.hpp"
#include "logging/log.hpp"
#include "poller/poller.hpp"
#include "store/store.hpp"

namespace oracode::api {

void Tracking::add_to(http::Router& router) {
    const auto route = [this, &router](std::string_view method, std::string_view pattern,
                                       auto act) {
        router.add(
            method, pattern,
            [this, act](const http::Request& request, const http::PathParameters& path,
                        http::Reply reply) {
                if (auto by = admitted(request, reply))
                    act(request, Wish{std::string(path["id"]), std::move(*by)}, std::move(reply));
            });
    };
    route("PUT", "/v1/access_codes/{id}",
          [this](const http::Request& request, Wish wish, http::Reply reply) {
              track(request, std::move(wish), std::move(reply));
          });
    route("POST", "/v1/access_codes/{id}/refresh",
          [this](const http::Request& request, Wish wish, http::Reply reply) {
              if (const auto known = parts_.reader.find(wish.id); !known)
                  return reply.send(no_such_code(known.error(), wish.id, request.request_id));
              ask(request, std::move(wish), Source::poll, std::move(reply));
          });
    route("POST", "/v1/access_codes/{id}/untrack",
          [this](const http::Request& request, Wish wish, http::Reply reply) {
              set_tracked(request, std::move(wish), false, std::move(reply));
          });
    route("DELETE", "/v1/access_codes/{id}",
          [](const http::Request& request, const Wish&, http::Reply reply) {
              auto response =
                  http::problem(405, "cannot-be-deleted", "An Oracode code cannot be deleted",
                                "Once made it works until its end. POST …/untrack stops the daemon "
                                "asking about it.",
                                request.request_id);
              response.headers.emplace_back("Allow", "GET, HEAD, OPTIONS, PUT");
              reply.send(std::move(response));
          });
}

std::optional<std::string> Tracking::admitted(const http::Request& request, http::Reply& reply) {
    auto asked = admit(parts_.access, request, {}, Permission::write);
    if (asked) return std::move(asked->by);
    reply.send(http::Response(asked.error()));
    return std::nullopt;
}

void Tracking::track(const http::Request& request, Wish wish, http::Reply reply) {
    const auto known = parts_.reader.find(wish.id);
    if (!known && known.error().code != Errc::not_found)
        return reply.send(problem(known.error(), request.request_id));
    if (known && known->tracked) return reply.send(show(wish.id, 200, request.request_id));
    if (known) return set_tracked(request, std::move(wish), true, std::move(reply));
    ask(request, std::move(wish), Source::track, std::move(reply));
}

void Tracking::ask(const http::Request& request, Wish wish, Source source, http::Reply reply) {
    if (!parts_.poller.asks_seam()) return reply.send(no_api_key(request.request_id));
    auto& home = reply.context();
    auto shared = std::make_shared<http::Reply>(std::move(reply));
    const auto id = wish.id;
    parts_.poller.ask(
        id, source, home,
        [this, wish = std::move(wish), shared, source,
         request_id = std::string(request.request_id)](const Result<void>& asked) {
            const bool missing = !asked && asked.error().code == Errc::not_found;
            if (missing && source == Source::track)
                return shared->send(no_such_code(asked.error(), wish.id, request_id));
            if (!asked && !missing) return shared->send(refusal(asked.error(), request_id));
            note(source == Source::track ? "access_code.tracked" : "access_code.refreshed", wish);
            shared->send(show(wish.id, source == Source::track ? 201 : 200, request_id));
        });
}

void Tracking::set_tracked(const http::Request& request, Wish wish, bool tracked,
                           http::Reply reply) {
    auto& home = reply.context();
    const auto id = wish.id;
    parts_.store.set_tracked(
        id, tracked, home,
        [this, wish = std::move(wish), tracked, reply = std::move(reply),
         request_id = std::string(request.request_id)](const Result<bool>& done) mutable {
            if (!done) return reply.send(problem(done.error(), request_id));
            parts_.poller.recorded();
            if (*done) note(tracked ? "access_code.tracked" : "access_code.untracked", wish);
            reply.send(show(wish.id, 200, request_id));
        });
}

void Tracking::note(std::string_view event, const Wish& wish) {
    log::info(event, {{"access_code_id", wish.id}, {"by", wish.by}});
}

// It is the daemon that Seam does not let in, and not its caller.
http::Response Tracking::refusal(const Error& error, std::string_view request_id) const {
    if (error.code != Errc::unauthenticated && error.code != Errc::forbidden)
        return problem(error, request_id);
    if (!parts_.poller.asks_seam()) return no_api_key(request_id);
    return problem(Error{Errc::seam_refused, error.detail}, request_id);
}

http::Response Tracking::show(std::string_view id, unsigned status, std::string_view request_id) {
    const auto code = parts_.reader.find(id);
    if (!code) return no_such_code(code.error(), id, request_id);
    const View view{parts_.now(), parts_.grace, false, parts_.poller.asks_seam()};
    auto response = json_response(status, boost::json::serialize(to_json(*code, view)));
    response.headers.emplace_back("ETag", etag(*code, view));
    return response;
}

}  // namespace oracode::api
