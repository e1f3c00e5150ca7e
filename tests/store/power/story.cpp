#include "tests/store/power/story.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <sqlite3.h>

#include "support/process.hpp"
#include "tests/store/fixture.hpp"

namespace oracode::test {
namespace {

namespace fs = std::filesystem;

// Every row that a statement gives, with the types of its values.
void append_rows(sqlite3* database, const std::string& statement, std::string& out) {
    sqlite3_stmt* rows = nullptr;
    if (sqlite3_prepare_v2(database, statement.c_str(), -1, &rows, nullptr) != SQLITE_OK)
        throw std::runtime_error(sqlite3_errmsg(database));
    while (sqlite3_step(rows) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(rows); ++i) {
            out += static_cast<char>('a' + sqlite3_column_type(rows, i));
            const auto* bytes = static_cast<const char*>(sqlite3_column_blob(rows, i));
            const auto size = static_cast<std::size_t>(sqlite3_column_bytes(rows, i));
            out += std::to_string(size) + ":";
            if (bytes != nullptr) out.append(bytes, size);
        }
        out += '\n';
    }
    if (sqlite3_finalize(rows) != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(database));
}

std::vector<std::string> tables(sqlite3* database) {
    std::vector<std::string> names;
    const auto keep = [](void* out, int, char** values, char**) {
        static_cast<std::vector<std::string>*>(out)->emplace_back(values[0]);
        return 0;
    };
    sqlite3_exec(database, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
                 keep, &names, nullptr);
    return names;
}

}  // namespace

std::size_t digest_of_database(const std::string& path) {
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READONLY, nullptr);
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> database(opened, &sqlite3_close);
    if (code != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(opened));
    std::string all;
    append_rows(opened, "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name", all);
    for (const auto& table : tables(opened)) {
        all += table + "\n";
        append_rows(opened, "SELECT * FROM " + table + " ORDER BY 1, 2", all);
    }
    return std::hash<std::string>{}(all);
}

std::size_t Story::oldest_state(std::size_t position) const {
    std::size_t oldest = 0;
    for (const auto& promise : promises)
        if (promise.position <= position) oldest = std::max(oldest, promise.state);
    return oldest;
}

std::optional<std::size_t> Story::state_of(std::size_t digest) const {
    const auto found = std::find(states.rbegin(), states.rend(), digest);
    if (found == states.rend()) return std::nullopt;
    return static_cast<std::size_t>(states.rend() - found) - 1;
}

StoryTeller::StoryTeller(const std::function<void(const fs::path&)>& prepare) : now(at(1'000'000)) {
    prepare(folder_.path());
    disk_.emplace(folder_.path(), WatchedDisk::Recording::on);
}

StoryTeller::~StoryTeller() {
    store_.reset();
}

store::StoreOptions StoryTeller::options(std::string path, const Timestamp& now) {
    store::StoreOptions options;
    options.path = std::move(path);
    options.clock = [&now] { return now; };
    options.log = {.checkpoint_at = 160 << 10, .longest = 960 << 10};
    return options;
}

void StoryTeller::open() {
    store::StoreCallbacks callbacks;
    callbacks.committed = [this](const store::Commit& commit) { note_commit(commit); };
    store_.emplace(options(path(), now)).start(std::move(callbacks));
    state_of_work_.clear();
    asked_ = 0;
    promise_what_is_seen();
}

void StoryTeller::close() {
    store_.reset();
}

void StoryTeller::promise_what_is_seen() {
    const auto digest = digest_of_database(path());
    const std::lock_guard lock(mutex_);
    story_.states.push_back(digest);
    story_.promises.push_back({disk_->position(), story_.states.size() - 1});
}

// On the writer's thread, which stays here until the rest of its next batch has been asked for.
void StoryTeller::note_commit(const store::Commit& commit) {
    try {
        const auto digest = digest_of_database(path());
        const std::lock_guard lock(mutex_);
        story_.states.push_back(digest);
        state_of_work_.resize(state_of_work_.size() + commit.size, story_.states.size() - 1);
    } catch (const std::exception& error) {
        unseen_ = error.what();
    }
    in_commit_.release();
    may_go_on_.acquire();
}

void StoryTeller::round(const std::vector<Work>& works) {
    home_.restart();
    std::size_t promised = 0;
    const auto ask = [&](const Work& work) {
        work(*store_, home_, [this, &promised, number = asked_++] {
            ++promised;
            if (!unseen_.empty()) return;
            const std::lock_guard lock(mutex_);
            story_.promises.push_back({disk_->position(), state_of_work_.at(number)});
        });
    };
    ask(works.front());
    in_commit_.acquire();
    for (std::size_t i = 1; i < works.size(); ++i) ask(works[i]);
    may_go_on_.release();
    if (works.size() > 1) {
        in_commit_.acquire();
        may_go_on_.release();
    }
    home_.run();
    if (!unseen_.empty())
        throw std::runtime_error("others do not see what was committed: " + unseen_);
    if (promised != works.size()) throw std::runtime_error("the store refused something");
}

StoryTeller::Work StoryTeller::delivery(lifecycle::Event event, std::string body) {
    story_.events.emplace(event.event_id, event);
    return [event = std::move(event), body = std::move(body)](
               store::Store& store, boost::asio::io_context& home, Promised promised) {
        store.record(event, body, home, [promised = std::move(promised)](auto recorded) {
            if (recorded) promised();
        });
    };
}

void StoryTeller::wait_for_empty_log() {
    if (!eventually([this] { return fs::file_size(path() + "-wal") == 0; }))
        throw std::runtime_error("the log is not emptied");
}

Story StoryTeller::end() {
    store_.reset();
    story_.disk = disk_->recording();
    disk_.reset();
    return std::move(story_);
}

}  // namespace oracode::test
