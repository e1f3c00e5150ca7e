// How the daemon ends: sysexits(3), as service managers know them.
#pragma once

namespace oracode::daemon {

enum class ExitCode : int {
    ok = 0,
    usage = 64,
    unavailable = 69,
    software = 70,
    cannot_create = 73,
    input_output = 74,
    permission = 77,
    configuration = 78,
};

}  // namespace oracode::daemon
