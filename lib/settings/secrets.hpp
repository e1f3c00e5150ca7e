// Secrets that are not in the settings themselves: files, systemd's credentials, Seam's usual
// variables. Internal to settings.
#pragma once

#include "settings/loading.hpp"

namespace oracode::settings {

// Reads the files named by `…_file`; what is still missing then is taken from the credentials
// folder, then from SEAM_WEBHOOK_SECRET and SEAM_API_KEY.
void read_secrets(Loading& loading, const Environment& environment);

// Certificates and keys from the credentials folder, where not set.
void find_certificates(Loading& loading, const Environment& environment);

}  // namespace oracode::settings
