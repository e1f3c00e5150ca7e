#include "store/sqlite/writer.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <boost/asio/post.hpp>

#include "core/thread.hpp"
#include "store/error.hpp"
#include "store/sqlite/incremental_checkpoint.hpp"
#include "store/sqlite/ledger.hpp"
#include "store/sqlite/migrate.hpp"
#include "store/sqlite/sqlite.hpp"
#include "store/sqlite/write_log_again.hpp"

namespace oracode::store {
namespace {

using std::chrono::steady_clock;

// The log is copied into the database in a quiet moment once it is worth it.
constexpr std::int64_t checkpoint_when_quiet = 4L << 20;
// Left on the disk beside what the log still has to copy: for the next commit.
constexpr std::int64_t reserve = 256L * 1024;
constexpr auto quiet = std::chrono::milliseconds{50};
// Between attempts to empty a log that someone reads.
constexpr auto before_another_try = std::chrono::seconds{1};
constexpr auto longest_patience = std::chrono::seconds{1};

void complete(Work& work) {
    work.complete();
}

// `answer` runs on `home`, whose owner may let it go once there is nothing left to do: not while it
// is still being woken.
template <class Answer>
void post_to(boost::asio::io_context& home, Answer answer) {
    const auto kept = boost::asio::make_work_guard(home);
    boost::asio::post(home, std::move(answer));
}

// One hop per io_context, not per piece of work.
void hand_back(std::span<std::unique_ptr<Work>> batch) {
    std::vector<std::pair<boost::asio::io_context*, std::vector<std::unique_ptr<Work>>>> homes;
    for (auto& work : batch) {
        const auto found = std::find_if(homes.begin(), homes.end(),
                                        [&](const auto& h) { return h.first == &work->home(); });
        if (found != homes.end()) {
            found->second.push_back(std::move(work));
        } else {
            homes.emplace_back(&work->home(), std::vector<std::unique_ptr<Work>>{})
                .second.push_back(std::move(work));
        }
    }
    for (auto& [home, works] : homes) {
        post_to(*home, [answered = std::move(works)]() mutable {
            for (auto& work : answered) {
                complete(*work);
                work.reset();
            }
        });
    }
}

void refuse(std::unique_ptr<Work> work, Errc code, std::string detail) {
    work->fail(code, std::move(detail));
    auto& home = work->home();
    post_to(home, [refused = std::move(work)] { complete(*refused); });
}

}  // namespace

Writer::Writer(StoreOptions options, std::unique_ptr<Ledger> ledger)
    : options_(std::move(options)), file_(options_.path), ledger_(std::move(ledger)) {
    note_committed();
    checkpoint_at_ = options_.log.checkpoint_at;
    progress();
}

Writer::~Writer() {
    stop();
}

void Writer::start(StoreCallbacks callbacks) {
    callbacks_ = std::move(callbacks);
    thread_ = start_thread("writer", [this] { run(); });
}

void Writer::submit(std::unique_ptr<Work> work) {
    {
        std::unique_lock lock(mutex_);
        if (stopping_) {
            lock.unlock();
            refuse(std::move(work), Errc::store_unavailable, "the store is closed");
            return;
        }
        if (queued_.load(std::memory_order_relaxed) >= options_.max_queue) {
            lock.unlock();
            refuse(std::move(work), Errc::overloaded, "the store's queue is full");
            return;
        }
        queued_.fetch_add(1, std::memory_order_relaxed);
        incoming_.push_back(std::move(work));
        if (!std::exchange(waiting_, false)) return;  // it is awake and will look again
    }
    wake_.notify_one();
}

void Writer::submit_when_quiet(std::unique_ptr<Work> work) {
    {
        std::unique_lock lock(mutex_);
        if (stopping_ || patient_) {
            lock.unlock();
            return refuse(std::move(work), Errc::store_unavailable, "not now");
        }
        patient_ = std::move(work);
        patient_since_ = steady_clock::now();
        if (!std::exchange(waiting_, false)) return;
    }
    wake_.notify_one();
}

void Writer::stop() {
    std::unique_ptr<Work> given_up;
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
        waiting_ = false;
        given_up = std::move(patient_);
    }
    if (given_up) refuse(std::move(given_up), Errc::store_unavailable, "the store is closed");
    wake_.notify_one();
    if (thread_.joinable()) return thread_.join();
    refuse_queued();
    close();
}

