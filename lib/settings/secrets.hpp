// Secrets that are not in the settings themselves: files, systemd's credentials, Seam's usual
// variables. Internal to settings.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "settings/loading.hpp"

namespace oracode::settings {

// Reads the files named by `…_file`; what is still missing then is taken from the credentials
// folder, then from SEAM_WEBHOOK_SECRET and SEAM_API_KEY.
void read_secrets(Loading& loading, const Environment& environment);

// What a file with secrets holds, which is noted as read; one line unless it is a `list`. Where it
// cannot be used, nullopt and a sentence to `refuse`.
[[nodiscard]] std::optional<Given> read_lines_of_secrets(
    Loading& loading, const std::filesystem::path& file, bool list,
    const std::function<void(std::string)>& refuse);

// Certificates and keys from the credentials folder, where not set.
void find_certificates(Loading& loading, const Environment& environment);

}  // namespace oracode::settings
