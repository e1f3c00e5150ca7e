// Takes new settings, certificates, secrets and tokens while the daemon runs, all or nothing: on
// SIGHUP, and on its own when one of the files has changed. Connections that exist live on. Owned
// by App and used on its control thread, except where noted.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "api/access.hpp"
#include "daemon/file_watch.hpp"
#include "daemon/from_settings.hpp"
#include "settings/load.hpp"

namespace oracode::metrics {
class Metrics;
}
namespace oracode::devices {
class DeviceService;
}
namespace oracode::notify {
class Sender;
}
namespace oracode::poller {
class Poller;
}

namespace oracode::daemon {

class IoThread;

class Reloader {
public:
    using Load = std::function<boost::system::result<settings::Loaded, settings::ConfigErrors>()>;
    // What takes the new settings; outlives this.
    struct Dependencies {
        const std::vector<std::unique_ptr<IoThread>>& threads;
        api::Access& access;
        poller::Poller& poller;
        devices::DeviceService& device_service;
        notify::Sender& sender;
        metrics::Metrics& metrics;
        CredentialsPointer webhook_credentials;  // null: plain
        CredentialsPointer api_credentials;      // likewise
        Clock now;
        std::function<std::string()> status;  // for people, once it is done
    };
    // `loaded` is in force already.
    Reloader(boost::asio::io_context& context, const settings::Loaded& loaded, Dependencies deps);

    // From now on changed files are noticed, and read by `load`.
    void start(Load load);
    void reload(std::string_view trigger);
    // Takes nothing any more: to be called before what takes the settings goes.
    void stop() { stopped_ = true; }

    // How the last reload went: why it was refused, and since when what is in force is. Any thread.
    struct State {
        std::optional<std::string> refused;
        Timestamp taken_at;
    };
    [[nodiscard]] State state() const;

private:
    struct Fresh;

    [[nodiscard]] std::optional<std::string> take(const settings::Loaded& loaded);
    void apply(const settings::Settings& next, const Fresh& fresh);
    void note(std::optional<std::string> refused);
    void watch(const settings::Loaded& loaded);

    const settings::Settings started_with_;
    std::string api_key_;
    Dependencies deps_;
    Load load_;
    std::vector<std::filesystem::path> files_;
    FileWatch files_watched_;
    bool stopped_ = false;
    mutable std::mutex mutex_;
    State state_;
};

}  // namespace oracode::daemon
