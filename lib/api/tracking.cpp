#include "api/tracking.hpp"

#include <boost/json.hpp>

#include "api/api_request.hpp"
#include "api/errors.hpp"
#include "api/order_json.hpp"
#include "api/seam_errors.hpp"
#include "http/problem.hpp"
#include "logging/log.hpp"
#include "poller/poller.hpp"
#include "store/store.hpp"

namespace oracode::api {

void Tracking::add_to(http::Router& router) {
    const auto route = [this, &router](std::string_view method, std::string_view pattern,
                                       auto act) {
        router.add(method, pattern,
                   [this, act](const http::Request& request, const http::PathParameters& path,
                               http::Reply reply) {
                       auto by = may_write(request, reply);
                       if (!by) return;
                       act(request, Wish{std::string(path["id"]), std::move(*by),
                                         std::string(request.request_id),
                                         std::make_shared<http::Reply>(std::move(reply))});
                   });
    };
    route("PUT", "/v1/access_codes/{id}",
          [this](const http::Request& request, Wish wish) { track(request, std::move(wish)); });
    route("POST", "/v1/access_codes/{id}/refresh", [this](const http::Request& request, Wish wish) {
        if (const auto known = deps_.reader.find(wish.id); !known)
            return wish.reply->send(no_such_code(known.error(), wish.id, request.request_id));
        ask(std::move(wish), lifecycle::Source::poll);
    });
    route("POST", "/v1/access_codes/{id}/untrack",
          [this](const http::Request&, Wish wish) { set_tracked(std::move(wish), false); });
    route("DELETE", "/v1/access_codes/{id}", [](const http::Request& request, const Wish& wish) {
        auto response =
            http::problem(405, "cannot-be-deleted", "An Oracode code cannot be deleted",
                          "Once made it works until its end. POST …/untrack stops the daemon "
                          "asking about it.",
                          request.request_id);
        response.headers.emplace_back("Allow", "GET, HEAD, OPTIONS, PUT");
        wish.reply->send(std::move(response));
    });
}

std::optional<std::string> Tracking::may_write(const http::Request& request, http::Reply& reply) {
    auto authorized = authorize(deps_.access, request, {}, Permission::write);
    if (authorized) return std::move(authorized->caller.name);
    reply.send(http::Response(authorized.error()));
    return std::nullopt;
}

void Tracking::track(const http::Request& request, Wish wish) {
    auto external_id = parse_tracking(request.body, request.request_id);
    if (!external_id) return wish.reply->send(http::Response(external_id.error()));
    wish.external_id = std::move(*external_id);
    const auto known = deps_.reader.find(wish.id);
    if (!known && known.error().code != Errc::not_found)
        return wish.reply->send(problem(known.error(), wish.request_id));
    if (known && known->tracked) return refer_and_show(wish, 200);
    if (known) return set_tracked(std::move(wish), true);
    ask(std::move(wish), lifecycle::Source::track);
}

void Tracking::ask(Wish wish, lifecycle::Source source) {
    if (!deps_.poller.asks_seam()) return wish.reply->send(no_api_key(wish.request_id));
    const auto id = wish.id;
    auto& home = wish.reply->context();
    deps_.poller.ask(
        id, source, home, [this, wish = std::move(wish), source](const Result<void>& done) {
            const bool missing = !done && done.error().code == Errc::not_found;
            if (missing && source == lifecycle::Source::track)
                return wish.reply->send(no_such_code(done.error(), wish.id, wish.request_id));
            if (!done && !missing) return wish.reply->send(refusal(done.error(), wish.request_id));
            note(source == lifecycle::Source::track ? "access_code.tracked"
                                                    : "access_code.refreshed",
                 wish);
            refer_and_show(wish, source == lifecycle::Source::track ? 201 : 200);
        });
}

void Tracking::set_tracked(Wish wish, bool tracked) {
    const auto id = wish.id;
    auto& home = wish.reply->context();
    deps_.store.set_tracked(
        id, tracked, home, [this, wish = std::move(wish), tracked](const Result<bool>& done) {
            if (!done) return wish.reply->send(problem(done.error(), wish.request_id));
            deps_.poller.recorded();
            if (*done) note(tracked ? "access_code.tracked" : "access_code.untracked", wish);
            refer_and_show(wish, 200);
        });
}

void Tracking::refer_and_show(const Wish& wish, unsigned status) {
    const auto known = deps_.reader.find(wish.id);
    const bool same =
        !wish.external_id || (known && known->external_id.value_or("") == *wish.external_id);
    if (!known || same) return wish.reply->send(show(wish.id, status, wish.request_id));
    // Says nothing of the code itself, as the clock does.
    lifecycle::Event event;
    event.source = lifecycle::Source::clock;
    event.access_code_id = wish.id;
    event.occurred_at = deps_.now();
    event.external_id = wish.external_id;
    auto& home = wish.reply->context();
    deps_.store.record(std::move(event), {}, home,
                       [this, wish, status](const Result<store::Recorded>& recorded) {
                           if (!recorded)
                               return wish.reply->send(problem(recorded.error(), wish.request_id));
                           wish.reply->send(show(wish.id, status, wish.request_id));
                       });
}

void Tracking::note(std::string_view event, const Wish& wish) {
    log::info(event, {{"access_code_id", wish.id}, {"by", wish.by}});
}

// It is the daemon that Seam does not let in, and not its caller.
http::Response Tracking::refusal(const Error& error, std::string_view request_id) const {
    if (error.code != Errc::unauthenticated && error.code != Errc::forbidden)
        return problem(error, request_id);
    if (!deps_.poller.asks_seam()) return no_api_key(request_id);
    return problem(Error{Errc::seam_refused, error.detail}, request_id);
}

http::Response Tracking::show(std::string_view id, unsigned status, std::string_view request_id) {
    const auto code = deps_.reader.find(id);
    if (!code) return no_such_code(code.error(), id, request_id);
    const View view{deps_.now(), deps_.grace, false, deps_.poller.asks_seam()};
    auto response = json_response(status, boost::json::serialize(to_json(*code, view)));
    response.headers.emplace_back("ETag", etag(*code, view));
    return response;
}

}  // namespace oracode::api
