#include "daemon/config_check.hpp"

#include "daemon/app.hpp"
#include "daemon/from_settings.hpp"
#include "store/examine.hpp"

namespace oracode::daemon {
namespace {

void examine_store(const settings::StoreSettings& settings, ConfigCheck& found) {
    try {
        store::examine_database(settings.database.string());
    } catch (const store::StoreError& error) {
        const bool permission = error.kind() == store::StoreError::Kind::permission;
        (permission ? found.warnings : found.problems).emplace_back(error.what());
    }
}

}  // namespace

ConfigCheck check_config(const settings::Settings& settings) {
    ConfigCheck found;
    const auto step = [&found](auto&& act) {
        try {
            act();
        } catch (const StartFailure& failure) {
            found.problems.push_back(failure.reason);
        }
    };
    step([&] { static_cast<void>(verifier_of(settings.webhook)); });
    step([&] { static_cast<void>(webhook_credentials_of(settings.webhook)); });
    step([&] { static_cast<void>(api_credentials_of(settings.api)); });
    step([&] {
        const auto client = client_options_of(settings.seam);
        if (!client.unusable.empty())
            found.warnings.push_back("Seam cannot be asked: " + client.unusable);
        require_usable(client);
    });
    examine_store(settings.store, found);
    return found;
}

}  // namespace oracode::daemon
