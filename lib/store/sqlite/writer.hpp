// The one thread that writes: takes all that is queued, performs it in one transaction, and only
// after the commit completes each piece on the io_context it came from. Owned by the Store;
// `submit` may be called from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "core/result.hpp"
#include "core/time.hpp"
#include "store/code_revisions.hpp"
#include "store/sqlite/database_file.hpp"
#include "store/store_options.hpp"

namespace oracode::store {

class IncrementalCheckpoint;
class Ledger;

// A piece of writing with its answer.
class Work {
public:
    explicit Work(boost::asio::io_context& home) : home_(home), guard_(home.get_executor()) {}
    virtual ~Work() = default;
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;

    // On the writer's thread, in a transaction. May be called again after a rollback.
    virtual void perform(Ledger& ledger, Timestamp now) = 0;
    // On the home's thread, exactly once.
    virtual void complete() = 0;

    void fail(Errc code, std::string detail) { failure_.emplace(Error{code, std::move(detail)}); }

    [[nodiscard]] boost::asio::io_context& home() const { return home_; }
    [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

private:
    boost::asio::io_context& home_;
    // The home keeps running until its answer is given.
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
    std::optional<Error> failure_;
};

class Writer {
public:
    // `options.path` is that of `ledger`.
    Writer(StoreOptions options, std::unique_ptr<Ledger> ledger);
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    // Starts the thread. Once.
    void start(StoreCallbacks callbacks);

    // Never blocks on the disk. Refused with Errc::overloaded when the queue is full and with
    // Errc::store_unavailable after `stop`, by way of the work's own completion.
    void submit(std::unique_ptr<Work> work);

    // Work that can wait: performed when nothing else is queued, or with something else once it has
    // waited for a second. One at a time.
    void submit_when_quiet(std::unique_ptr<Work> work);

    // Finishes all that is queued, empties the log and ends the thread. Where that was not started
    // what is queued is refused.
    void stop();

    [[nodiscard]] std::size_t queued() const { return queued_.load(std::memory_order_relaxed); }
    [[nodiscard]] std::int64_t last_change() const {
        return last_change_.load(std::memory_order_acquire);
    }
    [[nodiscard]] const CodeRevisions& revisions() const { return revisions_; }
    // When the thread last finished something or found nothing to do; for a watchdog: a writer
    // with work queued that does not get on is stuck.
    [[nodiscard]] std::chrono::steady_clock::time_point last_progress() const;
    // Lets a thread that has nothing to do note its progress.
    void nudge();

    // Any thread, before a read that may take long: blocks while the log is being emptied because
    // it has grown too long, which takes at most the busy timeout.
    void wait_while_log_is_emptied();
    [[nodiscard]] bool log_is_being_emptied() const;
    // Why the last checkpoint failed; nullopt: it did not.
    [[nodiscard]] std::optional<std::string> checkpoint_failure() const;

private:
    using Batch = std::vector<std::unique_ptr<Work>>;

    void run();
    void close();
    void refuse_queued();
    bool take(Batch& batch);
    void take_patient(Batch& batch);
    void commit(std::span<std::unique_ptr<Work>> batch);
    void commit_singly(std::span<std::unique_ptr<Work>> batch);
    void perform_in_one(std::span<std::unique_ptr<Work>> batch);
    void forget_uncommitted();
    void reopen();
    void close_ledger();
    void give_up(std::string_view why);
    void make_room();
    [[nodiscard]] bool has_room() const;
    void note_committed();
    void report(std::size_t size, std::chrono::steady_clock::time_point began,
                std::string_view failure);
    [[nodiscard]] std::int64_t log_size() const;
    [[nodiscard]] std::int64_t left_to_copy() const;
    [[nodiscard]] bool is_being_copied() const;
    void checkpoint_if_long();
    void copy_some();
    bool checkpoint(bool truncate);
    bool copy_log(bool truncate);
    bool end_incremental_checkpoint();
    void checkpoint_without_long_reads();
    void note_checkpoint(bool complete, std::string_view failure);
    void empty_log();
    void progress();

    const StoreOptions options_;
    StoreCallbacks callbacks_;
    CodeRevisions revisions_;
    DatabaseFile file_;
    std::unique_ptr<Ledger> ledger_;  // null after a failure, until it can be opened again
    std::int64_t last_event_ = 0;     // committed
    std::int64_t page_size_ = 0;      // bytes
    bool log_to_empty_ = false;       // it shows what was purged
    bool log_unsynced_ = false;       // a sync of it has failed
    std::int64_t checkpoint_at_ = 0;  // length of the log at which not to wait for an idle moment
    std::int64_t copy_at_ = 0;        // length of the log at which some more of it is copied
    std::unique_ptr<IncrementalCheckpoint> incremental_;  // while it is copied beside the commits
    bool given_up_ = false;

    std::mutex mutex_;
    std::condition_variable wake_;
    Batch incoming_;
    std::unique_ptr<Work> patient_;
    std::chrono::steady_clock::time_point patient_since_;
    bool waiting_ = false;
    bool stopping_ = false;

    mutable std::mutex log_mutex_;
    std::condition_variable log_emptied_;
    bool emptying_log_ = false;
    std::string checkpoint_failure_;

    std::atomic<std::size_t> queued_{0};
    std::atomic<std::int64_t> last_change_{0};
    std::atomic<std::chrono::steady_clock::rep> progress_{0};
    std::thread thread_;
};

}  // namespace oracode::store
