#include "tests/store/power/faulty_life.hpp"

#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "tests/store/fixture.hpp"
#include "tests/store/power/examination.hpp"

namespace oracode::test {
namespace {

namespace fs = std::filesystem;

constexpr int deliveries_before = 8;
// Bytes; a delivery is about 20 KiB.
constexpr store::LogLimits copied_often{.checkpoint_at = 96 << 10, .longest = 480 << 10};
constexpr store::LogLimits never_copied{.checkpoint_at = 16 << 20, .longest = 64 << 20};
constexpr int threads = 2;
constexpr int at_once = 3;
constexpr auto longest_wait = std::chrono::seconds{120};

const Timestamp now = at(1'000'000);

std::string path_in(const TemporaryFolder& folder) {
    return (folder.path() / database_name).string();
}

}  // namespace

std::string_view name(FaultyPhase phase) {
    constexpr std::array<std::string_view, faulty_phases.size()> names{"starting", "delivering",
                                                                       "reopening", "closing"};
    return names.at(static_cast<std::size_t>(phase));
}

FaultyLife::FaultyLife(int deliveries) : deliveries_(deliveries), log_(copied_often) {
    disk_.emplace(folder_.path());
}

FaultyLife::~FaultyLife() {
    store_.reset();
}

void FaultyLife::open() {
    auto options = StoryTeller::options(path_in(folder_), now);
    options.log = log_;
    options.max_batch = 2;
    store::StoreCallbacks callbacks;
    callbacks.given_up = [this](auto) { given_up_ = true; };
    callbacks.committed = [this](const store::Commit& commit) {
        if (commit.failure.empty()) return;
        if (const auto* fault = at_next_failure_.exchange(nullptr)) disk_->fail(*fault);
    };
    given_up_ = false;
    store_.emplace(std::move(options)).start(std::move(callbacks));
}

lifecycle::Event FaultyLife::next_event() {
    const std::lock_guard lock(mutex_);
    const int number = next_++;
    auto event = make_event(
        "event " + std::to_string(number), "code " + std::to_string(number % 5),
        number % 3 == 0 ? lifecycle::LifecycleStep::unset : lifecycle::LifecycleStep::set, number);
    events_.emplace(event.event_id, event);
    return event;
}

bool FaultyLife::deliver(const lifecycle::Event& event) {
    boost::asio::io_context home;
    bool promised = false;
    store_->record(event, std::string(2'000, 'x'), home,
                   [&promised](auto answer) { promised = answer.has_value(); });
    home.run_for(longest_wait);
    return promised;
}

bool FaultyLife::deliver_on_one_thread(int count) {
    boost::asio::io_context home;
    int left = count;
    int answers = 0;
    const std::function<void()> ask = [&] {
        if (left-- <= 0) return;
        const auto event = next_event();
        store_->record(event, std::string(2'000, 'x'), home, [&, event](auto answer) {
            ++answers;
            {
                const std::lock_guard lock(mutex_);
                if (answer)
                    ++promised_;
                else
                    refused_.emplace(event.event_id, event);
            }
            ask();
        });
    };
    for (int i = 0; i < at_once; ++i) ask();
    home.run_for(longest_wait);
    return answers == count;
}

// Whatever a reader says may be a refusal, but nothing else than what is stored.
void FaultyLife::read_until(const std::atomic<bool>& done) const {
    while (!done) try {
            store::Reader reader(path_in(folder_));
            for (int i = 0; i < 5; ++i) {
                static_cast<void>(reader.find("code " + std::to_string(i)));
                static_cast<void>(reader.history("code " + std::to_string(i)));
            }
            static_cast<void>(reader.changes(0, 100));
        } catch (const store::StoreError&) {
            std::this_thread::yield();
        }
}

bool FaultyLife::deliver_and_read(int count) {
    std::atomic<bool> done{false};
    std::atomic<bool> answered{true};
    std::thread reading([&] { read_until(done); });
    std::vector<std::thread> delivering;
    delivering.reserve(threads);
    for (int i = 0; i < threads; ++i)
        delivering.emplace_back([&] {
            if (!deliver_on_one_thread(count)) answered = false;
        });
    for (auto& thread : delivering) thread.join();
    done = true;
    reading.join();
    return answered;
}

void FaultyLife::start_failing(FaultyPhase phase, const DiskFault& fault) {
    if (phase == FaultyPhase::delivering) return disk_->fail(fault);
    if (phase == FaultyPhase::reopening) {
        at_next_failure_ = &fault;
        return disk_->fail({.call = DiskCall::write, .lasting = true, .error = EIO});
    }
    if (phase == FaultyPhase::closing) {
        disk_->fail(fault);
        return store_.reset();
    }
    // A crash: the log keeps what it has.
    const TemporaryFolder left;
    fs::copy(folder_.path(), left.path(), fs::copy_options::recursive);
    store_.reset();
    fs::remove_all(folder_.path() / "data");
    fs::copy(left.path(), folder_.path(), fs::copy_options::recursive);
    fs::remove(path_in(folder_) + "-shm");
    disk_.reset();
    disk_.emplace(folder_.path());
    disk_->fail(fault);
    log_ = copied_often;
    try {
        open();
    } catch (const store::StoreError&) {
        store_.reset();
    }
}

std::string FaultyLife::live(FaultyPhase phase, const DiskFault& fault) {
    // So that something of the log is left then.
    if (phase == FaultyPhase::closing || phase == FaultyPhase::starting) log_ = never_copied;
    open();
    for (int i = 0; i < deliveries_before; ++i)
        if (!deliver(next_event())) return "refused by a disk that works";
    start_failing(phase, fault);
    const bool started = store_.has_value();
    if (started && !deliver_and_read(deliveries_)) return "no answer";
    // `struck` speaks of the fault alone, not of the failure that led to the reopening.
    const bool armed = at_next_failure_.exchange(nullptr) == nullptr;
    if (armed) {
        struck_ = disk_->struck();
        struck_files_ = disk_->struck_files();
        struck_threads_ = disk_->struck_threads();
    }
    disk_->heal();
    if (!started) open();
    if (given_up_ && fault.call != DiskCall::sync) return "it gave up without a failed sync";
    if (auto wrong = recover(); !wrong.empty()) return wrong;
    return examine();
}

// Without a restart, unless the database file was not synced.
std::string FaultyLife::recover() {
    const auto open_again = [this] {
        store_.reset();
        open();
    };
    if (given_up_) open_again();
    const auto first = next_event();
    refused_.emplace(first.event_id, first);
    // That a sync beside the commits had failed is found later, once.
    for (const bool may_give_up : {true, false}) {
        for (const auto& [id, event] : refused_) {
            int tries = 0;
            while (!deliver(event)) {
                if (++tries == 5) return "refused by a disk that works again: " + id;
                if (may_give_up && given_up_) open_again();
            }
        }
        if (!deliver_and_read(2)) return "no answer of a disk that works again";
        if (!given_up_) return {};
        if (may_give_up) open_again();
    }
    return "it gave up on a disk that works again";
}

std::string FaultyLife::examine() {
    const auto path = path_in(folder_);
    for (int start = 0; start < 2; ++start) {
        const auto stored = sql(path, "SELECT count(*) FROM events");
        if (stored != std::to_string(events_.size()))
            return fmt::format("{} events of {}", stored, events_.size());
        if (auto wrong = complaint_about(path, events_); !wrong.empty()) return wrong;
        store_.reset();
        open();
    }
    return {};
}

}  // namespace oracode::test
