// What the daemon remembers, durably. Owned by App; its functions may be called from any thread.
// Answers come on the io_context that is given with each call, which has to outlive the Store's
// `stop`. Reading is done by a Reader of one's own. The engine behind it is in `store/sqlite`,
// which nothing else includes.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/io_context.hpp>

#include "core/result.hpp"
#include "store/alerts.hpp"
#include "store/code_revisions.hpp"
#include "store/error.hpp"
#include "store/notification.hpp"
#include "store/retention_policy.hpp"
#include "store/statement_batch.hpp"
#include "store/store_options.hpp"
#include "store/stored_device.hpp"
#include "store/stored_order.hpp"

namespace oracode::store {

class Store {
public:
    // Locks the database and takes it to this program's schema. Writes nothing before `start`.
    // Throws StoreError.
    explicit Store(StoreOptions options);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    // Starts the thread that writes, beginning with what was asked for before. Once.
    void start(StoreCallbacks callbacks = {});

    // Called once, on the thread of `home`.
    template <class T>
    using Done = boost::asio::any_completion_handler<void(Result<T>)>;
    using Home = boost::asio::io_context;

    // Each of these is answered by `done` on `home`: after the commit, when a crash can not undo it
    // any more, or with an error, when nothing of it is kept:
    //   Errc::overloaded         too much is waiting already
    //   Errc::store_unavailable  the disk refuses, or the store is stopped
    // They never block on the disk.

    // Remembers and applies an event, with the bytes it came in.
    void record(lifecycle::Event event, std::string payload, Home& home, Done<Recorded> done);

    // The same for all that an answer of Seam brings, in one transaction. A statement that the
    // store cannot take for what is in it does not keep the others from being stored.
    void record_all(StatementBatch batch, Home& home, Done<BatchOutcome> done);

    // Keeps a delivery that could not be used; its number.
    void quarantine(Quarantined item, Home& home, Done<std::int64_t> done);

    // Records the event of a quarantined delivery, which is not kept in quarantine any longer.
    void release(std::int64_t quarantined, lifecycle::Event event, std::string payload, Home& home,
                 Done<Recorded> done);

    // Whether Seam is to be asked about the code. False: the code is not known.
    void set_tracked(std::string access_code_id, bool tracked, Home& home, Done<bool> done);

    // Opens and closes the alerts of codes that came near their start since the last call, a
    // limited number of them. True: there are more.
    void look_at_alerts(Home& home, Done<bool> done);

    // Opens and closes alerts about the daemon. Always true.
    void set_daemon_alerts(std::vector<DaemonAlert> found, Home& home, Done<bool> done);

    // The life of an Idempotency-Key. Keys past `order_memory` go when another one is written.

    // Seam is about to be asked for the code of the order with this key.
    void reserve_key(OrderKey key, OrderedCode code, Home& home, Done<bool> done);
    // Records a code that Seam has just made, as `record` does, and with it what became of the
    // order with this key (empty: it had none).
    void record_made(lifecycle::Event event, std::string key, Home& home, Done<Recorded> done);
    // The order has its answer.
    void finish_key(OrderKey key, OrderAnswer answer, Home& home, Done<bool> done);
    // Nothing came of the order: its key is free again. False: it was.
    void release_key(std::string key, Home& home, Done<bool> done);

    // Keeps locks as Seam showed them; an older snapshot does not replace a newer one. With
    // `complete_since` they are Seam's whole list, seen from then on: all others are gone. True:
    // some were.
    void put_lock_snapshots(std::vector<StoredDevice> locks,
                            std::optional<Timestamp> complete_since, Home& home, Done<bool> done);
    // Seam does not know the lock. False: neither did we.
    void forget_lock(std::string device_id, Home& home, Done<bool> done);

    // Who gets notifications from now on, in the place of those named before, also over a restart;
    // what was for others is dropped. Who begins to want changes gets those that come from now on.
    void set_notification_targets(std::vector<NotificationTarget> targets, Home& home,
                                  Done<bool> done);
    // Brings changes of the feed into the outbox of the targets that want them, a limited number.
    void take_changes_to_notify(Home& home, Done<TakenChanges> done);
    // What became of an attempt to send a notification. False: it is not kept any more.
    void settle_notification(NotificationOutcome outcome, Home& home, Done<bool> done);

    // Writes something to the disk to learn whether it takes it.
    void probe(Home& home, Done<Timestamp> done);

    // Deletes some of what has been kept long enough, in a quiet moment. One at a time.
    void purge(RetentionPolicy retention, Home& home, Done<Purged> done);

    // Finishes all that is queued, closes the database and lets go of its lock. What was queued
    // without a `start` is refused.
    void stop();

    [[nodiscard]] const std::string& path() const;
    [[nodiscard]] std::size_t queued() const;
    // The change feed reaches up to here.
    [[nodiscard]] std::int64_t last_change() const;
    // For Reader::find.
    [[nodiscard]] const CodeRevisions& revisions() const;
    [[nodiscard]] std::chrono::steady_clock::time_point last_progress() const;
    // Any thread: has `last_progress` move on soon, unless the writer is stuck.
    void nudge();
    [[nodiscard]] StoreSizes sizes() const;
    // Why the log could not be copied into the database lately; nullopt: it could.
    [[nodiscard]] std::optional<std::string> checkpoint_failure() const;
    // Any thread, before a read that may take long: blocks for the moment in which a log that has
    // grown too long is emptied, which such reads would otherwise put off for ever.
    void wait_while_log_is_emptied();
    [[nodiscard]] bool log_is_being_emptied() const;

private:
    struct Engine;
    std::unique_ptr<Engine> engine_;
};

}  // namespace oracode::store
