// Prints a manual page in scdoc's language, with what stands elsewhere already put in: the commands
// of oracodectl and the settings. For the build alone: oracode_page SOURCE CONFIGURATION
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>

#include "manual/manual.hpp"

namespace {

std::string contents(const char* path) {
    std::ifstream file(path);
    if (!file) throw std::runtime_error(std::string("cannot read ") + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

int main(int count, char** arguments) {
    try {
        if (count != 3) throw std::runtime_error("usage: oracode_page SOURCE CONFIGURATION");
        std::cout << oracode::manual::fill_in(contents(arguments[1]), contents(arguments[2]))
                  << std::flush;
        return std::cout ? 0 : 74;
    } catch (const std::exception& error) {
        std::cerr << "oracode_page: " << error.what() << '\n';
        return 64;
    }
}
