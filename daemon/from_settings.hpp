// What the settings say, as the parts of the daemon want to have it. Used by App while it is put
// together; each throws StartFailure where the settings cannot be met.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "api/access.hpp"
#include "core/exit_code.hpp"
#include "http/forwarded.hpp"
#include "http/limits.hpp"
#include "http/tls.hpp"
#include "net/listening_socket.hpp"
#include "notify/sender.hpp"
#include "poller/planner.hpp"
#include "seam/client.hpp"
#include "settings/settings.hpp"
#include "store/error.hpp"
#include "store/store_options.hpp"
#include "webhook/signature.hpp"

namespace oracode::daemon {

using CredentialsPointer = std::shared_ptr<http::tls::Credentials>;

[[nodiscard]] ExitCode exit_code_of(store::StoreError::Kind kind);
[[nodiscard]] store::StoreOptions store_options_of(const settings::Settings& settings, Clock now);
[[nodiscard]] poller::PlannerOptions planner_options_of(const settings::PollSettings& poll);
[[nodiscard]] webhook::Verifier verifier_of(const settings::WebhookSettings& settings);
[[nodiscard]] std::vector<api::Credential> credentials_of(const settings::ApiSettings& settings);
[[nodiscard]] CredentialsPointer load_credentials(const std::filesystem::path& certificate,
                                                  const std::filesystem::path& key);
// Null where the listener speaks plain HTTP.
[[nodiscard]] CredentialsPointer webhook_credentials_of(const settings::WebhookSettings& settings);
[[nodiscard]] CredentialsPointer api_credentials_of(const settings::ApiSettings& settings);
[[nodiscard]] net::ListeningSocket open_socket(const net::ListenAddress& address,
                                               const net::ListeningSocket::Options& options = {});
// Of the API's unix socket, and that of the metrics.
[[nodiscard]] net::ListeningSocket::Options socket_options_of(
    const settings::ApiSettings& settings);
// What each listener holds for its clients is its own, so that no caller of the API takes what
// deliveries need.
[[nodiscard]] http::Limits webhook_limits_of(const settings::WebhookSettings& settings);
[[nodiscard]] http::Limits api_limits_of(const settings::ApiSettings& settings);
[[nodiscard]] http::Limits metrics_limits();
// Empty where there is none.
[[nodiscard]] http::TrustedProxies trusted_proxies_of(const settings::WebhookSettings& settings);
// The proxy is the environment's; one that cannot be used makes the client say so for every call.
[[nodiscard]] seam::ClientOptions client_options_of(const settings::SeamSettings& settings);
// Whether a client can be made of them, with or without a key.
void require_usable(const seam::ClientOptions& client);

// The receivers of alerts and changes.
[[nodiscard]] std::vector<notify::Target> targets_of(
    const std::vector<settings::NotifyTarget>& settings);
// The proxy is the environment's, as Seam's; a target that needs one which cannot be used says so.
[[nodiscard]] notify::WayOut way_to_targets();

// Sockets that systemd passed: those it names "api" are the API's, all others the webhook
// listener's.
struct PassedSockets {
    std::vector<net::ListeningSocket> webhook;
    std::vector<net::ListeningSocket> api;
};
[[nodiscard]] PassedSockets passed_sockets();

}  // namespace oracode::daemon
