// What the tests of the store share: a folder that goes with the test, raw SQL, and answers waited
// for.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "store/reader.hpp"
#include "store/store.hpp"
#include "support/temporary_folder.hpp"

namespace oracode::test {

// Another program's look into the database, or its hand in it. The last row's first column.
inline std::string sql(const std::string& path, const std::string& statement) {
    sqlite3* database = nullptr;
    sqlite3_open(path.c_str(), &database);
    std::string last;
    char* message = nullptr;
    const auto keep = [](void* out, int count, char** values, char**) {
        if (count > 0) *static_cast<std::string*>(out) = values[0] != nullptr ? values[0] : "NULL";
        return 0;
    };
    if (sqlite3_exec(database, statement.c_str(), keep, &last, &message) != SQLITE_OK)
        last = std::string("error: ") + message;
    sqlite3_free(message);
    sqlite3_close(database);
    return last;
}

inline constexpr Timestamp start_of_time{Duration{1'770'000'000'000}};

[[nodiscard]] inline Timestamp at(std::int64_t seconds) {
    return start_of_time + std::chrono::seconds{seconds};
}

[[nodiscard]] inline lifecycle::Event make_event(std::string event_id, std::string access_code_id,
                                                 lifecycle::LifecycleStep step,
                                                 std::int64_t seconds) {
    lifecycle::Event event;
    event.event_id = std::move(event_id);
    event.event_type = "access_code.something";
    event.workspace_id = "7cc2e0ff-65a5-4a33-b6a2-3dbaac6dd5a3";
    event.access_code_id = std::move(access_code_id);
    event.device_id = "device1";
    event.connected_account_id = "account1";
    event.occurred_at = event.created_at = at(seconds);
    event.step = step;
    return event;
}

[[nodiscard]] inline lifecycle::Event disconnected(std::string event_id, std::string account,
                                                   std::int64_t seconds) {
    lifecycle::Event event;
    event.event_id = std::move(event_id);
    event.event_type = "connected_account.disconnected";
    event.connected_account_id = std::move(account);
    event.occurred_at = event.created_at = at(seconds);
    event.reach = lifecycle::Reach::account;
    event.step = lifecycle::LifecycleStep::unknown;
    event.refetch = true;
    return event;
}

class StoreTest : public testing::Test {
protected:
    [[nodiscard]] std::string path() const { return (folder_.path() / "oracoded.db").string(); }

    [[nodiscard]] store::StoreOptions options() const {
        store::StoreOptions options;
        options.path = path();
        options.clock = [this] { return now_.load(); };
        return options;
    }

    // They outlive the store, as it asks of them.
    boost::asio::io_context& home() { return homes_.emplace_back(); }

    void open() { open(options()); }
    void open(store::StoreOptions chosen, store::StoreCallbacks callbacks = {}) {
        callbacks.given_up = [this](std::string_view) { given_up_ = true; };
        store_.emplace(std::move(chosen)).start(std::move(callbacks));
    }
    void close() { store_.reset(); }
    void reopen() {
        close();
        open();
    }

    template <class T, class Ask>
    Result<T> wait(const Ask& ask) {
        auto& asking = home();
        std::optional<Result<T>> answer;
        ask(asking, [&](Result<T> result) { answer = std::move(result); });
        asking.run();  // until the answer is there
        return answer.value();
    }

    Result<store::Recorded> record(const lifecycle::Event& event, std::string payload = "{}") {
        return wait<store::Recorded>([&](auto& home, auto done) {
            store_->record(event, std::move(payload), home, std::move(done));
        });
    }
    Result<std::int64_t> quarantine(const store::Quarantined& item) {
        return wait<std::int64_t>(
            [&](auto& home, auto done) { store_->quarantine(item, home, std::move(done)); });
    }
    Result<store::Purged> purge(store::RetentionPolicy retention) {
        return wait<store::Purged>(
            [&](auto& home, auto done) { store_->purge(retention, home, std::move(done)); });
    }
    Result<Timestamp> probe() {
        return wait<Timestamp>(
            [&](auto& home, auto done) { store_->probe(home, std::move(done)); });
    }

    [[nodiscard]] lifecycle::AccessCode find(std::string_view id) const {
        return store::Reader(path()).find(id).value();
    }
    [[nodiscard]] store::History history(std::string_view id) const {
        return store::Reader(path()).history(id).value();
    }

    test::TemporaryFolder folder_;
    std::atomic<Timestamp> now_{at(1'000'000)};
    mutable std::atomic<bool> given_up_{false};
    std::list<boost::asio::io_context> homes_;
    std::optional<store::Store> store_;
};

}  // namespace oracode::test
