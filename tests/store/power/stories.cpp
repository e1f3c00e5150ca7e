#include "tests/store/power/stories.hpp"

#include <chrono>
#include <stdexcept>

#include <sqlite3.h>

#include "store/copy.hpp"
#include "support/disk/disk_replay.hpp"
#include "support/paths.hpp"
#include "tests/store/power/script.hpp"
#include "tests/store/snapshot.hpp"

namespace oracode::test {
namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t scripts = 10;  // seeds of scripts for each variant

// In most variants the sync of what was copied goes on while more is committed and copied.
void have_late_syncs(StoryTeller& teller, std::uint64_t variant) {
    if (variant % 3 != 0)
        teller.disk().delay({.thread = "checkpoint", .file = database_name, .records = 12});
}

}  // namespace

Story tell_creation(std::uint64_t variant) {
    StoryTeller teller;
    Script script(teller, scripts * variant + 1);
    teller.open();
    script.deliver(3);
    teller.close();
    return teller.end();
}

Story tell_deliveries(std::uint64_t variant) {
    StoryTeller teller;
    have_late_syncs(teller, variant);
    Script script(teller, scripts * variant + 2);
    teller.open();
    script.have_targets_of_notifications();
    script.deliver(12);
    {
        Snapshot reader(teller.path());  // from here on checkpoints stop at what it sees
        script.deliver(8);
        reader.end();
        script.deliver(4);
    }
    teller.close();
    teller.open();
    script.deliver(10);
    script.lose_an_account();
    {
        const Snapshot reader(teller.path());
        script.deliver(6);
    }
    teller.close();
    return teller.end();
}

Story tell_restart(const Story& deliveries, std::uint64_t seed) {
    StoryTeller teller([&](const fs::path& folder) {
        DiskReplay disk(deliveries.disk);
        disk.advance_to(seed % deliveries.disk.records.size());
        disk.save(folder, seed);
    });
    teller.now += std::chrono::hours{1};
    Script script(teller, scripts * variant_of(seed) + 3, 10'000);
    teller.open();
    teller.round({script.event()});
    script.deliver(4);
    teller.close();
    auto story = teller.end();
    story.events.insert(deliveries.events.begin(), deliveries.events.end());
    return story;
}

void make_old_database(const fs::path& folder, OldDatabase old) {
    const TemporaryFolder workshop;
    const auto made = workshop.path() / "oracoded.db";
    sqlite3* database = nullptr;
    sqlite3_open(made.c_str(), &database);
    sqlite3_exec(database, "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0", nullptr,
                 nullptr, nullptr);
    const auto sql = contents(data_path("store/0.1.0.sql"));
    if (sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        throw std::runtime_error(sqlite3_errmsg(database));
    const auto target = folder / database_name;
    fs::create_directories(target.parent_path());
    if (old == OldDatabase::in_its_log) {
        fs::copy_file(made.string() + "-wal", target.string() + "-wal");
        fs::copy_file(made, target);
    }
    sqlite3_close(database);
    if (old == OldDatabase::closed) fs::copy_file(made, target);
}

Story tell_migrations(OldDatabase old) {
    StoryTeller teller([old](const fs::path& folder) { make_old_database(folder, old); });
    teller.open();
    teller.close();
    return teller.end();
}

Story tell_backups(std::uint64_t variant) {
    StoryTeller teller;
    have_late_syncs(teller, variant);
    Script script(teller, scripts * variant + 4);
    teller.open();
    for (int i = 0; i < 4; ++i) {
        script.deliver(3);
        store::DatabaseCopy copy(teller.path());
        if (!copy.make()) throw std::runtime_error("no copy");
    }
    teller.close();
    return teller.end();
}

Story tell_retention(std::uint64_t variant) {
    using std::chrono::hours;
    StoryTeller teller;
    have_late_syncs(teller, variant);
    Script script(teller, scripts * variant + 5);
    teller.open();
    for (int i = 0; i < 12; ++i) {
        script.live_and_end("guest " + std::to_string(i));
        script.deliver(1);
    }
    teller.now += hours{24};
    while (script.purge(hours{20}, hours{40})) script.deliver(1);
    script.deliver(3);
    teller.now += hours{24};
    while (script.purge(hours{20}, hours{40})) script.deliver(1);
    teller.close();
    teller.open();
    script.deliver(2);
    teller.close();
    return teller.end();
}

}  // namespace oracode::test
