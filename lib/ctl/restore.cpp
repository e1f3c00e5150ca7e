// restore: a copy in the place of the database, while the daemon is stopped.
#include "store/restore.hpp"

#include <cerrno>
#include <cstring>
#include <ostream>

#include <boost/json.hpp>
#include <unistd.h>

#include "ctl/commands.hpp"

namespace oracode::ctl {
namespace {

constexpr const char* default_database = "/var/lib/oracoded/oracoded.db";

ExitCode run_restore(const Arguments& arguments, Session& session) {
    const auto& file = arguments.text("FILE");
    if (::access(file.c_str(), R_OK) != 0)
        throw Failure(ExitCode::no_input, "cannot read '" + file + "': " + std::strerror(errno));
    const auto database = arguments.text_or("--database", default_database);
    const auto restored = store::restore_database(file, std::string(database), session.now());
    if (!restored) {
        const auto exit =
            restored.error().code == Errc::conflict ? ExitCode::bad_data : ExitCode::cannot_create;
        throw Failure(exit, "not restored: " + restored.error().detail);
    }
    if (session.json()) {
        session.out << boost::json::serialize(
                           boost::json::object{{"database", database},
                                               {"set_aside", restored->set_aside},
                                               {"next_change", restored->next_change}})
                    << '\n';
        return ExitCode::success;
    }
    session.out << database << " restored; its next change is number " << restored->next_change
                << '\n';
    if (!restored->set_aside.empty())
        session.out << "What was there is now " << restored->set_aside
                    << " (it holds PINs: remove it once it is not needed)\n";
    if (restored->numbers_guessed)
        session.err
            << "No database was there that could tell the last change: the numbers begin far "
               "above those of the copy, so that none is given out twice\n";
    return ExitCode::success;
}

}  // namespace

Command restore_command() {
    return {.name = "restore",
            .help = "Put a copy in the place of the database, while the daemon is stopped",
            .example = "oracodectl restore /var/backups/oracoded/oracoded-20260305T000000Z.db",
            .options = {{.kind = Option::Kind::positional,
                         .name = "FILE",
                         .help = "what `backup` has made",
                         .required = true},
                        {.name = "--database",
                         .value = "PATH",
                         .help = "the daemon's store.database (default: "
                                 "/var/lib/oracoded/oracoded.db)",
                         .environment = "ORACODED_STORE_DATABASE"}},
            .run = run_restore};
}

}  // namespace oracode::ctl
