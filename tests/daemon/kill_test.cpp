// What a 204 promises: whatever happens to the process afterwards, the event is there, once.
#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "ctl/failure.hpp"
#include "ctl/lifecycle_script.hpp"
#include "support/daemon.hpp"

namespace oracode::test {
namespace {

constexpr int rounds = 60;
constexpr int senders = 6;

// Sends deliveries until the daemon is gone and keeps the ids of those it acknowledged.
class Sender {
public:
    Sender(const Daemon& daemon, std::uint64_t seed)
        : client_(daemon.webhook_client()), random_(seed) {}

    void run(std::mutex& mutex, std::set<std::string>& acknowledged, std::atomic<int>& count) {
        constexpr const char* types[] = {
            "access_code.created", "access_code.delay_in_setting_on_device",
            "access_code.set_on_device", "access_code.removed_from_device"};
        while (true) {
            EventText event;
            event.type = types[random_() % 4];
            event.access_code_id = "code" + std::to_string(random_() % 40);
            event.event_id = ctl::fresh_uuid();
            const auto request = signed_delivery(event_json(event));
            try {
                // The client repeats a request whose kept connection broke: at least once, as Svix
                // does.
                if (client_->exchange(request).status != 204) continue;
            } catch (const ctl::Failure&) {
                return;
            }
            const std::lock_guard lock(mutex);
            acknowledged.insert(event.event_id);
            ++count;
        }
    }

private:
    std::unique_ptr<ctl::HttpClient> client_;
    std::mt19937_64 random_;
};

class Sqlite {
public:
    explicit Sqlite(const std::string& path) {
        EXPECT_EQ(sqlite3_open_v2(path.c_str(), &handle_, SQLITE_OPEN_READONLY, nullptr),
                  SQLITE_OK);
    }
    ~Sqlite() { sqlite3_close(handle_); }
    Sqlite(const Sqlite&) = delete;
    Sqlite& operator=(const Sqlite&) = delete;

    std::vector<std::string> column(const std::string& sql) {
        std::vector<std::string> out;
        sqlite3_stmt* statement = nullptr;
        EXPECT_EQ(sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr), SQLITE_OK)
            << sqlite3_errmsg(handle_);
        while (sqlite3_step(statement) == SQLITE_ROW)
            out.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(statement, 0)));
        sqlite3_finalize(statement);
        return out;
    }

private:
    sqlite3* handle_ = nullptr;
};

std::string without_dashes(std::string uuid) {
    std::erase(uuid, '-');
    return uuid;
}

TEST(Killed, EveryAcknowledgedEventIsThereOnceAfterEachOfManyKills) {
    Daemon daemon;
    std::mt19937_64 random(std::random_device{}());
    std::mutex mutex;
    std::set<std::string> acknowledged;
    for (int round = 0; round < rounds; ++round) {
        daemon.start();
        std::atomic<int> count{0};
        std::vector<std::thread> threads;
        threads.reserve(senders);
        for (int i = 0; i < senders; ++i) {
            threads.emplace_back(
                [&, seed = random()] { Sender(daemon, seed).run(mutex, acknowledged, count); });
        }
        // Some rounds end in the middle of the first commits, others under full load.
        const int enough = static_cast<int>(random() % 60);
        ASSERT_TRUE(eventually([&] { return count >= enough; }));
        daemon.kill();
        for (auto& thread : threads) thread.join();
    }
    daemon.start();
    EXPECT_EQ(daemon.stop(), 0);

    Sqlite database(daemon.database());
    EXPECT_EQ(database.column("PRAGMA integrity_check"), std::vector<std::string>{"ok"});
    std::map<std::string, int> stored;
    for (const auto& id : database.column("SELECT lower(hex(event_id)) FROM events")) ++stored[id];
    EXPECT_GE(acknowledged.size(), 500U) << "too few deliveries to show anything";
    for (const auto& id : acknowledged) ASSERT_EQ(stored[without_dashes(id)], 1) << id;
    for (const auto& [id, times] : stored) ASSERT_EQ(times, 1) << id;
}

}  // namespace
}  // namespace oracode::test
