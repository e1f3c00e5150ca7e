#include "daemon/from_settings.hpp"

#include <algorithm>
#include <cstdlib>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include "client/proxy.hpp"
#include "core/text.hpp"
#include "daemon/app.hpp"
#include "settings/group.hpp"
#include "supervision/service_manager.hpp"

namespace oracode::daemon {

ExitCode exit_code_of(store::StoreError::Kind kind) {
    switch (kind) {
        case store::StoreError::Kind::locked:
            return ExitCode::unavailable;
        case store::StoreError::Kind::newer:
        case store::StoreError::Kind::foreign:
            return ExitCode::configuration;
        case store::StoreError::Kind::permission:
            return ExitCode::no_permission;
        case store::StoreError::Kind::corrupt:
        case store::StoreError::Kind::io:
            return ExitCode::input_output;
    }
    return ExitCode::software;
}

store::StoreOptions store_options_of(const settings::Settings& settings, Clock now) {
    return {.path = settings.store.database.string(),
            .policy = {.grace = settings.poll.grace,
                       .retry_min = settings.poll.retry_min,
                       .retry_max = settings.poll.retry_max,
                       .check_set = settings.poll.check_set,
                       .lead = settings.oracode.lead},
            .alerts = {settings.alerts.before},
            .clock = std::move(now)};
}

poller::PlannerOptions planner_options_of(const settings::PollSettings& poll) {
    poller::PlannerOptions planner;
    planner.batch = poll.batch;
    planner.requests_per_minute = static_cast<unsigned>(poll.requests_per_minute);
    planner.backfill = poll.backfill;
    planner.discover = poll.discover;
    planner.breaker.bad_key_interval = poll.retry_max;
    return planner;
}

static std::vector<webhook::Secret> secrets_of(const settings::WebhookSettings& settings) {
    std::vector<webhook::Secret> secrets;
    for (const auto& text : settings.secrets) {
        auto secret = webhook::Secret::parse(text);
        if (!secret)
            throw StartFailure{ExitCode::configuration,
                               "webhook.secrets: " + secret.error().detail};
        secrets.push_back(std::move(*secret));
    }
    return secrets;
}

webhook::Verifier verifier_of(const settings::WebhookSettings& settings) {
    return {secrets_of(settings), settings.timestamp_tolerance};
}

std::vector<api::Credential> credentials_of(const settings::ApiSettings& settings) {
    std::vector<api::Credential> credentials;
    for (const auto& token : settings.tokens) {
        const auto permission = token.write ? api::Permission::write : api::Permission::read;
        credentials.push_back({token.name, token.token, permission});
    }
    return credentials;
}

CredentialsPointer load_credentials(const std::filesystem::path& certificate,
                                    const std::filesystem::path& key) {
    auto loaded = http::tls::Credentials::load({certificate.string(), key.string()});
    if (!loaded) throw StartFailure{ExitCode::configuration, loaded.error().detail};
    return std::move(*loaded);
}

net::ListeningSocket::Options socket_options_of(const settings::ApiSettings& settings) {
    net::ListeningSocket::Options options;
    options.unix_mode = settings.socket_mode;
    if (!settings.socket_group.empty())
        options.unix_group = settings::find_group(settings.socket_group);
    return options;
}

net::ListeningSocket open_socket(const net::ListenAddress& address,
                                 const net::ListeningSocket::Options& options) {
    auto socket = net::ListeningSocket::open(address, options);
    if (socket) return std::move(*socket);
    auto reason = socket.error().detail;
    if (socket.error().code != Errc::forbidden) throw StartFailure{ExitCode::unavailable, reason};
    const auto* tcp = std::get_if<net::TcpAddress>(&address);
    if (tcp != nullptr && tcp->port < 1024)
        reason +=
            "; ports below 1024 take CAP_NET_BIND_SERVICE, or oracoded.socket, which has "
            "systemd open them";
    throw StartFailure{ExitCode::no_permission, reason};
}

http::Limits webhook_limits_of(const settings::WebhookSettings& settings) {
    http::Limits limits;
    limits.max_body = settings.max_body;
    limits.single_headers = {webhook::signature_header_names, "signature_headers"};
    limits.max_connections = settings.max_connections;
    limits.max_connections_per_address = settings.max_connections_per_address;
    return limits;
}

http::Limits api_limits_of(const settings::ApiSettings& settings) {
    http::Limits limits;
    limits.max_bodies = 32UL * 1024 * 1024;
    limits.max_connections = settings.max_connections;
    limits.max_connections_per_address = settings.max_connections;
    return limits;
}

http::Limits metrics_limits() {
    http::Limits limits;
    limits.max_bodies = 1024UL * 1024;
    return limits;
}

http::TrustedProxies trusted_proxies_of(const settings::WebhookSettings& settings) {
    if (settings.trusted_proxies.empty()) return {};
    return [networks = settings.trusted_proxies](const net::Peer& peer) {
        return !peer.unix_socket && std::ranges::any_of(networks, [&](const net::Network& network) {
            return network.contains(peer.bytes);
        });
    };
}

PassedSockets passed_sockets() {
    PassedSockets passed;
    for (const auto& [number, name] : supervision::passed_descriptors()) {
        auto socket = net::ListeningSocket::adopt(number);
        if (!socket) throw StartFailure{ExitCode::configuration, socket.error().detail};
        auto& sockets = name == "api" ? passed.api : passed.webhook;
        sockets.push_back(std::move(*socket));
    }
    return passed;
}

std::vector<notify::Target> targets_of(const std::vector<settings::NotifyTarget>& settings) {
    std::vector<notify::Target> targets;
    targets.reserve(settings.size());
    for (const auto& target : settings)
        targets.push_back(
            {target.name, target.url.value(), target.format, target.secret, target.types});
    return targets;
}

notify::WayOut way_to_targets() {
    auto proxies = client::proxy_variables();
    return {.https_proxy = std::move(proxies.https_proxy), .no_proxy = std::move(proxies.no_proxy)};
}

seam::ClientOptions client_options_of(const settings::SeamSettings& settings) {
    seam::ClientOptions client;
    client.endpoint = settings.endpoint.display() + settings.endpoint.target;
    client.api_key = settings.api_key;
    client.workspace_id = settings.workspace_id;
    client.ca_file = settings.ca_file.string();
    client.timeout = settings.timeout;
    auto proxies = client::proxy_variables();
    client.https_proxy = std::move(proxies.https_proxy);
    client.no_proxy = std::move(proxies.no_proxy);
    // Deliveries are taken whatever the environment says of the way out.
    const auto endpoint = seam::parse_endpoint(client.endpoint);
    if (!endpoint) throw StartFailure{ExitCode::configuration, endpoint.error().detail};
    if (const auto proxy = client::proxy_for(*endpoint, client.https_proxy, client.no_proxy);
        !proxy)
        client.unusable = proxy.error().detail;
    return client;
}

void require_usable(const seam::ClientOptions& client) {
    boost::asio::io_context nowhere;
    const auto made =
        seam::Client::make(nowhere.get_executor(), client, [] { return Timestamp{}; });
    if (!made) throw StartFailure{ExitCode::configuration, made.error().detail};
}

CredentialsPointer webhook_credentials_of(const settings::WebhookSettings& settings) {
    if (!settings.tls) return nullptr;
    return load_credentials(settings.certificate, settings.private_key);
}

CredentialsPointer api_credentials_of(const settings::ApiSettings& settings) {
    if (settings.certificate.empty()) return nullptr;
    return load_credentials(settings.certificate, settings.private_key);
}

}  // namespace oracode::daemon
