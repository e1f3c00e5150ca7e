#include "daemon/listeners.hpp"

#include "daemon/http_observer.hpp"
#include "daemon/io_thread.hpp"
#include "logging/log.hpp"

namespace oracode::daemon {
namespace {

using Handlers = http::Handler (IoThread::*)();

// All of it but the sockets, which are the listener's own.
struct Service {
    std::string_view name;
    Handlers handlers;
    http::Limits limits;
    CredentialsPointer credentials;
    http::TrustedProxies trusted_proxies;
    HttpObserver& observer;
};

std::unique_ptr<http::Listener> open(Service service, std::vector<net::ListeningSocket> sockets,
                                     const ListenerSources& sources) {
    http::Listener::Dependencies deps;
    for (const auto& thread : sources.threads) {
        deps.contexts.push_back(&thread->context());
        deps.handlers.push_back(((*thread).*service.handlers)());
    }
    const bool tls = service.credentials != nullptr;
    deps.sockets = std::move(sockets);
    deps.limits = service.limits;
    deps.credentials = std::move(service.credentials);
    deps.clock = sources.now;
    deps.trusted_proxies = std::move(service.trusted_proxies);
    deps.observer = &service.observer;
    auto opened = std::make_unique<http::Listener>(std::move(deps));
    for (const auto& address : opened->addresses())
        log::info("http.listening",
                  {{"listener", service.name}, {"address", address}, {"tls", tls}});
    return opened;
}

}  // namespace

std::vector<std::unique_ptr<http::Listener>> open_listeners(const ListenerSources& sources) {
    const auto& settings = sources.settings;
    const auto socket_options = socket_options_of(settings.api);
    auto passed = passed_sockets();
    if (passed.webhook.empty()) passed.webhook.push_back(open_socket(settings.webhook.listen));
    if (passed.api.empty()) passed.api.push_back(open_socket(settings.api.listen, socket_options));

    std::vector<std::unique_ptr<http::Listener>> opened;
    opened.push_back(open({"webhook", &IoThread::webhook_handler,
                           webhook_limits_of(settings.webhook), sources.webhook_credentials,
                           trusted_proxies_of(settings.webhook), sources.webhook_observer},
                          std::move(passed.webhook), sources));
    opened.push_back(open({"api",
                           &IoThread::api_handler,
                           api_limits_of(settings.api),
                           sources.api_credentials,
                           {},
                           sources.api_observer},
                          std::move(passed.api), sources));
    if (const auto& address = settings.metrics.listen) {
        std::vector<net::ListeningSocket> sockets;
        sockets.push_back(open_socket(*address, socket_options));
        opened.push_back(open({"metrics",
                               &IoThread::health_handler,
                               metrics_limits(),
                               nullptr,
                               {},
                               sources.api_observer},
                              std::move(sockets), sources));
    }
    return opened;
}

}  // namespace oracode::daemon
