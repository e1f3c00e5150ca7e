#include "core/version.hpp"

#include <regex>

#include <gtest/gtest.h>

#include "support/paths.hpp"
#include "support/temporary_folder.hpp"

namespace oracode {
namespace {

TEST(Version, IsTheProjectsAndTheImagesLabelIsTheSame) {
    EXPECT_TRUE(std::regex_match(std::string(version()), std::regex(R"(\d+\.\d+\.\d+)")))
        << version();
    const auto project = test::contents(test::source_path("CMakeLists.txt"));
    EXPECT_NE(project.find("VERSION " + std::string(version()) + " "), std::string::npos);
    const auto image = test::contents(test::source_path("docker/Dockerfile"));
    EXPECT_NE(image.find("image.version=\"" + std::string(version()) + "\""), std::string::npos);
}

}  // namespace
}  // namespace oracode
