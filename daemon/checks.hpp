// What /readyz looks at beside the store and the threads. Used by App while it is put together.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/readiness.hpp"
#include "daemon/from_settings.hpp"
#include "daemon/reloader.hpp"
#include "http/listener.hpp"

namespace oracode::daemon {

// What the checks refer to while they live.
struct CheckDependencies {
    const std::atomic<bool>& draining;
    const std::vector<std::unique_ptr<http::Listener>>& listeners;  // the webhook's, the API's
    const poller::Poller& poller;
    const store::Store& store;
    const Reloader& reloader;
    const notify::Sender& sender;
    std::string seam_unusable;               // why Seam cannot be asked; empty: it can
    CredentialsPointer webhook_credentials;  // null: plain
    CredentialsPointer api_credentials;      // likewise
    Duration backfill{};                     // 0: none is made
    Clock now;
};

[[nodiscard]] std::vector<api::Check> readiness_checks(const CheckDependencies& deps);

}  // namespace oracode::daemon
