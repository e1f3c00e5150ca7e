// Reports when files change, also when they are replaced by a rename or when a symbolic link on the
// way to them leads elsewhere (as Kubernetes and certbot do it). Sleeps until the kernel reports
// one; only where that cannot be (a network file system, no watches left) it compares every half
// minute. Owned by the Reloader; used on the thread of its io_context.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

namespace oracode::daemon {

class FileWatch {
public:
    // `changed` is called once for changes that come together, on the context's thread.
    FileWatch(boost::asio::io_context& context, std::function<void()> changed);
    ~FileWatch();
    FileWatch(const FileWatch&) = delete;
    FileWatch& operator=(const FileWatch&) = delete;

    // Watches these from now on. What a file that is watched already was at the last look stays the
    // measure, so that no change is lost on the way.
    void watch(const std::vector<std::filesystem::path>& files);

    // Whether the kernel reports every change.
    [[nodiscard]] bool kernel_notifies() const { return kernel_notifies_; }

private:
    // Differs between two states of a file.
    [[nodiscard]] static std::string fingerprint(const std::filesystem::path& file);

    void follow();
    bool follow(const std::filesystem::path& file);
    void listen();
    void drain();
    void look_soon(std::chrono::milliseconds after);
    void look();

    std::function<void()> changed_;
    std::map<std::filesystem::path, std::string> seen_;
    boost::asio::posix::stream_descriptor inotify_;
    boost::asio::steady_timer timer_;
    std::map<int, std::set<std::string>> names_;  // by watch: what matters in that folder
    bool kernel_notifies_ = false;
    bool look_planned_ = false;
};

}  // namespace oracode::daemon
