// oracode_fill: fills a database as deliveries would, through the decoder and the store of the
// daemon, but without HTTP and in large transactions. Prints the next event's number and what it
// stored as one JSON object. Events go on where an earlier filling or oracode_load stopped.
#include <chrono>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <fmt/format.h>

#include "bench/requests.hpp"
#include "seam/decode.hpp"
#include "store/store.hpp"

namespace oracode::bench {
namespace {

struct Options {
    std::string database;
    Population population;
    std::int64_t begin_ms = 0;
    std::uint64_t first = 0;
    std::uint64_t count = 0;
};

// Keeps the store's queue deep enough for its largest transactions.
class Filling {
public:
    Filling(store::Store& store, boost::asio::io_context& home, Events events)
        : store_(store), home_(home), events_(events) {}

    void run(std::uint64_t first, std::uint64_t count) {
        for (std::uint64_t n = first; n < first + count; ++n) {
            while (waiting_ >= deepest) take_answers();
            record(n);
        }
        while (waiting_ > 0) take_answers();
    }

    static constexpr std::size_t largest_transaction = 10'000;
    static constexpr std::size_t deepest = 2 * largest_transaction;

private:
    void record(std::uint64_t number) {
        std::string body = events_.body(number);
        const auto now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
        auto event = seam::decode_event(body, now, lifecycle::Source::webhook);
        if (!event) throw std::runtime_error("not an event: " + event.error().detail);
        ++waiting_;
        store_.record(std::move(*event), std::move(body), home_, [this](const auto& recorded) {
            --waiting_;
            if (!recorded) throw std::runtime_error("not recorded: " + recorded.error().detail);
            if (recorded->duplicate) throw std::runtime_error("the database has the event already");
        });
    }

    void take_answers() {
        home_.restart();
        home_.run_one();
        home_.poll();
    }

    store::Store& store_;
    boost::asio::io_context& home_;
    Events events_;
    std::size_t waiting_ = 0;
};

void fill(const Options& options) {
    using std::chrono::steady_clock;
    store::StoreOptions store_options;
    store_options.path = options.database;
    store_options.max_queue = Filling::deepest;
    store_options.max_batch = Filling::largest_transaction;
    store_options.clock = [] {
        return std::chrono::floor<Duration>(std::chrono::system_clock::now());
    };
    const auto began = steady_clock::now();
    boost::asio::io_context home;
    store::Store store{store_options};
    store.start();
    const std::chrono::sys_time<std::chrono::milliseconds> begin{
        std::chrono::milliseconds{options.begin_ms}};
    Filling filling{store, home, Events{options.population, begin}};
    filling.run(options.first, options.count);
    store.stop();
    const std::chrono::duration<double> took = steady_clock::now() - began;
    fmt::print(R"({{"stored":{},"next":{},"seconds":{:.1f}}})", options.count,
               options.first + options.count, took.count());
    fmt::print("\n");
}

int run(int argc, char** argv) {
    Options options;
    CLI::App app{"Fills a database for the measurements of tests/bench/run"};
    app.add_option("--database", options.database)->required();
    app.add_option("--codes", options.population.codes)->check(CLI::Range(1, 100'000'000));
    app.add_option("--seed", options.population.seed, "Of all ids");
    app.add_option("--begin-ms", options.begin_ms,
                   "When event 0 happened, milliseconds of the epoch")
        ->required();
    app.add_option("--first", options.first, "Number of the first event");
    app.add_option("--count", options.count, "Events to store")->required();
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error);
    }
    fill(options);
    return 0;
}

}  // namespace
}  // namespace oracode::bench

int main(int argc, char** argv) {
    try {
        return oracode::bench::run(argc, argv);
    } catch (const std::exception& error) {
        fmt::print(stderr, "oracode_fill: {}\n", error.what());
        return 2;
    }
}
