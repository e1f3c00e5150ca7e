#include "ctl/backup_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/files.hpp"
#include "core/text.hpp"
#include "ctl/failure.hpp"

namespace oracode::ctl {
namespace {

namespace fs = std::filesystem;

// A digit stands for any digit. mkostemp adds the second form's end.
constexpr std::string_view finished_form = "oracoded-00000000T000000Z.db";
constexpr std::size_t suffix_length = std::string_view(".XXXXXX").size();

bool has_finished_form(std::string_view name) {
    return std::ranges::equal(name, finished_form, [](char letter, char form) {
        return form == '0' ? is_digit(letter) : letter == form;
    });
}

bool has_unfinished_form(std::string_view name) {
    return name.size() == finished_form.size() + suffix_length &&
           name[finished_form.size()] == '.' &&
           has_finished_form(name.substr(0, finished_form.size()));
}

[[noreturn]] void cannot_remove(const fs::path& file, const std::error_code& error) {
    throw Failure(ExitCode::cannot_create, "the new copy is there, but cannot remove '" +
                                               file.string() + "': " + error.message());
}

void remove_file(const fs::path& file) {
    std::error_code error;
    fs::remove(file, error);
    if (error) cannot_remove(file, error);
}

// Whoever writes a copy holds a lock on it; one without an owner is what a killed run has left.
bool is_abandoned(const fs::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0) return false;
    const bool free = ::flock(descriptor, LOCK_EX | LOCK_NB) == 0;
    ::close(descriptor);
    return free;
}

}  // namespace

std::string backup_name(Timestamp at) {
    auto text = format_rfc3339(at).substr(0, 19);  // 2026-03-05T15:00:00
    std::erase_if(text, [](char letter) { return letter == '-' || letter == ':'; });
    return "oracoded-" + text + "Z.db";
}

std::vector<std::string> superseded(std::vector<std::string> names, std::size_t keep,
                                    const std::string& newest) {
    std::erase_if(
        names, [&](const std::string& name) { return name == newest || !has_finished_form(name); });
    std::ranges::sort(names);
    const auto others = keep - 1;
    names.resize(names.size() > others ? names.size() - others : 0);
    return names;
}

void require_backup_folder(const std::string& folder) {
    std::error_code error;
    const bool made = !fs::is_directory(folder, error);
    // Its name is to outlive a power cut as the copies in it do; also one that an earlier run made.
    auto path = fs::path(folder);
    if (!path.has_filename()) path = path.parent_path();
    if ((made && ::mkdir(folder.c_str(), 0700) != 0) || (!sync_folder_of(path) && made))
        throw Failure(ExitCode::cannot_create,
                      "cannot make the folder '" + folder + "': " + std::strerror(errno));
}

std::size_t remove_superseded(const std::string& folder, std::size_t keep,
                              const std::string& newest) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        std::error_code unknown;
        if (at->symlink_status(unknown).type() != fs::file_type::regular) continue;
        const auto name = at->path().filename().string();
        if (has_finished_form(name)) names.push_back(name);
        if (has_unfinished_form(name) && is_abandoned(at->path())) remove_file(at->path());
    }
    if (error) cannot_remove(folder, error);
    const auto old = superseded(std::move(names), keep, newest);
    for (const auto& name : old) remove_file(fs::path(folder) / name);
    return old.size();
}

}  // namespace oracode::ctl
