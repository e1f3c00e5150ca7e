// The commands, by group. Private to lib/ctl: the outside sees commands().
#pragma once

#include "ctl/command.hpp"

namespace oracode::ctl {

[[nodiscard]] Command status_command();

[[nodiscard]] Command arrivals_command();
[[nodiscard]] Command alerts_command();
[[nodiscard]] Command list_command();
[[nodiscard]] Command show_command();
[[nodiscard]] Command history_command();

[[nodiscard]] Command wait_command();
[[nodiscard]] Command watch_command();
[[nodiscard]] Command track_command();
[[nodiscard]] Command refresh_command();
[[nodiscard]] Command untrack_command();
[[nodiscard]] Command backup_command();
[[nodiscard]] Command restore_command();
[[nodiscard]] Command quarantine_command();
[[nodiscard]] Command devices_command();
[[nodiscard]] Command notify_command();
[[nodiscard]] Command slots_command();
[[nodiscard]] Command check_command();
[[nodiscard]] Command create_command();

[[nodiscard]] Command register_webhook_command();
[[nodiscard]] Command simulate_command();

[[nodiscard]] Command completion_command();

}  // namespace oracode::ctl
