// Where the tests find things. One translation unit knows this tree's folders, so that ccache
// serves every other one to a second checkout.
#pragma once

#include <string>

namespace oracode::test {

// A file or folder below tests/data.
[[nodiscard]] std::string data_path(const std::string& name);
// A file or folder of the source tree.
[[nodiscard]] std::string source_path(const std::string& name = {});
// The programs under test.
[[nodiscard]] std::string oracoded();
[[nodiscard]] std::string oracodectl();
// For what a sanitizer makes different, such as the use of memory: the one that `tests/run` builds
// beside. Empty: it is not there.
[[nodiscard]] std::string oracoded_without_sanitizer();
// For LD_PRELOAD: tests/support/preload/failing_disk.cpp.
[[nodiscard]] std::string failing_disk_library();

}  // namespace oracode::test