void Writer::refuse_queued() {
    for (auto& work : std::exchange(incoming_, {})) {
        queued_.fetch_sub(1, std::memory_order_relaxed);
        refuse(std::move(work), Errc::store_unavailable, "the store is closed");
    }
}

void Writer::nudge() {
    {
        // Between a look at the queue and the sleep that follows it, it would be missed.
        const std::scoped_lock lock(mutex_);
    }
    wake_.notify_one();
}

steady_clock::time_point Writer::last_progress() const {
    return steady_clock::time_point{
        steady_clock::duration{progress_.load(std::memory_order_relaxed)}};
}

void Writer::progress() {
    progress_.store(steady_clock::now().time_since_epoch().count(), std::memory_order_relaxed);
}

void Writer::run() {
    Batch batch;
    while (take(batch)) {
        for (std::size_t at = 0; at < batch.size(); at += options_.max_batch) {
            const auto part =
                std::span(batch).subspan(at, std::min(options_.max_batch, batch.size() - at));
            commit(part);
            queued_.fetch_sub(part.size(), std::memory_order_relaxed);
            hand_back(part);
            progress();
            checkpoint_if_long();
        }
        batch.clear();
    }
    close();
}

void Writer::close() {
    if (!ledger_) return;
    // Otherwise the log keeps what the database file did not take; the next start goes on from it.
    if (checkpoint(true)) ledger_->database().remove_log_on_close();
    ledger_.reset();
}

// All that is queued, waiting for it if need be. False when there is none and never will be.
bool Writer::take(Batch& batch) {
    std::unique_lock lock(mutex_);
    steady_clock::duration pause = quiet;
    const auto has_something = [this] { return !incoming_.empty() || patient_ || stopping_; };
    if (!has_something() && ledger_ && log_size() >= checkpoint_when_quiet) {
        waiting_ = true;
        if (!wake_.wait_for(lock, quiet, has_something)) {
            lock.unlock();
            checkpoint(false);
            lock.lock();
        }
    }
    while (!has_something()) {
        progress();
        waiting_ = true;
        if (!log_to_empty_) {
            wake_.wait(lock);
        } else if (!wake_.wait_for(lock, pause, has_something)) {
            lock.unlock();
            empty_log();
            lock.lock();
            pause = before_another_try;
        }
    }
    waiting_ = false;
    progress();
    batch.swap(incoming_);
    take_patient(batch);
    return !batch.empty();
}

void Writer::take_patient(Batch& batch) {
    if (!patient_) return;
    if (!batch.empty() && steady_clock::now() - patient_since_ < longest_patience) return;
    queued_.fetch_add(1, std::memory_order_relaxed);
    batch.push_back(std::move(patient_));
}

void Writer::commit(std::span<std::unique_ptr<Work>> batch) {
    const auto began = steady_clock::now();
    std::string failure;
    bool reopens = false;
    bool of_one = false;  // one of the batch may be the cause
    try {
        if (given_up_) throw StoreError(StoreError::Kind::io, "it has to be opened again");
        if (!ledger_) reopen();
        make_room();
        perform_in_one(batch);
        report(batch.size(), began, {});
        return;
    } catch (const SqliteError& error) {
        failure = error.what();
        reopens = error.ends_connection();
        if (error.of_sync()) log_unsynced_ = true;
        of_one = !reopens;
    } catch (const StoreError& error) {
        failure = error.what();
    } catch (const std::exception& error) {
        failure = error.what();
        of_one = true;
    }
    if (of_one && ledger_ && batch.size() > 1) {
        commit_singly(batch);
        return;
    }
    if (reopens) close_ledger();
    for (auto& work : batch) work->fail(Errc::store_unavailable, failure);
    report(batch.size(), began, failure);
}

// One of the batch cannot be stored: the others shall not suffer for it.
void Writer::commit_singly(std::span<std::unique_ptr<Work>> batch) {
    for (std::size_t i = 0; i < batch.size(); ++i) commit(batch.subspan(i, 1));
}

