// The [[notify]] tables. Internal to settings.
#pragma once

#include <string>
#include <string_view>

#include "settings/loading.hpp"
#include "settings/toml_file.hpp"

namespace oracode::settings {

inline constexpr std::string_view notify_tables = "notify";

// Puts the targets of `document` into the settings, with what their files hold, or adds what is
// wrong with them.
void take_notify_tables(Loading& loading, const Document& document, const std::string& source);

}  // namespace oracode::settings
