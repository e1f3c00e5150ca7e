// What a shell learns of the commands. Private to the files of completion; pure.
#pragma once

#include <iosfwd>
#include <span>
#include <string>
#include <vector>

#include "ctl/command.hpp"

namespace oracode::ctl {

// The value is the name of a file.
[[nodiscard]] bool names_file(const Option& option);
// What the value can be, where that is a fixed set; empty: anything.
[[nodiscard]] std::vector<std::string> words_of(const Option& option);

void print_zsh(std::ostream& out);

}  // namespace oracode::ctl
