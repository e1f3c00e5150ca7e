// How a command of oracodectl ends otherwise than well: thrown anywhere below a command, answered
// in one place.
#pragma once

#include <stdexcept>
#include <string>

#include "core/exit_code.hpp"

namespace oracode::ctl {

// `what()` is a sentence for the person at the terminal and holds no secret.
class Failure : public std::runtime_error {
public:
    Failure(ExitCode code, const std::string& sentence)
        : std::runtime_error(sentence), exit(code) {}

    ExitCode exit;
};

}  // namespace oracode::ctl
