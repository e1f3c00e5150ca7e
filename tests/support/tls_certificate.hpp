// Certificates made when a test runs, in files of a directory that goes away with them.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

namespace oracode::test {

// A directory of its own, removed with everything in it.
class ScratchDirectory {
public:
    ScratchDirectory();
    ~ScratchDirectory();
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;

    [[nodiscard]] std::string file(const std::string& name) const {
        return (path_ / name).string();
    }

private:
    std::filesystem::path path_;
};

struct PemPair {
    std::string certificate;
    std::string private_key;
};

// A self-signed P-256 pair for localhost, 127.0.0.1 and ::1.
[[nodiscard]] PemPair make_certificate(const std::string& common_name, std::chrono::hours lifetime);
[[nodiscard]] std::string encrypt_key(const std::string& private_key,
                                      const std::string& passphrase);

void write_file(const std::string& path, const std::string& text);

}  // namespace oracode::test
