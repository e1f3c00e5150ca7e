#include "daemon/start_notes.hpp"

#include <fmt/format.h>

#include "logging/log.hpp"
#include "settings/settings.hpp"

namespace oracode::daemon {
namespace {

constexpr std::chrono::days soon{14};
constexpr std::uint64_t little_space = std::uint64_t{1} << 30;

void note_certificate(std::vector<StartNote>& notes, std::string_view which,
                      const std::optional<Timestamp>& ends, Timestamp now) {
    if (!ends || *ends > now + soon) return;
    const auto at = format_rfc3339(*ends);
    if (*ends <= now)
        notes.push_back({"certificate.expired",
                         fmt::format("The certificate of {} expired at {}: senders will refuse it.",
                                     which, at)});
    else
        notes.push_back({"certificate.expires_soon",
                         fmt::format("The certificate of {} expires at {}, in {} days.", which, at,
                                     std::chrono::floor<std::chrono::days>(*ends - now).count())});
}

}  // namespace

std::uint64_t log_left_beside(const std::filesystem::path& database) {
    std::error_code error;
    const auto real = std::filesystem::weakly_canonical(database, error);
    const auto size =
        std::filesystem::file_size((error ? database : real).string() + "-wal", error);
    return error ? 0 : size;
}

std::vector<StartNote> start_notes(const settings::Settings& settings,
                                   const StartFindings& findings, Timestamp now) {
    std::vector<StartNote> notes;
    note_certificate(notes, "webhook.listen", findings.webhook_certificate_ends, now);
    note_certificate(notes, "api.listen", findings.api_certificate_ends, now);
    if (findings.disk_free < little_space)
        notes.push_back({"disk.nearly_full",
                         fmt::format("{} MiB are left where {} lies.", findings.disk_free >> 20,
                                     settings.store.database.string())});
    if (findings.database_empty)
        notes.push_back(
            {"store.empty", fmt::format("{} has nothing in it: is this the first start, or another "
                                        "file than before?",
                                        settings.store.database.string())});
    // SQLite takes any log beside a database for its own, and may not notice for a long time.
    if (findings.log_left > 0)
        notes.push_back(
            {"store.log_left",
             fmt::format("{}-wal was left by a daemon that did not end in order: its {} bytes are "
                         "taken over. Where this database was put in the place of another since, "
                         "that is the other's log, and mixing them damages the database: stop, and "
                         "restore the copy with `oracodectl restore`, which sets the log aside.",
                         settings.store.database.string(), findings.log_left)});
    if (!settings.webhook.tls && !net::is_local(settings.webhook.listen))
        notes.push_back({"webhook.plain_text",
                         "webhook.tls is false on an address that others can reach: deliveries "
                         "with PINs come unencrypted. Listen on 127.0.0.1 behind the proxy."});
    return notes;
}

void log_start_notes(const std::vector<StartNote>& notes) {
    for (const auto& note : notes) log::warn(note.event, {{"detail", note.detail}});
}

}  // namespace oracode::daemon
