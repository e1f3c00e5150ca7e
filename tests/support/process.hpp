// A real program started by a test: its standard error is kept, and it never outlives its object.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "support/temporary_folder.hpp"

namespace oracode::test {

// Asks `done` again and again until it is true; false when `patience` runs out.
bool eventually(const std::function<bool()>& done,
                std::chrono::milliseconds patience = std::chrono::seconds{20});

class Process {
public:
    // `environment` is added to this process's own; SEAM_* and ORACODED_* variables are not
    // inherited.
    // `descriptors` become 3, 4, ….
    Process(std::vector<std::string> command, const std::map<std::string, std::string>& environment,
            std::filesystem::path output, const std::vector<int>& descriptors = {});
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    void signal(int number) const;
    // The exit code, 128 + the signal that ended it, or nullopt while it runs.
    [[nodiscard]] std::optional<int> exit_code();
    // Waits for the end; throws when it does not come.
    int wait(std::chrono::milliseconds patience = std::chrono::seconds{30});
    // All that it wrote to standard output and error so far.
    [[nodiscard]] std::string output() const { return contents(output_); }
    [[nodiscard]] pid_t pid() const { return pid_; }

private:
    std::filesystem::path output_;
    pid_t pid_ = -1;
    std::optional<int> exit_code_;
};

// Runs a command to its end.
struct Finished {
    int exit_code = 0;
    std::string output;
};
[[nodiscard]] Finished run(std::vector<std::string> command,
                           const std::map<std::string, std::string>& environment = {});

}  // namespace oracode::test
