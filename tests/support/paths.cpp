#include "support/paths.hpp"

#include <filesystem>

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

std::string oracoded_without_sanitizer() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    auto released = source_path("build/release/bin/oracoded");
    return std::filesystem::exists(released) ? released : std::string{};
#else
    return oracoded();
#endif
}

std::string oracodectl() {
    return ORACODECTL_BINARY;
}

std::string failing_disk_library() {
    return FAILING_DISK_LIBRARY;
}

}  // namespace oracode::test