void Writer::perform_in_one(std::span<std::unique_ptr<Work>> batch) {
    const auto now = options_.clock();
    try {
        Transaction transaction(ledger_->database());
        for (auto& work : batch) work->perform(*ledger_, now);
        ledger_->settle();
        transaction.commit();
    } catch (const SqliteError& error) {
        if (!error.ends_connection()) forget_uncommitted();
        throw;
    } catch (...) {
        forget_uncommitted();
        throw;
    }
    last_event_ = ledger_->last_event();
    last_change_.store(ledger_->last_change(), std::memory_order_release);
    if (ledger_->purged_lately()) log_to_empty_ = true;
}

void Writer::forget_uncommitted() {
    try {
        ledger_->forget_uncommitted();
    } catch (const std::exception&) {
        close_ledger();  // it would go on with numbers that were never given out
    }
}

// After a commit whose sync failed it is unknown what of the log reached the disk. What the log
// shows is brought into the database file and synced before anything more is promised. This counts
// on every page that a checkpoint has copied before being in that file, and so is not done after a
// failed sync of the database file itself: see give_up.
void Writer::reopen() {
    if (log_unsynced_) write_log_again(options_.path + "-wal");
    log_unsynced_ = false;
    auto opened = std::make_unique<Ledger>(options_.path, options_.policy, options_.alerts);
    try {
        note_checkpoint(opened->database().checkpoint(true), {});
    } catch (const SqliteError& error) {
        note_checkpoint(false, error.what());
        if (error.of_sync()) give_up(error.what());
        throw;
    }
    if (opened->last_event() < last_event_ || opened->last_change() < last_change_.load())
        throw StoreError(StoreError::Kind::corrupt,
                         "the database has lost events that were committed");
    ledger_ = std::move(opened);
    note_committed();
    revisions_.all_changed();
}

void Writer::close_ledger() {
    end_incremental_checkpoint();
    ledger_.reset();
}

// A checkpoint that a reader cuts short copies pages without syncing them, and the index of the
// log, which lives as long as any connection, counts them as copied. Once a sync of the database
// file has failed they may be lost, while the next checkpoint would copy the rest only and free the
// log that still has them. So the log stays as it is until every connection is closed, the readers'
// too: the process that opens the database then finds no index, makes one and copies the whole log.
void Writer::give_up(std::string_view why) {
    given_up_ = true;
    incremental_.reset();
    ledger_.reset();
    if (callbacks_.given_up) callbacks_.given_up(why);
}

// A log that cannot be copied for want of space would keep the disk full for good, also over a
// restart: rather than let it grow to that, work is refused.
void Writer::make_room() {
    if (has_room()) return;
    checkpoint(false);
    if (ledger_ && !has_room()) checkpoint(true);
    if (!ledger_) throw StoreError(StoreError::Kind::io, "the database could not be synced");
    if (!has_room())
        throw StoreError(StoreError::Kind::io, "the disk is full, but for what the log needs");
}

bool Writer::has_room() const {
    std::error_code error;
    const auto space = std::filesystem::space(options_.path, error);
    if (error) return true;  // a commit will tell
    const auto needed = left_to_copy() + reserve;
    return space.available >= static_cast<std::uintmax_t>(needed);
}

void Writer::note_committed() {
    copy_at_ = options_.log.copied_at_once();
    ledger_->database().follow(revisions_);
    page_size_ = ledger_->database().integer("PRAGMA page_size");
    last_event_ = ledger_->last_event();
    last_change_.store(ledger_->last_change(), std::memory_order_release);
}

void Writer::report(std::size_t size, steady_clock::time_point began, std::string_view failure) {
    Commit commit{size, steady_clock::now() - began, last_change_.load(), failure, {}, {}, false};
    if (failure.empty()) {
        commit.changes = ledger_->take_changes();
        commit.alerts = ledger_->take_alert_changes();
        commit.notified = ledger_->outbox().take_written();
    }
    if (callbacks_.committed) callbacks_.committed(commit);
}

}  // namespace oracode::store
