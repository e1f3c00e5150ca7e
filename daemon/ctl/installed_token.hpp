// What is installed on this machine for oracodectl, so that no one has to name it.
#pragma once

#include <string>

#include "settings/load.hpp"

namespace oracode::ctl {

// Where it is looked for, in this order: ORACODED_API_TOKENS, ORACODED_API_TOKENS_FILE,
// `api.tokens` in $CREDENTIALS_DIRECTORY, in /run/credentials/oracoded.service and as
// /etc/credstore/oracoded.api.tokens, then `tokens` and `tokens_file` of the configuration's [api]
// (ORACODECTL_CONFIG, else /etc/oracoded/oracoded.toml). Of the first of these that can be read and
// has tokens: the first that may write, else the first. Empty where there is none.
[[nodiscard]] std::string installed_token(const settings::Environment& environment);

// The address of the API by `listen` of the configuration's [api] (ORACODECTL_CONFIG, else
// /etc/oracoded/oracoded.toml). Empty where that is not on loopback or a unix socket, or is not
// set.
[[nodiscard]] std::string installed_api(const settings::Environment& environment);

}  // namespace oracode::ctl
