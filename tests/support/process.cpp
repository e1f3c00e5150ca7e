#include "support/process.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace oracode::test {
namespace fs = std::filesystem;

bool eventually(const std::function<bool()>& done, std::chrono::milliseconds patience) {
    using Clock = std::chrono::steady_clock;
    // A machine or a test that was stopped for a while has not waited all that time.
    constexpr Clock::duration longest_step = std::chrono::seconds{2};
    Clock::duration waited{};
    for (auto last = Clock::now(); !done();) {
        if (waited > patience) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
        const auto now = Clock::now();
        waited += std::min(now - last, longest_step);
        last = now;
    }
    return true;
}

Process::Process(std::vector<std::string> command,
                 const std::map<std::string, std::string>& environment, fs::path output,
                 const std::vector<int>& descriptors)
    : output_(std::move(output)) {
    std::vector<std::string> variables;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text{*variable};
        const bool given = environment.contains(std::string(text.substr(0, text.find('='))));
        if (!given && !text.starts_with("SEAM_") && !text.starts_with("ORACODED_"))
            variables.emplace_back(text);
    }
    for (const auto& [name, value] : environment) variables.push_back((name + "=").append(value));
    const auto pointers = [](std::vector<std::string>& texts) {
        std::vector<char*> out;
        out.reserve(texts.size() + 1);
        for (auto& text : texts) out.push_back(text.data());
        out.push_back(nullptr);
        return out;
    };
    auto arguments = pointers(command);
    auto inherited = pointers(variables);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, output_.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                     0600);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    // By way of high numbers, so that none is overwritten before its turn.
    std::vector<int> parked;
    for (const int descriptor : descriptors) {
        parked.push_back(fcntl(descriptor, F_DUPFD_CLOEXEC, 500));
        const auto target = static_cast<int>(2 + parked.size());
        posix_spawn_file_actions_adddup2(&files, parked.back(), target);
    }
    const int error =
        posix_spawn(&pid_, arguments[0], &files, nullptr, arguments.data(), inherited.data());
    posix_spawn_file_actions_destroy(&files);
    for (const int descriptor : parked) ::close(descriptor);
    if (error != 0) throw std::system_error(error, std::generic_category(), command[0]);
}

Process::~Process() {
    if (exit_code()) return;
    ::kill(pid_, SIGKILL);
    wait();
}

void Process::signal(int number) const {
    ::kill(pid_, number);
}

std::optional<int> Process::exit_code() {
    int status = 0;
    if (!exit_code_ && waitpid(pid_, &status, WNOHANG) == pid_)
        exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return exit_code_;
}

int Process::wait(std::chrono::milliseconds patience) {
    if (!eventually([this] { return exit_code().has_value(); }, patience))
        throw std::runtime_error("the process does not end: " + output());
    return *exit_code_;
}

Finished run(std::vector<std::string> command,
             const std::map<std::string, std::string>& environment) {
    const TemporaryFolder folder;
    Process process(std::move(command), environment, folder / "output");
    const int code = process.wait();
    return {code, process.output()};
}

}  // namespace oracode::test
