// A database's life on a recorded disk: every state that was committed and every answer that was
// given, so that what a power cut leaves can be held against them.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "store/store.hpp"
#include "support/disk/watched_disk.hpp"
#include "support/temporary_folder.hpp"

namespace oracode::test {

struct Story {
    // From this record on no state before `state` may be seen.
    struct Promise {
        std::size_t position = 0;
        std::size_t state = 0;
    };

    DiskRecording disk;
    std::vector<std::size_t> states;  // the digest of each, in order
    std::vector<Promise> promises;
    std::map<std::string, lifecycle::Event> events;  // as they were sent, by event_id

    // The oldest state that may be seen after a cut.
    [[nodiscard]] std::size_t oldest_state(std::size_t position) const;
    // The last state with this digest; nullopt: there was none.
    [[nodiscard]] std::optional<std::size_t> state_of(std::size_t digest) const;
};

// Where the database lies below a story's folder. The folder between is made by the store.
inline constexpr const char* database_name = "data/oracoded.db";

// Of everything that the database at `path` says.
[[nodiscard]] std::size_t digest_of_database(const std::string& path);

// Lives through a story. Its steps are the same in each run: a batch holds what it was given, and
// nothing depends on how fast the threads are.
class StoryTeller {
public:
    // Asks the store for something and calls back once that is promised.
    using Promised = std::function<void()>;
    using Work = std::function<void(store::Store&, boost::asio::io_context&, Promised)>;

    // `prepare` fills the folder before the recording begins.
    explicit StoryTeller(const std::function<void(const std::filesystem::path&)>& prepare =
                             [](const auto&) {});
    ~StoryTeller();
    StoryTeller(const StoryTeller&) = delete;
    StoryTeller& operator=(const StoryTeller&) = delete;

    void open();
    void close();
    // The first in a transaction of its own, the others in one.
    void round(const std::vector<Work>& works);
    // An event with its body; sent again it is a duplicate.
    Work delivery(lifecycle::Event event, std::string body);
    // Waits until the log is empty, which it becomes by itself after something was purged.
    void wait_for_empty_log();
    // What is seen now is promised from now on.
    void promise_what_is_seen();

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
    [[nodiscard]] std::string path() const { return (folder() / database_name).string(); }
    [[nodiscard]] WatchedDisk& disk() { return *disk_; }

    // Ends it.
    [[nodiscard]] Story end();

    [[nodiscard]] static store::StoreOptions options(std::string path, const Timestamp& now);
    Timestamp now;  // of the store's clock; changed between rounds

private:
    void note_commit(const store::Commit& commit);

    TemporaryFolder folder_;
    std::optional<WatchedDisk> disk_;
    boost::asio::io_context home_;
    std::optional<store::Store> store_;
    std::binary_semaphore in_commit_{0};
    std::binary_semaphore may_go_on_{0};
    std::string unseen_;  // why a commit could not be seen; set before its works are answered
    std::mutex mutex_;
    Story story_;
    std::vector<std::size_t> state_of_work_;  // in the order in which they were asked for
    std::size_t asked_ = 0;
};

}  // namespace oracode::test
