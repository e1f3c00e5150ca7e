#include "notify/endpoint.hpp"

#include <boost/asio/post.hpp>

#include "client/proxy.hpp"
#include "notify/render.hpp"

namespace oracode::notify {
namespace {

// Of an answer nobody needs more than its beginning.
constexpr std::uint64_t longest_answer = std::uint64_t{64} << 10;

Result<client::Route> route_to(const net::Url& server, WayOut& way) {
    client::Route route{.server = server, .plain_on_loopback_only = false};
    if (server.transport != net::Transport::tls) return route;
    auto proxy = client::proxy_for(server, way.https_proxy, way.no_proxy);
    if (!proxy) return proxy.error();
    route.proxy = std::move(*proxy);
    if (!way.tls) {
        auto made = client::make_tls_context(way.trust);
        if (!made) return made.error();
        way.tls = std::move(*made);
    }
    route.tls = way.tls;
    return route;
}

// A status that has come counts, even where the rest of the answer did not follow: the receiver has
// the message.
Answer answer_of(client::Outcome<client::Response> outcome) {
    if (outcome) return {{outcome->status}, std::move(outcome->body)};
    return {{outcome.error().status, outcome.error().detail}};
}

}  // namespace

Endpoint::Endpoint(const boost::asio::any_io_executor& executor, Target target, WayOut& way)
    : executor_(executor), target_(std::move(target)) {
    auto route = route_to(target_.url, way);
    if (!route) {
        unusable_ = route.error().detail;
        return;
    }
    client::Options options;
    options.timeout = way.timeout;
    options.max_body = longest_answer;
    client_.emplace(executor, std::move(*route), options);
}

void Endpoint::send(const Message& message, Timestamp now, Done done) {
    if (!client_)
        return boost::asio::post(executor_, [why = unusable_, done = std::move(done)] {
            done({{0, why}});
        });
    client_->send(render(target_, message, now), {},
                  [done = std::move(done)](client::Outcome<client::Response> outcome) {
                      done(answer_of(std::move(outcome)));
                  });
}

}  // namespace oracode::notify
