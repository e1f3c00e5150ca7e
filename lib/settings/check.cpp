#include "settings/check.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <set>

#include <fmt/format.h>

#include "core/files.hpp"
#include "settings/files.hpp"
#include "settings/group.hpp"
#include "settings/wording.hpp"

namespace oracode::settings {
namespace {

// Whose fault the combination is said to be: the first of the keys that is set.
std::string_view culprit(const Loading& loading, std::initializer_list<std::string_view> keys) {
    for (const auto key : keys)
        if (loading.is_given(key)) return key;
    return *keys.begin();
}

void check_readable(Loading& loading, std::string_view key, const std::filesystem::path& file) {
    if (file.empty() || loading.is_refused(key)) return;
    const auto read = read_file(file);
    if (!read)
        loading.refuse(key, fmt::format("{} cannot be read: {}", in_quotes(file.native()),
                                        read.error().detail));
}

// Returns whether there are both, or neither.
bool check_pair(Loading& loading, std::string_view certificate_key,
                const std::filesystem::path& certificate, std::string_view private_key_key,
                const std::filesystem::path& private_key) {
    check_readable(loading, certificate_key, certificate);
    check_readable(loading, private_key_key, private_key);
    if (is_open_to_everyone(private_key)) loading.warn_of_open_file(private_key_key);
    if (certificate.empty() == private_key.empty()) return true;
    const auto missing = certificate.empty() ? certificate_key : private_key_key;
    const auto present = certificate.empty() ? private_key_key : certificate_key;
    if (!loading.is_refused(missing))
        loading.refuse(present, fmt::format("needs {} beside it", missing));
    return false;
}

void check_webhook(Loading& loading) {
    const auto& webhook = loading.result.settings.webhook;
    if (webhook.secrets.empty() && !loading.is_refused("webhook.secrets"))
        loading.refuse(
            "webhook.secrets",
            "there is no signing secret, so no delivery could be trusted: put the one that Seam "
            "shows for the webhook (whsec_…) here, into the file named by webhook.secrets_file, "
            "or into SEAM_WEBHOOK_SECRET");
    const bool paired = check_pair(loading, "webhook.certificate", webhook.certificate,
                                   "webhook.private_key", webhook.private_key);
    if (paired && webhook.tls && webhook.certificate.empty() &&
        !loading.is_refused("webhook.certificate") && !loading.is_refused("webhook.private_key") &&
        !loading.is_refused("webhook.tls"))
        loading.refuse(
            "webhook.certificate",
            "the listener speaks TLS and has no certificate: set webhook.certificate and "
            "webhook.private_key, or webhook.tls = false behind a proxy that ends TLS");
}

void check_tokens(Loading& loading) {
    constexpr std::size_t guessable = 16;
    const auto& tokens = loading.result.settings.api.tokens;
    const auto key = culprit(loading, {"api.tokens", "api.tokens_file"});
    std::set<std::string_view> names;
    std::set<std::string_view> values;
    for (const auto& token : tokens) {
        if (!names.insert(token.name).second)
            loading.refuse(key, fmt::format("two tokens have the name {}", in_quotes(token.name)));
        if (!values.insert(token.token).second)
            loading.refuse(
                key, fmt::format("the token of {} is another one's too", in_quotes(token.name)));
        if (token.token.size() < guessable)
            loading.warn(key, fmt::format("the token of {} is short enough to be guessed; "
                                          "openssl rand -hex 32 makes a better one",
                                          in_quotes(token.name)));
    }
}

void check_api(Loading& loading) {
    const auto& api = loading.result.settings.api;
    const bool paired =
        check_pair(loading, "api.certificate", api.certificate, "api.private_key", api.private_key);
    check_tokens(loading);
    if (!api.socket_group.empty() && !loading.is_refused("api.socket_group") &&
        !find_group(api.socket_group))
        loading.refuse("api.socket_group",
                       fmt::format("there is no group {}", in_quotes(api.socket_group)));
    if (net::is_local(api.listen)) return;
    const auto address = to_string(api.listen);
    const auto key = culprit(loading, {"api.listen"});
    if (paired && api.certificate.empty() && !loading.is_refused("api.certificate") &&
        !loading.is_refused("api.private_key"))
        loading.refuse(
            key, fmt::format("{} can be reached by other machines, which needs TLS: set "
                             "api.certificate and api.private_key, or listen on 127.0.0.1, [::1] "
                             "or a unix socket",
                             address));
    if (api.tokens.empty() && !loading.is_refused("api.tokens"))
        loading.refuse(
            key, fmt::format("{} can be reached by other machines, which needs tokens: set "
                             "api.tokens or api.tokens_file, or listen on 127.0.0.1, [::1] or a "
                             "unix socket",
                             address));
}

void check_listeners(Loading& loading) {
    const auto& settings = loading.result.settings;
    const net::ListenAddress webhook = settings.webhook.listen;
    if (net::collide(webhook, settings.api.listen))
        loading.refuse(culprit(loading, {"api.listen", "webhook.listen"}),
                       "the API and the webhook listener cannot share an address and port");
    if (!settings.metrics.listen) return;
    for (const auto& other : {webhook, settings.api.listen})
        if (net::collide(*settings.metrics.listen, other))
            loading.refuse(
                "metrics.listen",
                fmt::format("{} is taken by another listener of this daemon", to_string(other)));
}

void check_poll(Loading& loading) {
    const auto& poll = loading.result.settings.poll;
    if (poll.retry_min > poll.retry_max && !loading.is_refused("poll.retry_"))
        loading.refuse(
            culprit(loading, {"poll.retry_min", "poll.retry_max"}),
            fmt::format("poll.retry_min ({}) must not be longer than poll.retry_max ({})",
                        format_duration(poll.retry_min), format_duration(poll.retry_max)));
}

}  // namespace

void check(Loading& loading) {
    check_webhook(loading);
    check_api(loading);
    check_listeners(loading);
    check_readable(loading, "seam.ca_file", loading.result.settings.seam.ca_file);
    check_poll(loading);
}

}  // namespace oracode::settings
