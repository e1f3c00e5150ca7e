// The listeners that the settings ask for, each on every I/O thread.
#pragma once

#include <memory>
#include <vector>

#include "daemon/from_settings.hpp"
#include "http/listener.hpp"

namespace oracode::daemon {

class HttpObserver;
class IoThread;

// What these refer to outlives the listeners.
struct ListenerSources {
    const settings::Settings& settings;
    const std::vector<std::unique_ptr<IoThread>>& threads;
    CredentialsPointer webhook_credentials;  // null: plain
    CredentialsPointer api_credentials;      // likewise
    HttpObserver& webhook_observer;
    HttpObserver& api_observer;  // of the metrics too
    Clock now;
};

// The webhook listener first, then the API's, then that of the metrics where there is one; on the
// sockets that systemd passed, else on new ones. All are bound, none accepts yet. Throws
// StartFailure.
[[nodiscard]] std::vector<std::unique_ptr<http::Listener>> open_listeners(
    const ListenerSources& sources);

}  // namespace oracode::daemon
