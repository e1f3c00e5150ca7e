#include "store/store.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "core/files.hpp"
#include "store/copy.hpp"
#include "store/restore.hpp"
#include "store/sqlite/database_lock.hpp"
#include "store/sqlite/ledger.hpp"
#include "store/sqlite/writer.hpp"

namespace oracode::store {
namespace {

namespace fs = std::filesystem;

StoreError::Kind kind_of(const std::error_code& error) {
    const bool permission = error == std::errc::permission_denied ||
                            error == std::errc::operation_not_permitted ||
                            error == std::errc::read_only_file_system;
    return permission ? StoreError::Kind::permission : StoreError::Kind::io;
}

// Only the last folder: a longer missing path is rather a disk that is not mounted.
std::string prepare(const std::string& path) {
    std::error_code error;
    auto real = fs::weakly_canonical(fs::absolute(path), error);
    if (error) real = fs::absolute(path);
    const auto folder = real.parent_path();
    const bool made = !fs::exists(folder, error);
    if (made) {
        fs::create_directory(folder, error);
        if (error)
            throw StoreError(kind_of(error),
                             fmt::format("{}: {}", folder.string(), error.message()));
        fs::permissions(folder, fs::perms::owner_all, error);
    }
    // SQLite syncs what is in the folder, not the folder's own name. Each time: the process that
    // made it may have been killed before this.
    if (!sync_folder_of(folder) && made) {
        error.assign(errno, std::generic_category());
        throw StoreError(kind_of(error),
                         fmt::format("{}: {}", folder.parent_path().string(), error.message()));
    }
    return real.string();
}

// Made here and not by SQLite, because it holds PINs: no other user may read it.
void make_if_missing(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        const std::error_code error(errno, std::generic_category());
        throw StoreError(kind_of(error), fmt::format("{}: {}", path, error.message()));
    }
    ::close(file);
}

std::uint64_t size_of(const std::string& path) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    return error ? 0 : size;
}

// SQLite takes any log beside a database for its own.
std::string log_beside(const std::string& path, StoreError::Kind kind) {
    if (kind != StoreError::Kind::corrupt || size_of(path + "-wal") == 0) return {};
    return fmt::format(
        "; {}-wal lies beside it: where this database was put in the place of another, that is the "
        "other's log and the reason; `oracodectl restore` sets it aside",
        path);
}

std::unique_ptr<Ledger> open(const std::string& path, const StoreOptions& options) {
    try {
        return std::make_unique<Ledger>(path, options.policy, options.alerts);
    } catch (const StoreError& error) {
        throw StoreError(error.kind(), fmt::format("{}: {}{}", path, error.what(),
                                                   log_beside(path, error.kind())));
    }
}

// Work of two callables: `act(Ledger&, Timestamp)` gives what `done` gets. `act` leaves what it
// holds as it is, as it may run again.
template <class T, class Act>
class Task final : public Work {
public:
    Task(Store::Home& home, Act act, Store::Done<T> done)
        : Work(home), act_(std::move(act)), done_(std::move(done)) {}

    void perform(Ledger& ledger, Timestamp now) override { outcome_ = act_(ledger, now); }
    void complete() override {
        std::move(done_)(failure() ? Result<T>(*failure()) : Result<T>(std::move(outcome_)));
    }

private:
    Act act_;
    Store::Done<T> done_;
    T outcome_{};
};

template <class T, class Act>
std::unique_ptr<Work> task(Store::Home& home, Store::Done<T> done, Act act) {
    return std::make_unique<Task<T, Act>>(home, std::move(act), std::move(done));
}

}  // namespace

struct Store::Engine {
    explicit Engine(StoreOptions options) : path(prepare(options.path)), lock(path) {
        if (const auto why = unfinished_restore(path); !why.empty())
            throw StoreError(StoreError::Kind::io, why);
        make_if_missing(path);
        DatabaseCopy::remove_leftovers(path);  // ours alone, now that it is locked
        auto database = open(path, options);
        options.path = path;
        writer.emplace(std::move(options), std::move(database));
    }

    std::string path;  // free of symbolic links, so that two names of one file are one lock
    std::optional<DatabaseLock> lock;
    std::optional<Writer> writer;
};

Store::Store(StoreOptions options) : engine_(std::make_unique<Engine>(std::move(options))) {}

Store::~Store() = default;

void Store::start(StoreCallbacks callbacks) {
    engine_->writer->start(std::move(callbacks));
}

void Store::record(lifecycle::Event event, std::string payload, Home& home, Done<Recorded> done) {
    engine_->writer->submit(
        task(home, std::move(done),
             [event = std::move(event), payload = std::move(payload)](
                 Ledger& ledger, Timestamp now) { return ledger.record(event, payload, now); }));
}

void Store::record_all(StatementBatch batch, Home& home, Done<BatchOutcome> done) {
    engine_->writer->submit(
        task(home, std::move(done), [batch = std::move(batch)](Ledger& ledger, Timestamp now) {
            return ledger.record_all(batch, now);
        }));
}

void Store::quarantine(Quarantined item, Home& home, Done<std::int64_t> done) {
    engine_->writer->submit(
        task(home, std::move(done), [item = std::move(item)](Ledger& ledger, Timestamp now) {
            return ledger.quarantine(item, now);
        }));
}

void Store::release(std::int64_t quarantined, lifecycle::Event event, std::string payload,
                    Home& home, Done<Recorded> done) {
    engine_->writer->submit(task(home, std::move(done),
                                 [quarantined, event = std::move(event),
                                  payload = std::move(payload)](Ledger& ledger, Timestamp now) {
                                     return ledger.release(quarantined, event, payload, now);
                                 }));
}

