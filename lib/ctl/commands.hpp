// The commands, by group. Private to lib/ctl: the outside sees commands().
#pragma once

#include "ctl/command.hpp"

namespace oracode::ctl {

[[nodiscard]] Command status_command();

[[nodiscard]] Command list_command();
[[nodiscard]] Command show_command();
[[nodiscard]] Command history_command();

[[nodiscard]] Command slots_command();
[[nodiscard]] Command check_command();
[[nodiscard]] Command create_command();

[[nodiscard]] Command register_webhook_command();
[[nodiscard]] Command simulate_command();

[[nodiscard]] Command completion_command();

}  // namespace oracode::ctl
