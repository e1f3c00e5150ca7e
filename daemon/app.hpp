// The whole daemon, put together: builds what the settings ask for, runs it until it is asked to
// end, and takes it apart in order. Owned by main.
#pragma once

#include <memory>
#include <string>

#include "core/exit_code.hpp"
#include "core/time.hpp"
#include "daemon/reloader.hpp"
#include "settings/load.hpp"

namespace oracode::daemon {

// Why the daemon cannot start, for people, with the code to end with.
struct StartFailure {
    ExitCode code;
    std::string reason;
};

class App {
public:
    // Reads certificates, opens the database and binds every socket, but accepts nothing yet.
    // Throws StartFailure.
    App(settings::Loaded loaded, Clock now);
    ~App();
    App(const App&) = delete;
    App& operator=(const App&) = delete;

    // Serves until SIGTERM or SIGINT, then finishes what was accepted. A second signal ends at
    // once. `reload` gives the settings again on SIGHUP.
    ExitCode run(const Reloader::Load& reload);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace oracode::daemon
