#include "support/paths.hpp"

namespace oracode::test {

std::string data_path(const std::string& name) {
    return source_path("tests/data/" + name);
}

std::string source_path(const std::string& name) {
    return ORACODE_SOURCE_DIR "/" + name;
}

std::string oracoded() {
    return ORACODED_BINARY;
}

std::string oracodectl() {
    return ORACODECTL_BINARY;
}

}  // namespace oracode::test
