// How fast the store records when its queue is always at least 64 deep, and how fast it finds.
//   store_bench FOLDER [events] [codes]
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <sys/resource.h>
#include <time.h>

#include "bench/events.hpp"
#include "store/reader.hpp"
#include "store/store.hpp"

namespace {

using namespace oracode;
using namespace oracode::bench;
using std::chrono::steady_clock;

double cpu_of_process() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// Of the writer's own thread, which alone knows it.
std::atomic<double> cpu_of_writer{0};

double cpu_of_thread() {
    timespec used{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) * 1e-9;
}

class Load {
public:
    Load(store::Store& store, std::size_t depth) : store_(store), depth_(depth) {}

    // `events` are made before the clock runs, so that what is measured is the store.
    void run(const char* title, std::vector<lifecycle::Event>& events) {
        events_ = &events;
        next_ = 0;
        slowest_.clear();
        const auto began = steady_clock::now();
        const auto cpu = cpu_of_process();
        const auto writer = cpu_of_writer.load();
        for (std::size_t i = 0; i < depth_; ++i) send();
        home_.restart();
        home_.run();
        const std::chrono::duration<double> took = steady_clock::now() - began;
        const auto count = static_cast<double>(events.size());
        std::sort(slowest_.begin(), slowest_.end());
        const auto at = [&](double q) {
            return slowest_[static_cast<std::size_t>(q * (count - 1))] * 1e3;
        };
        fmt::print(
            "{:32} {:8.0f}/s {:6.1f} us/row wall {:6.1f} us/row cpu (writer {:.1f})  p50 {:.2f} "
            "p99 {:.2f} "
            "p99.9 {:.2f} max {:.2f} ms, wal {} MB db {} MB\n",
            title, count / took.count(), took.count() / count * 1e6,
            (cpu_of_process() - cpu) / count * 1e6, (cpu_of_writer - writer) / count * 1e6, at(0.5),
            at(0.99), at(0.999), at(1), store_.sizes().log >> 20, store_.sizes().database >> 20);
    }

private:
    void send() {
        if (next_ == events_->size()) return;
        auto& event = (*events_)[next_++];
        std::string body(520, 'x');
        const auto sent = steady_clock::now();
        store_.record(std::move(event), std::move(body), home_, [this, sent](auto result) {
            if (!result || result->duplicate) {
                fmt::print("not recorded: {}\n", result ? "duplicate" : result.error().detail);
                std::exit(1);
            }
            slowest_.push_back(std::chrono::duration<double>(steady_clock::now() - sent).count());
            send();
        });
    }

    store::Store& store_;
    std::size_t depth_;
    boost::asio::io_context home_;
    std::vector<lifecycle::Event>* events_ = nullptr;
    std::size_t next_ = 0;
    std::vector<double> slowest_;
};

}  // namespace

int main(int argc, char** argv) {
    const std::string folder = argc > 1 ? argv[1] : ".";
    const std::size_t count = argc > 2 ? std::stoul(argv[2]) : 200'000;
    const std::size_t codes = argc > 3 ? std::stoul(argv[3]) : 100'000;
    const auto path = folder + "/store_bench.db";
    for (const auto* end : {"", "-wal", "-shm", ".lock"}) std::filesystem::remove(path + end);

    std::size_t batches = 0;
    std::size_t rows = 0;
    store::StoreOptions options;
    options.path = path;
    options.clock = [] { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); };
    store::StoreCallbacks callbacks;
    callbacks.committed = [&](const store::Commit& commit) {
        ++batches;
        rows += commit.size;
        cpu_of_writer = cpu_of_thread();
    };
    store::Store store(options);
    store.start(std::move(callbacks));
    Load load(store, 64);
    std::mt19937_64 random(7);
    std::uint64_t number = 0;

    std::vector<lifecycle::Event> events;
    for (std::size_t i = 0; i < codes; ++i)
        events.push_back(make_event(++number, i, lifecycle::LifecycleStep::created));
    load.run("first event of each code", events);

    events.clear();
    const lifecycle::LifecycleStep words[] = {
        lifecycle::LifecycleStep::set, lifecycle::LifecycleStep::unset,
        lifecycle::LifecycleStep::set, lifecycle::LifecycleStep::removing,
        lifecycle::LifecycleStep::set};
    for (std::size_t i = 0; i < count; ++i)
        events.push_back(make_event(++number, random() % codes, words[random() % 5]));
    load.run("events of random known codes", events);

    events.clear();
    for (std::size_t i = 0; i < count; ++i) {
        // A working day: of the codes that stand in the store, few are on the move.
        events.push_back(make_event(++number, codes - 1 - random() % (codes / 50), words[i % 5]));
    }
    load.run("events of a fiftieth of the codes", events);
    fmt::print("{:.1f} rows a commit\n", static_cast<double>(rows) / static_cast<double>(batches));

    store::Reader reader(path);
    for (const auto* title : {"find, cold", "find, warm"}) {
        const std::size_t finds = argc > 4 ? std::stoul(argv[4]) : 200'000;
        std::vector<std::string> ids;
        for (std::size_t i = 0; i < finds; ++i) ids.push_back(uuid(id_of_code, random() % codes));
        const auto began = steady_clock::now();
        for (const auto& id : ids)
            if (!reader.find(id)) std::abort();
        const std::chrono::duration<double> took = steady_clock::now() - began;
        fmt::print("{:32} {:6.2f} us\n", title, took.count() / static_cast<double>(finds) * 1e6);
    }
    const auto stopping = steady_clock::now();
    store.stop();
    fmt::print("stop {:.0f} ms\n",
               std::chrono::duration<double>(steady_clock::now() - stopping).count() * 1e3);
    return 0;
}
