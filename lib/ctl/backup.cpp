// backup: a copy of the database that is known to be whole before it gets its name.
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ostream>

#include <boost/json.hpp>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/files.hpp"
#include "ctl/backup_folder.hpp"
#include "ctl/commands.hpp"
#include "ctl/daemon_client.hpp"
#include "store/copy.hpp"

namespace oracode::ctl {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

// Making the copy sends nothing, and takes its time.
constexpr auto longest_silence = std::chrono::minutes{30};

[[noreturn]] void cannot_write(const std::string& path) {
    throw Failure(ExitCode::cannot_create, "cannot write '" + path + "': " + std::strerror(errno));
}

// Where the copy is to be: through a symbolic link, and in no place of something that is not a file
// (a rename would replace a device as well).
std::string target_of(const std::string& file) {
    std::error_code error;
    const auto named = fs::symlink_status(file, error);
    if (!fs::exists(named)) return file;
    // /dev/stdout may lead to a pipe, which has no path.
    const auto meant = fs::status(file, error);
    if (fs::exists(meant) && !fs::is_regular_file(meant))
        throw Failure(
            ExitCode::cannot_create,
            "'" + file + "' exists and is not a regular file: name another, or - for stdout");
    const auto real = fs::canonical(file, error);
    if (error)
        throw Failure(ExitCode::cannot_create, "'" + file + "' is a link that leads nowhere");
    return real.string();
}

// A file beside its future self, only its owner's: it holds PINs. Removed unless it is kept.
class Draft {
public:
    explicit Draft(const std::string& target) : path_(target + ".XXXXXX"), target_(target) {
        descriptor_ = ::mkostemp(path_.data(), O_CLOEXEC);
        if (descriptor_ < 0) cannot_write(target);
        // While it is held, the draft is not taken for one that was left behind.
        ::flock(descriptor_, LOCK_EX | LOCK_NB);
    }
    ~Draft() {
        if (descriptor_ >= 0) ::close(descriptor_);
        if (!path_.empty()) ::unlink(path_.c_str());
    }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;

    void write(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto count = ::write(descriptor_, bytes.data(), bytes.size());
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) cannot_write(target_);
            bytes.remove_prefix(static_cast<std::size_t>(count));
            size_ += static_cast<std::uint64_t>(count);
        }
    }
    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::uint64_t size() const { return size_; }

    // On the disk, and under its name in one step.
    void keep() {
        if (::fsync(descriptor_) != 0 || ::rename(path_.c_str(), target_.c_str()) != 0)
            cannot_write(target_);
        path_.clear();
        if (!sync_folder_of(target_)) cannot_write(target_);
    }
    void pour(std::ostream& out) const {
        std::ifstream in(path_, std::ios::binary);
        out << in.rdbuf() << std::flush;
        if (!in || !out)
            throw Failure(ExitCode::cannot_create, "cannot write to the standard output");
    }

private:
    std::string path_;
    std::string target_;
    int descriptor_ = -1;
    std::uint64_t size_ = 0;
};

// A sound copy of the database. Throws Failure where the daemon does not give one.
void fetch(DaemonClient& api, Draft& draft) {
    HttpAnswer head;
    const HttpReceiver receiver{[&](const HttpAnswer& received) {
                                    head = received;
                                    return true;
                                },
                                [&](std::string_view piece) {
                                    if (head.status == 200)
                                        draft.write(piece);
                                    else
                                        head.body += piece;
                                    return true;
                                }};
    api.stream("/v1/backup", {}, longest_silence, receiver);
    if (head.status != 200) api.fail(head);
    if (const auto sound = store::check_copy(draft.path()); !sound)
        throw Failure(ExitCode::bad_data, "the copy is not sound: " + sound.error().detail);
}

ExitCode copy_to_stdout(Session& session) {
    Draft draft((fs::temp_directory_path() / "oracoded.db").string());
    fetch(*session.api(), draft);
    draft.pour(session.out);
    return ExitCode::success;
}

ExitCode copy_to_file(const std::string& file, Session& session) {
    Draft draft(target_of(file));
    fetch(*session.api(), draft);
    draft.keep();
    if (session.json())
        session.out << json::serialize(json::object{{"bytes", draft.size()}, {"integrity", "ok"}})
                    << '\n';
    else
        session.out << draft.size() << " bytes, checked\n";
    return ExitCode::success;
}

// Only when the new copy is on the disk are older ones removed.
ExitCode copy_into_folder(const std::string& folder, std::size_t keep, Session& session) {
    require_backup_folder(folder);
    const auto name = backup_name(session.now());
    const auto file = (fs::path(folder) / name).string();
    Draft draft(target_of(file));
    fetch(*session.api(), draft);
    draft.keep();
    const auto removed = remove_superseded(folder, keep, name);
    if (session.json())
        session.out << json::serialize(json::object{{"file", file},
                                                    {"bytes", draft.size()},
                                                    {"integrity", "ok"},
                                                    {"removed", removed}})
                    << '\n';
    else
        session.out << file << ": " << draft.size() << " bytes, checked; " << removed
                    << " older removed\n";
    return ExitCode::success;
}

ExitCode run_backup(const Arguments& arguments, Session& session) {
    const auto& file = arguments.text("FILE");
    const auto keep = arguments.find("--keep");
    if (file == "-") {
        if (keep) throw Failure(ExitCode::usage, "--keep needs a folder, not the standard output");
        return copy_to_stdout(session);
    }
    return keep ? copy_into_folder(file, std::stoul(*keep), session) : copy_to_file(file, session);
}

}  // namespace

Command backup_command() {
    return {.name = "backup",
            .help = "Copy the database while deliveries go on, and check the copy",
            .example = "oracodectl backup --keep 7 /var/backups/oracoded",
            .options = {{.kind = Option::Kind::positional,
                         .name = "FILE",
                         .help = "replaced once the copy is complete and sound; - for stdout; "
                                 "with --keep a folder",
                         .required = true},
                        {.name = "--keep",
                         .value = "N",
                         .help = "write a dated copy into the folder FILE, then remove older ones "
                                 "but the newest N (default: one file, nothing is removed)",
                         .check = check_count}},
            .run = run_backup};
}

}  // namespace oracode::ctl
