#include "tests/store/power/lost_syncs.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "tests/store/fixture.hpp"
#include "tests/store/snapshot.hpp"

namespace oracode::test {
namespace {

namespace fs = std::filesystem;

constexpr int deliveries = 30;
constexpr int reader_comes = 8;
constexpr int reader_goes = 18;

const Timestamp now = at(1'000'000);

class LifeWithLostSync {
public:
    explicit LifeWithLostSync(const LostSync& lost) : lost_(lost) {
        open();
        start_ = disk_.position();
        disk_.fail({.call = DiskCall::sync,
                    .nth = lost.nth,
                    .error = EIO,
                    .file = lost.of_database ? database_name : ""});
    }
    ~LifeWithLostSync() {
        reader_.reset();
        store_.reset();
    }
    LifeWithLostSync(const LifeWithLostSync&) = delete;
    LifeWithLostSync& operator=(const LifeWithLostSync&) = delete;

    void live() {
        for (int i = 0; i < deliveries; ++i) {
            if (lost_.with_reader && i == reader_comes) reader_.emplace(path());
            if (reader_ && i == reader_goes) reader_->end();
            deliver_until_promised(i);
        }
    }
    [[nodiscard]] bool struck() const { return disk_.struck() > 0; }
    [[nodiscard]] bool struck_in_background() const {
        return disk_.struck_threads().contains("checkpoint");
    }
    // Those that can be struck.
    [[nodiscard]] std::int64_t syncs() const {
        const auto records = disk_.recording().records;
        return std::count_if(records.begin() + static_cast<std::ptrdiff_t>(start_), records.end(),
                             [this](const DiskRecord& record) {
                                 return record.kind == DiskRecord::Kind::sync &&
                                        (!lost_.of_database || record.name == database_name);
                             });
    }
    [[nodiscard]] bool had_given_up() const { return had_given_up_; }
    // A promise's state is how many events were promised by then.
    [[nodiscard]] Story story() const {
        auto story = story_;
        story.disk = disk_.recording();
        return story;
    }

private:
    [[nodiscard]] std::string path() const { return (folder_.path() / database_name).string(); }
    void open() {
        auto options = StoryTeller::options(path(), now);
        // A delivery is about 30 KiB: two or three copies, a sync beside the commits, and the rest.
        options.log.checkpoint_at = 120 << 10;
        store::StoreCallbacks callbacks;
        callbacks.given_up = [this](auto) { given_up_ = had_given_up_ = true; };
        given_up_ = false;
        store_.emplace(std::move(options)).start(std::move(callbacks));
    }
    void deliver_until_promised(int number) {
        const auto event = make_event(
            "event " + std::to_string(number), "code " + std::to_string(number % 7),
            number % 2 == 0 ? lifecycle::LifecycleStep::unset : lifecycle::LifecycleStep::set,
            number);
        story_.events.emplace(event.event_id, event);
        for (int tries = 0; !deliver(event); ++tries) {
            if (tries == 3) throw std::runtime_error("refused by a disk that works again");
            if (!given_up_) continue;
            reader_.reset();
            store_.reset();
            open();
        }
        story_.promises.push_back({disk_.position(), static_cast<std::size_t>(number) + 1});
    }
    bool deliver(const lifecycle::Event& event) {
        boost::asio::io_context home;
        bool promised = false;
        store_->record(event, std::string(6'000, 'x'), home,
                       [&promised](auto answer) { promised = answer.has_value(); });
        home.run();
        return promised;
    }

    const LostSync lost_;
    TemporaryFolder folder_;
    WatchedDisk disk_{folder_.path(), WatchedDisk::Recording::on};
    std::optional<Snapshot> reader_;
    std::atomic<bool> given_up_{false};
    std::atomic<bool> had_given_up_{false};
    std::optional<store::Store> store_;
    std::size_t start_ = 0;  // the record at which it ends
    Story story_;
};

// How many a life without a fault makes.
std::int64_t count_syncs(LostSync lost) {
    lost.nth = 0;
    LifeWithLostSync life(lost);
    life.live();
    return life.syncs();
}

// The events are there that were promised, and at most the one that was being written.
std::string check(const Story& story, const fs::path& folder, std::size_t position) {
    const auto path = (folder / database_name).string();
    store::Store store(StoryTeller::options(path, now));
    store.start();
    const auto promised = story.oldest_state(position);
    const auto stored = std::stoul(sql(path, "SELECT count(*) FROM events"));
    if (stored < promised || stored > promised + 1)
        return std::to_string(stored) + " events, promised " + std::to_string(promised);
    return complaint_about(path, story.events);
}

}  // namespace

LostSync lost_sync_of(std::uint64_t seed) {
    constexpr auto kind = [](std::int64_t block) {
        return LostSync{.with_reader = block % 2 == 1, .of_database = block / 2 % 2 == 1};
    };
    static const std::array counts{count_syncs(kind(0)), count_syncs(kind(1)), count_syncs(kind(2)),
                                   count_syncs(kind(3))};
    constexpr std::int64_t stride = 7919;  // a prime: reaches all, and soon some of every part
    const auto block = static_cast<std::int64_t>(seed / 10);
    auto lost = kind(block);
    lost.nth = 1 + block / 4 * stride % counts.at(static_cast<std::size_t>(block % 4));
    return lost;
}

LostSyncTally lose_sync(LostSync lost, std::uint64_t first_seed, std::size_t cuts) {
    LostSyncTally tally;
    Story story;
    // How many syncs there are depends a little on how fast the threads are.
    for (bool struck = false; !struck; --lost.nth) {
        LifeWithLostSync life(lost);
        life.live();
        struck = life.struck();
        tally.given_up = life.had_given_up();
        tally.in_background = life.struck_in_background();
        story = life.story();
    }
    tally.cuts = cut_power(story, first_seed, cuts, [&](const auto& folder, std::size_t position) {
        const auto wrong = check(story, folder, position);
        return wrong.empty() ? wrong
                             : fmt::format("after sync {}{} failed: {}", lost.nth + 1,
                                           lost.of_database ? " of the database" : "", wrong);
    });
    return tally;
}

}  // namespace oracode::test
