// What the poller's look into the store costs when it wakes, by how many codes are stored and how
// many of them are due; and what counting the overdue ones costs.
//   wake_bench FOLDER [codes…]
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include "bench/events.hpp"
#include "store/reader.hpp"
#include "store/store.hpp"

namespace {

using namespace oracode;
using namespace oracode::bench;
using std::chrono::steady_clock;

const Timestamp start{Duration{1'770'000'000'000}};

// Seam's object of an unset code that begins `after` the start and lasts a night.
lifecycle::Event shown(std::uint64_t number, Duration after) {
    auto event = make_event(number, number, lifecycle::LifecycleStep::unset);
    event.event_id.clear();
    event.source = lifecycle::Source::poll;
    event.occurred_at = start;
    event.facts.type = "time_bound";
    event.facts.starts_at = start + after;
    event.facts.ends_at = start + after + std::chrono::hours{20};
    return event;
}

// `codes` codes, one a second from the start on.
void fill(const std::string& path, std::size_t codes) {
    store::StoreOptions options;
    options.path = path;
    options.clock = [] { return start; };
    store::Store store(options);
    store.start();
    boost::asio::io_context home;
    for (std::size_t at = 0; at < codes;) {
        home.restart();
        for (const auto end = std::min(codes, at + 5'000); at < end; ++at)
            store.record(shown(at, std::chrono::seconds{at}), "{}", home, [](const auto& result) {
                if (!result) throw std::runtime_error(result.error().detail);
            });
        home.run();
    }
    store.stop();
}

template <class Act>
double microseconds(Act&& act) {
    constexpr int rounds = 200;
    const auto began = steady_clock::now();
    for (int i = 0; i < rounds; ++i) act();
    const std::chrono::duration<double, std::micro> took = steady_clock::now() - began;
    return took.count() / rounds;
}

// What the poller asks of the store each time it wakes.
std::size_t wake(store::Reader& reader, Timestamp now) {
    const auto due = reader.due(now, 100);
    const auto ended = reader.expired(now, 100);
    if (!reader.next_due(now) || !reader.next_end()) throw std::runtime_error("nothing is stored");
    return due.size() + ended.size();
}

}  // namespace

int main(int argc, char** argv) {
    const std::string folder = argc > 1 ? argv[1] : ".";
    std::vector<std::size_t> sizes;
    for (int i = 2; i < argc; ++i) sizes.push_back(std::stoul(argv[i]));
    if (sizes.empty()) sizes = {1'000, 100'000, 1'000'000};
    fmt::print("{:>9} {:>5} {:>9} {:>9} {:>14}\n", "codes", "due", "wake us", "overdue",
               "count us");
    for (const auto codes : sizes) {
        const auto path = folder + "/wake_bench.db";
        for (const auto* end : {"", "-wal", "-shm", ".lock"}) std::filesystem::remove(path + end);
        fill(path, codes);
        store::Reader reader(path);
        constexpr auto grace = std::chrono::minutes{2};
        for (const std::size_t due : {0, 1, 10, 100}) {
            const auto now = start + grace + std::chrono::seconds{due} - Duration{1};
            if (wake(reader, now) != due) throw std::runtime_error("not what is due");
            const auto counts = reader.counts(now - grace).value();
            fmt::print("{:9} {:5} {:9.1f} {:9} {:14.1f}\n", codes, due,
                       microseconds([&] { wake(reader, now); }), counts.overdue,
                       microseconds([&] { static_cast<void>(reader.counts(now - grace)); }));
        }
    }
    return 0;
}
