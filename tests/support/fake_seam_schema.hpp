// Holds requests against Seam's published schema. Used by FakeSeam; any thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace oracode::test {

// What about a request Seam's schema does not know: its path, method, a parameter, its type. Ids
// are taken as opaque texts though the schema says UUID. Empty: nothing.
[[nodiscard]] std::vector<std::string> violations_of(
    const std::string& method, const std::string& path,
    const std::vector<std::pair<std::string, std::string>>& query, const std::string& body);

}  // namespace oracode::test
