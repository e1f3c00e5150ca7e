// What a 204 promises: whatever happens to the process afterwards, the event is there, once. What
// was shown of changes and sent to targets holds over every end of the process as well.
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <thread>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "daemon/kill_world.hpp"
#include "support/paths.hpp"

namespace oracode::test {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

constexpr int senders = 4;
constexpr int cycles_of_a_run = 100;

class Sqlite {
public:
    explicit Sqlite(const std::string& path) {
        EXPECT_EQ(sqlite3_open_v2(path.c_str(), &handle_, SQLITE_OPEN_READONLY, nullptr),
                  SQLITE_OK);
        sqlite3_busy_timeout(handle_, 5'000);
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
    // How often each value is in the column.
    std::map<std::string, int> counted(const std::string& sql) {
        std::map<std::string, int> counts;
        for (const auto& value : column(sql)) ++counts[value];
        return counts;
    }

private:
    sqlite3* handle_ = nullptr;
};

std::string without_dashes(std::string uuid) {
    std::erase(uuid, '-');
    return uuid;
}

struct Totals {
    int cycles = 0;
    std::size_t acknowledged = 0;
    std::size_t changes = 0;
    int repeated = 0;  // notifications

    void print(std::uint64_t first, std::uint64_t last) const {
        std::cout << fmt::format(
            "kills: {} cycles, {} deliveries acknowledged, {} changes followed and notified, {} of "
            "them twice, seeds {} to {}\n",
            cycles, acknowledged, changes, repeated, first, last);
    }
};

// A daemon with everything around it, through many ends of its process.
class KilledDaemon {
public:
    explicit KilledDaemon(std::uint64_t seed) : random_(seed) {}

    void live_through(int cycles);
    // Lets everything come to rest, and compares what everybody has seen.
    void settle();
    [[nodiscard]] Totals totals() const;

private:
    [[nodiscard]] Daemon::Options options() const;
    void cycle();
    void end_while_starting();
    void end_under_load();
    void pause(std::chrono::microseconds longest) {
        const auto span = static_cast<std::uint64_t>(longest.count());
        std::this_thread::sleep_for(std::chrono::microseconds{random_() % span});
    }
    void deliver_the_rest();
    [[nodiscard]] Changes pages(std::int64_t after);
    void compare_changes(std::int64_t after);
    void expect_histories_whole();
    void expect_database_whole();
    [[nodiscard]] bool has_listed_events();

    std::mt19937_64 random_;
    int cycles_ = 0;
    Complaints complaints_;
    Deliveries deliveries_{complaints_};
    SeamOfWorld seam_{deliveries_};
    Follower follower_{complaints_};
    Notified notified_{complaints_};
    Changes known_;
    std::atomic<bool> ending_ = false;
    Daemon daemon_{options()};
};

Daemon::Options KilledDaemon::options() const {
    Daemon::Options options;
    options.environment["ORACODED_LOG_LEVEL"] = "info";
    options.sections = fmt::format(
        "[seam]\nendpoint = \"{}\"\nca_file = \"{}\"\napi_key = \"seam_test_key\"\n"
        "[poll]\ngrace = \"1s\"\nretry_min = \"100ms\"\nretry_max = \"1s\"\n"
        "requests_per_minute = 6000\n"
        "[[notify]]\nname = \"pms\"\nurl = \"{}\"\nsecret = \"{}\"\n"
        "types = [\"access_code.changed\"]\n",
        seam_.server().url(), seam_.server().ca_file(), notified_.url(), daemon_secret);
    return options;
}

void KilledDaemon::live_through(int cycles) {
    for (int i = 0; i < cycles && !testing::Test::HasFailure(); ++i, ++cycles_) {
        SCOPED_TRACE(fmt::format("cycle {}", cycles_));
        // What a sanitizer would find must have its chance, but takes its time to start.
        const auto quick = oracoded_without_sanitizer();
        daemon_.use(quick.empty() || random_() % 10 == 0 ? oracoded() : quick);
        ending_ = false;
        if (random_() % 8 == 0)
            end_while_starting();
        else
            cycle();
    }
}

void KilledDaemon::end_while_starting() {
    daemon_.launch();
    pause(60ms);
    const int signal = random_() % 3 == 0 ? SIGTERM : SIGKILL;
    daemon_.process().signal(signal);
    const auto code = daemon_.process().wait();
    EXPECT_TRUE(code == 128 + signal || (signal == SIGTERM && code == 0))
        << code << ": " << daemon_.log_of_this_run();
}

void KilledDaemon::cycle() {
    daemon_.start();
    std::atomic<int> acknowledged{0};
    std::vector<std::jthread> others;
    others.reserve(senders);
    for (int i = 0; i < senders; ++i)
        others.emplace_back([&, seed = random_()] {
            deliver_until_gone(daemon_, deliveries_, seed, acknowledged, ending_);
        });
    others.emplace_back([this] { follower_.follow_until_gone(daemon_); });
    compare_changes(std::max<std::int64_t>(0, known_.empty() ? 0 : known_.rbegin()->first - 100));
    // Some cycles end in the middle of the first commits, others under full load.
    const int enough = static_cast<int>(random_() % 60);
    EXPECT_TRUE(eventually([&] { return acknowledged >= enough; }));
    if (random_() % 4 == 0) {
        daemon_.process().signal(SIGSTOP);
        pause(50ms);
        daemon_.process().signal(SIGCONT);
    }
    pause(5ms);
    end_under_load();
}

void KilledDaemon::end_under_load() {
    auto& process = daemon_.process();
    const auto way = random_() % 8;
    ending_ = way < 4;
    if (way < 2) {
        EXPECT_EQ(daemon_.stop(), 0) << daemon_.log_of_this_run();
    } else if (way == 2) {
        process.signal(SIGTERM);
        pause(5ms);
        process.signal(SIGTERM);
        EXPECT_EQ(process.wait(), 0) << daemon_.log_of_this_run();
    } else if (way == 3) {
        process.signal(SIGTERM);
        pause(20ms);
        process.signal(SIGKILL);
        const auto code = process.wait();
        EXPECT_TRUE(code == 0 || code == 128 + SIGKILL) << code;
    } else {
        if (way == 4) {
            process.signal(SIGSTOP);
            pause(20ms);
        }
        process.signal(SIGKILL);
        EXPECT_EQ(process.wait(), 128 + SIGKILL);
    }
}

Changes KilledDaemon::pages(std::int64_t after) {
    Changes found;
    while (true) {
        const auto answer = daemon_.get(fmt::format("/v1/changes?after={}&limit=1000", after));
        const auto page = json::parse(answer.body).as_object();
        EXPECT_FALSE(page.contains("gap")) << answer.body;
        if (page.at("changes").as_array().empty()) return found;
        for (const auto& change : page.at("changes").as_array())
            found[change.at("seq").as_int64()] = serialize(change);
        after = page.at("next_after").as_int64();
    }
}

// Those after `after` are as they were when somebody saw them.
void KilledDaemon::compare_changes(std::int64_t after) {
    const auto seen_by_follower = follower_.seen();
    const auto found = pages(after);
    for (const Changes* before : std::initializer_list<const Changes*>{&seen_by_follower, &known_})
        for (auto at = before->upper_bound(after); at != before->end(); ++at) {
            ASSERT_TRUE(found.contains(at->first)) << "vanished: " << at->second;
            ASSERT_EQ(found.at(at->first), at->second);
        }
    known_.insert(found.begin(), found.end());
}

// As Svix does with what was not acknowledged.
void KilledDaemon::deliver_the_rest() {
    const auto client = daemon_.webhook_client();
    for (const auto& one : deliveries_.all()) {
        if (one.lost || (one.acknowledged && random_() % 10 != 0)) continue;
        const auto now = std::chrono::floor<std::chrono::seconds>(wall_clock());
        const auto answer = client->exchange(
            signed_delivery(one.body, one.message_id, now.time_since_epoch().count()));
        deliveries_.answered(one, answer.status, false);
    }
}

bool KilledDaemon::has_listed_events() {
    const auto stored =
        Sqlite(daemon_.database()).counted("SELECT lower(hex(event_id)) FROM events");
    for (const auto& one : deliveries_.all())
        if (one.listed && !stored.contains(without_dashes(one.event_id))) return false;
    return true;
}

void KilledDaemon::settle() {
    seam_.rest();
    notified_.never_refuse();
    ending_ = false;
    daemon_.start();
    std::jthread following([this] { follower_.follow_until_gone(daemon_); });
    deliver_the_rest();
    EXPECT_TRUE(eventually([&] { return has_listed_events(); })) << "the backfill left some out";
    const auto all_agree = [&] {
        const auto all = pages(0);
        return all == follower_.seen() && all == notified_.taken();
    };
    EXPECT_TRUE(eventually(all_agree, 180s))
        << fmt::format("{} changes, {} followed, {} notified", pages(0).size(),
                       follower_.seen().size(), notified_.taken().size());
    compare_changes(0);
    expect_histories_whole();
    EXPECT_EQ(daemon_.stop(), 0) << daemon_.log_of_this_run();
    following.join();
    expect_database_whole();
    EXPECT_EQ(complaints_.all(), "");
    EXPECT_TRUE(seam_.server().violations().empty());
}

void KilledDaemon::expect_histories_whole() {
    std::map<std::string, int> shown;
    for (unsigned code = 0; code < codes_of_world; ++code) {
        const auto answer = daemon_.get(fmt::format("/v1/access_codes/code{}/history", code));
        const auto history = json::parse(answer.body).as_object();
        for (const auto& event : history.at("events").as_array())
            ++shown[std::string(event.at("event_id").as_string())];
    }
    for (const auto& one : deliveries_.all()) {
        if (one.event_id.empty()) continue;
        ASSERT_EQ(shown[one.event_id], 1) << one.body;
    }
}

void KilledDaemon::expect_database_whole() {
    Sqlite database(daemon_.database());
    EXPECT_EQ(database.column("PRAGMA integrity_check"), std::vector<std::string>{"ok"});
    auto stored = database.counted("SELECT lower(hex(event_id)) FROM events");
    auto kept = database.counted("SELECT message_id FROM quarantine");
    for (const auto& one : deliveries_.all()) {
        if (one.event_id.empty())
            ASSERT_EQ(kept[one.message_id], 1) << one.body;
        else
            ASSERT_EQ(stored[without_dashes(one.event_id)], 1) << one.body;
    }
    for (const auto& [id, times] : stored) ASSERT_EQ(times, 1) << id;
    EXPECT_EQ(database.column("SELECT standing || ':' || codes FROM code_counts AS c WHERE codes "
                              "<> (SELECT count(*) FROM access_codes WHERE c.standing = "
                              "(CASE WHEN ended_reason IS NULL THEN status ELSE 5 END))"),
              std::vector<std::string>{})
        << "codes are counted wrongly";
    EXPECT_EQ(database.column(
                  "SELECT seq FROM (SELECT seq, from_status, lag(to_status) OVER codes AS before, "
                  "previous, lag(seq) OVER codes AS seq_before FROM changes WINDOW codes AS "
                  "(PARTITION BY code_no ORDER BY seq)) WHERE from_status IS NOT before OR "
                  "previous IS NOT seq_before"),
              std::vector<std::string>{})
        << "a change does not begin where the one before ended";
    EXPECT_EQ(database.column("SELECT message_id FROM notifications WHERE state <> 1 LIMIT 3"),
              std::vector<std::string>{})
        << "not delivered";
}

Totals KilledDaemon::totals() const {
    Totals totals;
    totals.cycles = cycles_;
    for (const auto& one : deliveries_.all()) totals.acknowledged += one.acknowledged ? 1U : 0U;
    totals.changes = known_.size();
    totals.repeated = notified_.repeated();
    return totals;
}

// A run of its own, from a fresh database.
Totals live_and_settle(std::uint64_t seed, int cycles) {
    SCOPED_TRACE(fmt::format("ORACODE_SEED={}", seed));
    KilledDaemon killed(seed);
    killed.live_through(cycles);
    if (!testing::Test::HasFailure()) killed.settle();
    if (testing::Test::HasFailure())
        std::cout << fmt::format("again: ORACODE_SEED={} --gtest_filter='Killed.*'\n", seed);
    return killed.totals();
}

std::optional<std::uint64_t> number_in(const char* variable) {
    const char* const text = std::getenv(variable);
    if (!text) return std::nullopt;
    return std::strtoull(text, nullptr, 10);
}

TEST(Killed, NothingAcknowledgedIsLostDoubledOrAnsweredDifferently) {
    const auto seed = number_in("ORACODE_SEED").value_or(std::random_device{}());
    const auto totals = live_and_settle(seed, cycles_of_a_run);
    totals.print(seed, seed);
    EXPECT_GE(totals.acknowledged, 500U) << "too few deliveries to show anything";
    EXPECT_GE(totals.changes, 200U);
    EXPECT_GE(totals.repeated, 1) << "no notification was sent when its daemon was killed";
}

// By `tests/soak kills [MINUTES]` alone: run after run, each with the next seed.
TEST(Soak, Kills) {
    const auto minutes = number_in("ORACODE_SOAK_MINUTES");
    if (!minutes) GTEST_SKIP() << "tests/soak kills [MINUTES] runs it";
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes{*minutes};
    const auto enough = number_in("ORACODE_KILL_CYCLES");
    const auto first = number_in("ORACODE_SOAK_SEED").value_or(1);
    auto seed = first;
    Totals sum;
    const auto goes_on = [&] {
        return enough ? static_cast<std::uint64_t>(sum.cycles) < *enough
                      : std::chrono::steady_clock::now() < until;
    };
    for (; goes_on() && !HasFailure(); ++seed) {
        const auto run = live_and_settle(seed, cycles_of_a_run);
        sum.cycles += run.cycles;
        sum.acknowledged += run.acknowledged;
        sum.changes += run.changes;
        sum.repeated += run.repeated;
    }
    sum.print(first, seed - 1);
}

}  // namespace
}  // namespace oracode::test
