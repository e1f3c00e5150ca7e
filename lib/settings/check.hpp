// Rules that hold between keys, and between keys and this machine's files. Internal to settings.
#pragma once

#include "settings/loading.hpp"

namespace oracode::settings {

// Adds a problem for each rule that the loaded settings break.
void check(Loading& loading);

}  // namespace oracode::settings