void Store::set_tracked(std::string access_code_id, bool tracked, Home& home, Done<bool> done) {
    engine_->writer->submit(
        task(home, std::move(done),
             [id = std::move(access_code_id), tracked](Ledger& ledger, Timestamp now) {
                 return ledger.set_tracked(id, tracked, now);
             }));
}

void Store::look_at_alerts(Home& home, Done<bool> done) {
    engine_->writer->submit(task(home, std::move(done), [](Ledger& ledger, Timestamp now) {
        return ledger.look_at_alerts(now);
    }));
}

void Store::set_daemon_alerts(std::vector<DaemonAlert> found, Home& home, Done<bool> done) {
    engine_->writer->submit(
        task(home, std::move(done), [found = std::move(found)](Ledger& ledger, Timestamp now) {
            return ledger.set_daemon_alerts(found, now);
        }));
}

void Store::reserve_key(OrderKey key, OrderedCode code, Home& home, Done<bool> done) {
    engine_->writer->submit(
        task(home, std::move(done), [key = std::move(key), code](Ledger& ledger, Timestamp now) {
            return ledger.keys().reserve(key, code, now);
        }));
}

void Store::record_made(lifecycle::Event event, std::string key, Home& home, Done<Recorded> done) {
    engine_->writer->submit(
        task(home, std::move(done),
             [event = std::move(event), key = std::move(key)](Ledger& ledger, Timestamp now) {
                 if (!key.empty()) ledger.keys().made(key, event.access_code_id);
                 return ledger.record(event, {}, now);
             }));
}

void Store::finish_key(OrderKey key, OrderAnswer answer, Home& home, Done<bool> done) {
    engine_->writer->submit(
        task(home, std::move(done),
             [key = std::move(key), answer = std::move(answer)](Ledger& ledger, Timestamp now) {
                 return ledger.keys().finish(key, answer, now);
             }));
}

void Store::release_key(std::string key, Home& home, Done<bool> done) {
    engine_->writer->submit(task(
        home, std::move(done),
        [key = std::move(key)](Ledger& ledger, Timestamp) { return ledger.keys().release(key); }));
}

void Store::put_lock_snapshots(std::vector<StoredDevice> locks,
                               std::optional<Timestamp> complete_since, Home& home,
                               Done<bool> done) {
    engine_->writer->submit(
        task(home, std::move(done),
             [locks = std::move(locks), complete_since](Ledger& ledger, Timestamp) {
                 for (const auto& lock : locks) ledger.devices().put(lock);
                 return complete_since && ledger.devices().forget_before(*complete_since);
             }));
}

void Store::forget_lock(std::string device_id, Home& home, Done<bool> done) {
    engine_->writer->submit(
        task(home, std::move(done), [id = std::move(device_id)](Ledger& ledger, Timestamp) {
            return ledger.devices().forget(id);
        }));
}

void Store::set_notification_targets(std::vector<NotificationTarget> targets, Home& home,
                                     Done<bool> done) {
    engine_->writer->submit(
        task(home, std::move(done), [targets = std::move(targets)](Ledger& ledger, Timestamp now) {
            ledger.outbox().set_targets(targets, ledger.last_change(), now);
            return true;
        }));
}

void Store::take_changes_to_notify(Home& home, Done<TakenChanges> done) {
    engine_->writer->submit(task(home, std::move(done), [](Ledger& ledger, Timestamp now) {
        return ledger.outbox().take_changes(ledger.last_change(), now);
    }));
}

void Store::settle_notification(NotificationOutcome outcome, Home& home, Done<bool> done) {
    engine_->writer->submit(
        task(home, std::move(done), [outcome = std::move(outcome)](Ledger& ledger, Timestamp) {
            return ledger.outbox().settle(outcome);
        }));
}

void Store::probe(Home& home, Done<Timestamp> done) {
    engine_->writer->submit(task(home, std::move(done),
                                 [](Ledger& ledger, Timestamp now) { return ledger.probe(now); }));
}

void Store::purge(RetentionPolicy retention, Home& home, Done<Purged> done) {
    engine_->writer->submit_when_quiet(
        task(home, std::move(done),
             [retention](Ledger& ledger, Timestamp now) { return ledger.purge(retention, now); }));
}

void Store::stop() {
    engine_->writer->stop();
    engine_->lock.reset();
}

const std::string& Store::path() const {
    return engine_->path;
}

std::size_t Store::queued() const {
    return engine_->writer->queued();
}

std::int64_t Store::last_change() const {
    return engine_->writer->last_change();
}

const CodeRevisions& Store::revisions() const {
    return engine_->writer->revisions();
}

std::chrono::steady_clock::time_point Store::last_progress() const {
    return engine_->writer->last_progress();
}

void Store::nudge() {
    engine_->writer->nudge();
}

std::optional<std::string> Store::checkpoint_failure() const {
    return engine_->writer->checkpoint_failure();
}

void Store::wait_while_log_is_emptied() {
    engine_->writer->wait_while_log_is_emptied();
}

bool Store::log_is_being_emptied() const {
    return engine_->writer->log_is_being_emptied();
}

StoreSizes Store::sizes() const {
    const auto& path = engine_->path;
    std::error_code error;
    const auto space = fs::space(fs::path(path).parent_path(), error);
    return {size_of(path), size_of(path + "-wal"), error ? 0 : space.available};
}

}  // namespace oracode::store
