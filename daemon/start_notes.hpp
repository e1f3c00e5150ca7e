// What an operator should hear at the start though it stops nothing: a certificate that ends soon,
// a disk that is nearly full, a database with nothing in it, a log that was left beside it, plain
// text on a public address.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/time.hpp"

namespace oracode::settings {
struct Settings;
}

namespace oracode::daemon {

struct StartNote {
    std::string event;   // of the log line
    std::string detail;  // a sentence for people

    friend bool operator==(const StartNote&, const StartNote&) = default;
};

// What was found when everything was open.
struct StartFindings {
    std::optional<Timestamp> webhook_certificate_ends;
    std::optional<Timestamp> api_certificate_ends;
    std::uint64_t disk_free = 0;  // bytes, on the database's file system
    bool database_empty = false;  // no change was ever recorded
    std::uint64_t log_left = 0;   // bytes of SQLite's log that lay beside it
};

// For `log_left`: to be asked before the database is opened.
[[nodiscard]] std::uint64_t log_left_beside(const std::filesystem::path& database);

// Pure. `now` judges the certificates.
[[nodiscard]] std::vector<StartNote> start_notes(const settings::Settings& settings,
                                                 const StartFindings& findings, Timestamp now);

// Writes each as a warning.
void log_start_notes(const std::vector<StartNote>& notes);

}  // namespace oracode::daemon
