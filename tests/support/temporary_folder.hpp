// A test's own place for files, and reading them back.
#pragma once

#include <filesystem>
#include <string>

namespace oracode::test {

// A folder of its own, removed at the end with everything in it.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
        return path_ / name;
    }
    // Writes a file that only its owner can read and returns its path.
    std::string write(const std::string& name, const std::string& text) const;

private:
    std::filesystem::path path_;
};

[[nodiscard]] std::string contents(const std::filesystem::path& file);
void write_file(const std::string& path, const std::string& text);

}  // namespace oracode::test
