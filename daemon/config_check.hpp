// --check-config: what a start would say of the settings, up to the listening.
#pragma once

#include <string>
#include <vector>

#include "settings/settings.hpp"

namespace oracode::daemon {

struct ConfigCheck {
    std::vector<std::string> problems;  // each would stop the start; in the start's own words
    std::vector<std::string> warnings;
};

// Runs the start's own steps, but makes no folder, file, lock or socket: it may be asked while the
// daemon runs. What the asking user may not do is a warning, since a service runs as another one.
[[nodiscard]] ConfigCheck check_config(const settings::Settings& settings);

}  // namespace oracode::daemon
