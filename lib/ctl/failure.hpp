// How a command of oracodectl ends otherwise than well: thrown anywhere below a command, answered
// in one place.
#pragma once

#include <stdexcept>
#include <string>

namespace oracode::ctl {

// Process exit codes: sysexits.h where it has a fitting one, and 1 for a plain "no" (not found, not
// accepted).
enum class ExitCode : int {
    success = 0,
    negative = 1,
    usage = 64,
    bad_data = 65,
    no_input = 66,
    unavailable = 69,
    software = 70,
    cannot_create = 73,
    timed_out = 75,
    protocol = 76,
    no_permission = 77,
};

// `what()` is a sentence for the person at the terminal and holds no secret.
class Failure : public std::runtime_error {
public:
    Failure(ExitCode code, const std::string& sentence)
        : std::runtime_error(sentence), exit(code) {}

    ExitCode exit;
};

}  // namespace oracode::ctl
