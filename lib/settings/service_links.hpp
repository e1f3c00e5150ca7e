// The variables that a container platform sets by itself. Internal to settings; pure.
#pragma once

#include <string_view>

namespace oracode::settings {

// Whether the variable is one of those that Kubernetes sets for a Service whose name begins like
// ours (`oracoded`, `oracoded-webhook`): `…_SERVICE_HOST`, `…_SERVICE_PORT[_NAME]`, `…_PORT` with
// an address as its value, and `…_PORT_<n>_<protocol>[_PROTO|_PORT|_ADDR]`. They are not anyone's
// settings.
[[nodiscard]] bool is_service_link(std::string_view variable, std::string_view value);

}  // namespace oracode::settings
