// How the programs end: sysexits(3), as service managers and scripts know them, and 1 for a plain
// "no" (not found, not accepted).
#pragma once

namespace oracode {

enum class ExitCode : int {
    success = 0,
    negative = 1,
    usage = 64,
    bad_data = 65,
    no_input = 66,
    unavailable = 69,
    software = 70,
    system = 71,  // no thread or no memory to be had
    cannot_create = 73,
    input_output = 74,
    timed_out = 75,
    protocol = 76,
    no_permission = 77,
    configuration = 78,
};

}  // namespace oracode
