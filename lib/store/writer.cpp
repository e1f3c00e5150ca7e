#include "store/writer.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>

#include "store/error.hpp"
#include "store/ledger.hpp"
#include "store/migrate.hpp"
#include "store/sqlite.hpp"

namespace oracode::store {
namespace {

using std::chrono::steady_clock;

// The log is copied into the database in a quiet moment once it is worth it, and in any case at a
// length (64 MiB) at which lookups in it are still short. A copy holds up the deliveries that come
// meanwhile, by about 5 us a page; so under load it is done seldom enough that fewer than one
// delivery in a hundred meets it. Of 64 at a time on random codes, one in 100 met it at 10,000
// pages (45 ms), one in 200 does now (70 ms).
constexpr std::int64_t checkpoint_when_quiet = 1'000;
constexpr std::int64_t checkpoint_at_latest = 16'000;
constexpr auto quiet = std::chrono::milliseconds{50};
// Between attempts to empty a log that somebody reads.
constexpr auto before_another_try = std::chrono::seconds{1};
constexpr auto longest_patience = std::chrono::seconds{1};

void complete(Work& work) {
    work.complete();
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
        boost::asio::post(*home, [answered = std::move(works)]() mutable {
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
    boost::asio::post(home, [refused = std::move(work)] { complete(*refused); });
}

}  // namespace

Writer::Writer(WriterOptions options, std::unique_ptr<Ledger> ledger)
    : options_(std::move(options)),
      ledger_(std::move(ledger)),
      checkpoint_at_(checkpoint_at_latest) {
    note_committed();
    progress();
    thread_ = std::thread([this] { run(); });
}

Writer::~Writer() {
    stop();
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
    if (thread_.joinable()) thread_.join();
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
    if (!ledger_) return;
    try {
        ledger_->database().checkpoint(true);
    } catch (const SqliteError&) {
        // The log keeps what the database file could not take; the next start goes on from it.
    }
    ledger_.reset();
}

// All that is queued, waiting for it if need be. False when there is none and never will be.
bool Writer::take(Batch& batch) {
    std::unique_lock lock(mutex_);
    steady_clock::duration pause = quiet;
    const auto has_something = [this] { return !incoming_.empty() || patient_ || stopping_; };
    if (!has_something() && ledger_ && ledger_->database().wal_pages() >= checkpoint_when_quiet) {
        waiting_ = true;
        if (!wake_.wait_for(lock, quiet, has_something)) {
            lock.unlock();
            checkpoint();
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
    bool of_medium = true;
    try {
        if (!ledger_) reopen();
        perform_in_one(batch);
        report(batch.size(), began, {});
        return;
    } catch (const SqliteError& error) {
        failure = error.what();
        of_medium = error.of_medium();
    } catch (const std::exception& error) {
        failure = error.what();
        of_medium = !ledger_;
    }
    if (!of_medium && batch.size() > 1) {
        commit_singly(batch);
        return;
    }
    if (of_medium) ledger_.reset();
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
        if (!error.of_medium()) ledger_->forget_uncommitted();
        throw;
    } catch (...) {
        ledger_->forget_uncommitted();
        throw;
    }
    last_event_ = ledger_->last_event();
    last_change_.store(ledger_->last_change(), std::memory_order_release);
    if (ledger_->purged_lately()) log_to_empty_ = true;
}

// After a failed commit nobody knows what reached the disk. What the log still shows is brought
// into the database file and synced before anything more is promised: pages that a failed sync has
// lost are written once more by it.
void Writer::reopen() {
    auto opened = std::make_unique<Ledger>(options_.path, options_.policy);
    opened->database().checkpoint(true);
    if (opened->last_event() < last_event_ || opened->last_change() < last_change_.load())
        throw StoreError(StoreError::Kind::corrupt,
                         "the database has lost events that were committed");
    ledger_ = std::move(opened);
    note_committed();
}

void Writer::note_committed() {
    last_event_ = ledger_->last_event();
    last_change_.store(ledger_->last_change(), std::memory_order_release);
}

void Writer::report(std::size_t size, steady_clock::time_point began, std::string_view failure) {
    if (!options_.committed) return;
    options_.committed({size, steady_clock::now() - began, last_change_.load(), failure});
}

void Writer::checkpoint_if_long() {
    if (ledger_ && ledger_->database().wal_pages() >= checkpoint_at_) checkpoint();
}

void Writer::checkpoint() {
    try {
        auto& database = ledger_->database();
        const bool complete = database.checkpoint(false);
        // A reader may hold the log for a while: then not again after every commit.
        checkpoint_at_ =
            complete ? checkpoint_at_latest : database.wal_pages() + checkpoint_at_latest / 4;
    } catch (const SqliteError&) {
        ledger_.reset();  // the next batch finds out what is wrong, and tells those who wait for it
    }
}

// The log keeps pages as they were until others take their place: what was purged would stay
// readable. Who reads is waited for shortly, because deliveries wait meanwhile.
void Writer::empty_log() {
    if (!ledger_) {
        log_to_empty_ = false;  // opening it again empties the log
        return;
    }
    try {
        auto& database = ledger_->database();
        if (!database.checkpoint(false)) return;
        database.execute("PRAGMA busy_timeout = 50");
        if (database.checkpoint(true)) log_to_empty_ = false;
        database.execute("PRAGMA busy_timeout = 2000");
    } catch (const SqliteError&) {
        ledger_.reset();
    }
}

}  // namespace oracode::store
