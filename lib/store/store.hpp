// What the daemon remembers, durably. Owned by App; its functions may be called from any thread.
// Answers come on the io_context that is given with each call, which has to outlive the Store's
// `stop`. Reading is done by a Reader of one's own.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "store/database_lock.hpp"
#include "store/error.hpp"
#include "store/ledger.hpp"
#include "store/writer.hpp"

namespace oracode {

struct StoreOptions {
    std::string path;                // the database; it and the folder it is in are made if missing
    std::size_t max_queue = 10'000;  // writes waiting; beyond it they are refused
    std::size_t max_batch = 512;     // writes in one transaction
    PollPolicy policy;               // when codes are to be asked for
    Clock clock;                     // tells when things were received and recorded
    // Called on the store's thread after each transaction, also a failed one; must not throw.
    std::function<void(const store::Commit&)> committed{};
    // Likewise, after each attempt to copy SQLite's log into the database.
    std::function<void(const store::Checkpoint&)> checkpointed{};
    // Likewise, once: a sync of the database file has failed, and all that is written is refused
    // until every connection to it, readers included, is closed and the Store made again. Nothing
    // that was answered is lost.
    std::function<void(std::string_view why)> given_up{};
    store::LogLimits log{};
};

struct StoreSizes {
    std::uint64_t database = 0;   // bytes
    std::uint64_t log = 0;        // of SQLite's write-ahead log
    std::uint64_t disk_free = 0;  // left to us on the file system
};

class Store {
public:
    // Locks the database, takes it to this program's schema and starts the thread that writes.
    // Throws StoreError.
    explicit Store(StoreOptions options);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    // Each of these is answered by `done(Result<…>)` on `home`: after the commit, when a crash can
    // not undo it any more, or with an error, when nothing of it is kept:
    //   Errc::overloaded         too much is waiting already
    //   Errc::store_unavailable  the disk refuses, or the store is stopped
    // They never block on the disk.

    // Remembers and applies an event, with the bytes it came in. `done(Result<Recorded>)`.
    template <class Done>
    void record(Event event, std::string payload, boost::asio::io_context& home, Done done) {
        write(
            home,
            [event = std::move(event), payload = std::move(payload)](store::Ledger& ledger,
                                                                     Timestamp now) {
                return ledger.record(event, payload, now);
            },
            std::move(done));
    }

    // Keeps a delivery that could not be used. `done(Result<std::int64_t>)` with its number.
    template <class Done>
    void quarantine(Quarantined item, boost::asio::io_context& home, Done done) {
        write(
            home,
            [item = std::move(item)](store::Ledger& ledger, Timestamp now) {
                return ledger.quarantine(item, now);
            },
            std::move(done));
    }

    // Records the event of a quarantined delivery, which is not kept in quarantine any longer.
    // `done(Result<Recorded>)`.
    template <class Done>
    void release(std::int64_t quarantined, Event event, std::string payload,
                 boost::asio::io_context& home, Done done) {
        write(
            home,
            [quarantined, event = std::move(event), payload = std::move(payload)](
                store::Ledger& ledger, Timestamp now) {
                return ledger.release(quarantined, event, payload, now);
            },
            std::move(done));
    }

    // Seam was asked about the code in vain. `done(Result<bool>)`: whether the code is known.
    template <class Done>
    void postpone(std::string access_code_id, Timestamp requested_at, boost::asio::io_context& home,
                  Done done) {
        write(
            home,
            [id = std::move(access_code_id), requested_at](store::Ledger& ledger, Timestamp) {
                return ledger.postpone(id, requested_at);
            },
            std::move(done));
    }

    // Whether Seam is to be asked about the code. `done(Result<bool>)`: whether the code is known.
    template <class Done>
    void set_tracked(std::string access_code_id, bool tracked, boost::asio::io_context& home,
                     Done done) {
        write(
            home,
            [id = std::move(access_code_id), tracked](store::Ledger& ledger, Timestamp now) {
                return ledger.set_tracked(id, tracked, now);
            },
            std::move(done));
    }

    // Every event that Seam listed up to `to` is stored. `done(Result<bool>)`.
    template <class Done>
    void note_backfill(Timestamp to, boost::asio::io_context& home, Done done) {
        write(
            home,
            [to](store::Ledger& ledger, Timestamp now) { return ledger.note_backfill(to, now); },
            std::move(done));
    }

    // Records a code that Seam has just made, as `record` does, and with it what became of the
    // order with this key (empty: it had none).
    template <class Done>
    void record_made(Event event, std::string key, boost::asio::io_context& home, Done done) {
        write(
            home,
            [event = std::move(event), key = std::move(key)](store::Ledger& ledger, Timestamp now) {
                if (!key.empty()) ledger.orders().made(key, event.access_code_id);
                return ledger.record(event, {}, now);
            },
            std::move(done));
    }

    // One change of the idempotency keys or the stored locks, `bool act(store::IdempotencyKeys&,
    // Timestamp)`, which may run twice. `done(Result<bool>)`.
    template <class Act, class Done>
    void update_keys(Act act, boost::asio::io_context& home, Done done) {
        write(
            home,
            [act = std::move(act)](store::Ledger& ledger, Timestamp now) {
                return act(ledger.orders(), now);
            },
            std::move(done));
    }

    // Writes something to the disk to learn whether it takes it. `done(Result<Timestamp>)`.
    template <class Done>
    void probe(boost::asio::io_context& home, Done done) {
        write(
            home, [](store::Ledger& ledger, Timestamp now) { return ledger.probe(now); },
            std::move(done));
    }

    // Deletes some of what has been kept long enough, in a quiet moment. One at a time.
    // `done(Result<Purged>)`.
    template <class Done>
    void purge(RetentionPolicy retention, boost::asio::io_context& home, Done done) {
        auto act = [retention](store::Ledger& ledger, Timestamp now) {
            return ledger.purge(retention, now);
        };
        writer_->submit_when_quiet(std::make_unique<store::Task<decltype(act), Done>>(
            home, std::move(act), std::move(done)));
    }

    // Finishes all that is queued, closes the database and lets go of its lock.
    void stop();

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::size_t queued() const { return writer_->queued(); }
    // The change feed reaches up to here.
    [[nodiscard]] std::int64_t last_change() const { return writer_->last_change(); }
    [[nodiscard]] std::chrono::steady_clock::time_point last_progress() const {
        return writer_->last_progress();
    }
    // Any thread: has `last_progress` move on soon, unless the writer is stuck.
    void nudge() { writer_->nudge(); }
    [[nodiscard]] StoreSizes sizes() const;
    // Why SQLite's log could not be copied into the database lately; nullopt: it could.
    [[nodiscard]] std::optional<std::string> checkpoint_failure() const {
        return writer_->checkpoint_failure();
    }
    // Any thread, before a read that may take long: blocks for the moment in which a log that has
    // grown too long is emptied, which such reads would otherwise put off for ever.
    void wait_while_log_is_emptied() { writer_->wait_while_log_is_emptied(); }
    [[nodiscard]] bool log_is_being_emptied() const { return writer_->log_is_being_emptied(); }

private:
    template <class Act, class Done>
    void write(boost::asio::io_context& home, Act act, Done done) {
        writer_->submit(
            std::make_unique<store::Task<Act, Done>>(home, std::move(act), std::move(done)));
    }

    std::string path_;  // free of symbolic links, so that two names of one file are one lock
    std::optional<store::DatabaseLock> lock_;
    std::unique_ptr<store::Writer> writer_;
};

}  // namespace oracode
