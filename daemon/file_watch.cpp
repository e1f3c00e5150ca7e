#include "daemon/file_watch.hpp"

#include <array>
#include <cstring>
#include <system_error>

#include <boost/asio/error.hpp>
#include <fmt/format.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace oracode::daemon {
namespace {

namespace fs = std::filesystem;

// A certificate and its key are written one after the other.
constexpr std::chrono::milliseconds time_to_settle{250};
constexpr std::chrono::seconds between_comparisons{30};
constexpr int most_links = 40;  // as the kernel has it

constexpr std::uint32_t interesting = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE |
                                      IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF |
                                      IN_ONLYDIR;

// What happens there by another machine's hand is not reported.
bool is_on_network(const fs::path& folder) {
    struct statfs status {};
    if (::statfs(folder.c_str(), &status) != 0) return false;
    switch (static_cast<std::uint32_t>(status.f_type)) {
        case 0x6969:      // NFS
        case 0x517b:      // SMB
        case 0xff534d42:  // CIFS
        case 0xfe534d42:  // SMB2
        case 0x65735546:  // FUSE
        case 0x01021997:  // 9P
        case 0x00c36400:  // Ceph
            return true;
        default:
            return false;
    }
}

}  // namespace

FileWatch::FileWatch(boost::asio::io_context& context, std::function<void()> changed)
    : changed_(std::move(changed)), inotify_(context), timer_(context) {}

FileWatch::~FileWatch() = default;

void FileWatch::watch(const std::vector<fs::path>& files) {
    // Watched first and looked at then: what changes in between is reported.
    std::map<fs::path, std::string> next;
    for (const auto& file : files) {
        const auto absolute = fs::absolute(file).lexically_normal();
        const auto known = seen_.find(absolute);
        next.emplace(absolute, known != seen_.end() ? known->second : "");
    }
    seen_ = std::move(next);
    follow();
    for (auto& [file, seen] : seen_)
        if (seen.empty()) seen = fingerprint(file);
    look_soon(std::chrono::milliseconds{0});
}

// `stat` follows links: the file that would be read. The time of change catches a file that may be
// read only now.
std::string FileWatch::fingerprint(const fs::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) return "missing";
    return fmt::format("{}:{}:{}:{}.{:09}:{}.{:09}", status.st_dev, status.st_ino, status.st_size,
                       status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec,
                       status.st_ctim.tv_nsec);
}

// Sets the watches up again: links may lead elsewhere than before.
void FileWatch::follow() {
    names_.clear();
    if (inotify_.is_open()) {
        boost::system::error_code ignored;
        inotify_.close(ignored);
    }
    kernel_notifies_ = false;
    if (seen_.empty()) return;
    const int descriptor = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (descriptor < 0) return;
    inotify_.assign(descriptor);
    kernel_notifies_ = true;
    for (const auto& [file, seen] : seen_) kernel_notifies_ = follow(file) && kernel_notifies_;
    listen();
}

// Watches every folder in which a name on the way to the file could be replaced.
bool FileWatch::follow(const fs::path& file) {
    fs::path at = "/";
    std::vector<fs::path> left(std::next(file.begin()), file.end());
    for (int links = 0; !left.empty();) {
        const auto name = left.front();
        left.erase(left.begin());
        if (name.empty() || name == ".") continue;
        if (name == "..") {
            at = at.parent_path();
            continue;
        }
        std::error_code error;
        const bool is_link = fs::is_symlink(at / name, error);
        if (is_link || left.empty()) {
            if (is_on_network(at)) return false;
            const int watch =
                ::inotify_add_watch(inotify_.native_handle(), at.c_str(), interesting);
            if (watch < 0) return false;
            names_[watch].insert(name.native());
        }
        if (!is_link) {
            at /= name;
            continue;
        }
        if (++links > most_links) return false;
        const auto target = fs::read_symlink(at / name, error);
        if (error) return false;
        if (target.is_absolute()) at = "/";
        std::vector<fs::path> names(target.begin(), target.end());
        if (target.is_absolute()) names.erase(names.begin());
        left.insert(left.begin(), names.begin(), names.end());
    }
    return true;
}

void FileWatch::listen() {
    inotify_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                        [this](const boost::system::error_code& error) {
                            if (error) return;
                            drain();
                            listen();
                        });
}

void FileWatch::drain() {
    alignas(inotify_event) std::array<char, 4096> buffer{};
    bool ours = false;
    for (;;) {
        const auto size = ::read(inotify_.native_handle(), buffer.data(), buffer.size());
        if (size <= 0) break;
        for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
            inotify_event event{};
            std::memcpy(&event, buffer.data() + at, sizeof event);
            const char* name = buffer.data() + at + sizeof event;
            const auto watched = names_.find(event.wd);
            ours = ours || event.len == 0 ||
                   (watched != names_.end() && watched->second.contains(name));
            at += sizeof event + event.len;
        }
    }
    if (ours) look_soon(time_to_settle);
}

// Not put off by further changes: something that changes all the time is looked at all the same.
void FileWatch::look_soon(std::chrono::milliseconds after) {
    if (std::exchange(look_planned_, true)) return;
    timer_.expires_after(after);
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (error) return;
        look_planned_ = false;
        look();
    });
}

void FileWatch::look() {
    follow();
    bool changed = false;
    for (auto& [file, seen] : seen_) {
        auto now = fingerprint(file);
        changed = changed || now != seen;
        seen = std::move(now);
    }
    if (changed) changed_();
    if (!kernel_notifies_ && !seen_.empty()) look_soon(between_comparisons);
}

}  // namespace oracode::daemon
