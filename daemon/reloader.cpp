#include "daemon/reloader.hpp"

#include <utility>

#include "daemon/app.hpp"
#include "daemon/io_thread.hpp"
#include "devices/device_service.hpp"
#include "logging/log.hpp"
#include "metrics/metrics.hpp"
#include "poller/poller.hpp"
#include "supervision/service_manager.hpp"

namespace oracode::daemon {

// What a reload makes before it changes anything.
struct Reloader::Fresh {
    CredentialsPointer webhook;
    CredentialsPointer api;
};

Reloader::Reloader(boost::asio::io_context& context, const settings::Loaded& loaded,
                   Dependencies deps)
    : started_with_(loaded.settings),
      api_key_(loaded.settings.seam.api_key),
      deps_(std::move(deps)),
      files_watched_(context, [this] { reload("changed files"); }) {
    note(std::nullopt);
    watch(loaded);
}

void Reloader::start(Load load) {
    load_ = std::move(load);
    files_watched_.watch(files_);
    log::debug("config.watching",
               {{"files", files_.size()}, {"inotify", files_watched_.kernel_notifies()}});
}

void Reloader::watch(const settings::Loaded& loaded) {
    files_ = loaded.files_read;
    const auto add = [this](const CredentialsPointer& served, const auto& settings) {
        if (!served) return;
        files_.push_back(settings.certificate);
        files_.push_back(settings.private_key);
    };
    add(deps_.webhook_credentials, loaded.settings.webhook);
    add(deps_.api_credentials, loaded.settings.api);
    if (load_) files_watched_.watch(files_);
}

void Reloader::reload(std::string_view trigger) {
    if (stopped_) return;
    supervision::notify_reloading();
    const auto loaded = load_();
    const auto refused = loaded ? take(*loaded) : std::optional{to_string(loaded.error())};
    note(refused);  // first: whoever reads the line may look at once
    if (refused) {
        log::error("config.reload_refused",
                   {{"trigger", trigger}, {"why", *refused}, {"kept", "what is in force"}});
    } else {
        log::info("config.reloaded", {{"trigger", trigger}});
    }
    supervision::notify_ready(deps_.status());
}

// All or nothing: everything that can fail comes before anything is changed. Why it is refused, or
// nullopt.
std::optional<std::string> Reloader::take(const settings::Loaded& loaded) {
    const auto& next = loaded.settings;
    Fresh fresh;
    try {
        static_cast<void>(verifier_of(next.webhook));
        if (deps_.webhook_credentials)
            fresh.webhook = load_credentials(next.webhook.certificate, next.webhook.private_key);
        if (deps_.api_credentials)
            fresh.api = load_credentials(next.api.certificate, next.api.private_key);
    } catch (const StartFailure& failure) {
        return failure.reason;
    }
    apply(next, fresh);
    watch(loaded);
    return std::nullopt;
}

void Reloader::apply(const settings::Settings& next, const Fresh& fresh) {
    for (const auto& thread : deps_.threads) thread->replace(verifier_of(next.webhook));
    if (fresh.webhook) deps_.webhook_credentials->adopt(std::move(*fresh.webhook));
    if (fresh.api) deps_.api_credentials->adopt(std::move(*fresh.api));
    deps_.access.replace(credentials_of(next.api));
    if (std::exchange(api_key_, next.seam.api_key) != next.seam.api_key) {
        deps_.poller.set_api_key(next.seam.api_key);
        deps_.device_service.set_api_key(next.seam.api_key);
    }
    deps_.sender.replace(targets_of(next.notify));
    log::set_level(next.log.level);
    for (const auto& key : settings::keys_needing_restart(started_with_, next))
        log::warn("config.needs_restart", {{"key", key}});
}

void Reloader::note(std::optional<std::string> refused) {
    const auto now = deps_.now();
    deps_.metrics.reloaded(!refused, now);
    const std::lock_guard lock(mutex_);
    if (!refused) state_.taken_at = now;
    state_.refused = std::move(refused);
}

Reloader::State Reloader::state() const {
    const std::lock_guard lock(mutex_);
    return state_;
}

}  // namespace oracode::daemon
