// oracode_load: the load of tests/bench/run. Makes its requests first, then sends them over TLS
// connections for a while, and prints what it saw as one JSON object. Exits 1 when any answer was
// not the one expected.
#include "bench/load.hpp"

#include <chrono>
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "bench/disk.hpp"
#include "bench/idle.hpp"
#include "bench/requests.hpp"
#include "bench/tally.hpp"

namespace oracode::bench {
namespace {

struct Options {
    std::string connect;
    std::string name;
    Plan plan;
    double seconds = 10;
    double warmup = 0.5;
    int expect = 0;
    std::vector<long> watch;
    Population population;

    std::string path = "/webhooks/seam";
    std::string secret_file;
    std::uint64_t first = 0;
    std::uint64_t count = 400'000;
    std::int64_t begin_ms = 0;
    bool repeat = false;

    std::string target;
    std::string token_file;
    std::size_t group = 1;

    std::string folder = ".";
};

std::string first_line(const std::string& path) {
    std::ifstream file{path};
    std::string line;
    if (!std::getline(file, line)) throw std::runtime_error("nothing to read in " + path);
    return line;
}

std::chrono::milliseconds milliseconds(double seconds) {
    return std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1000)};
}

Requests deliveries(const Options& options) {
    Requests requests{options.repeat ? Requests::Order::repeated : Requests::Order::once};
    requests.reserve(options.count, 1024);
    Signer signer{first_line(options.secret_file)};
    Events events{options.population, std::chrono::sys_time<std::chrono::milliseconds>{
                                          std::chrono::milliseconds{options.begin_ms}}};
    const auto now =
        std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
    const std::string timestamp = std::to_string(now.time_since_epoch().count());
    for (std::uint64_t n = options.first; n < options.first + options.count; ++n) {
        const std::string body = events.body(n);
        const std::string id = "msg_" + events.id(n);
        const std::string signature = signer.sign(fmt::format("{}.{}.{}", id, timestamp, body));
        requests.add(fmt::format(
            "POST {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: Svix-Webhooks/1.62\r\n"
            "Accept: */*\r\nContent-Type: application/json\r\nContent-Length: {}\r\n"
            "svix-id: {}\r\nsvix-timestamp: {}\r\nsvix-signature: v1,{}\r\n\r\n{}",
            options.path, options.connect, body.size(), id, timestamp, signature, body));
    }
    return requests;
}

std::string get(const Options& options, const std::string& target) {
    return fmt::format(
        "GET {} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n"
        "Accept: application/json\r\n\r\n",
        target, options.connect, first_line(options.token_file));
}

// As many with a target as without: what they cost the generator's caches is the same.
Requests reads(const Options& options) {
    Requests requests{Requests::Order::random};
    const std::string prefix = "/v1/access_codes/";
    std::string request = get(options, prefix + options.population.code_id(0, 0));
    if (!options.target.empty()) request = get(options, options.target);
    for (std::uint64_t place = 0; place < options.population.codes; ++place) {
        const std::string code = options.population.code_id(place, 0);
        if (options.target.empty())
            request.replace(std::string{"GET "}.size() + prefix.size(), code.size(), code);
        requests.add(request);
    }
    return requests;
}

// 0 when every answer was the expected one.
int measure(const Options& options, Requests requests) {
    Plan plan = options.plan;
    plan.address = address_of(options.connect);
    plan.warmup = milliseconds(options.warmup);
    plan.window = milliseconds(options.seconds);
    Tally tally{options.watch};
    Load{plan, requests, tally}.run();
    const bool good = tally.failed() == 0 && tally.answers() == tally.answers(options.expect);
    fmt::print(R"({{"phase":"{}","connections":{},"sent":{},"next":{},)"
               R"("request_bytes":{:.1f},"as_expected":{},{}}})",
               options.name, plan.connections, requests.taken() - tally.not_sent_count(),
               options.first + requests.taken(), requests.mean_bytes(), good, tally.json());
    fmt::print("\n");
    return good ? 0 : 1;
}

// How much memory each idle connection costs the servers.
int hold(const Options& options) {
    const std::string request = get(options, options.target);
    const IdleConnections idle{address_of(options.connect),
                               request,
                               {options.plan.connections, options.group},
                               milliseconds(options.seconds),
                               options.watch};
    fmt::print(R"({{"phase":"{}","connections":{},"as_expected":{},{}}})", options.name,
               options.plan.connections, idle.all_answered(options.expect), idle.json());
    fmt::print("\n");
    return idle.all_answered(options.expect) ? 0 : 1;
}

void add_connection_options(CLI::App& command, Options& options) {
    command.add_option("--connect", options.connect, "IPv4 address and port")->required();
    command.add_option("--name", options.name, "Name of the phase in the output");
    command.add_option("--connections", options.plan.connections)->check(CLI::Range(1, 10'000));
    command.add_option("--expect", options.expect, "Status of every answer");
    command.add_option("--watch", options.watch, "Processes whose use is reported")->delimiter(',');
}

void add_load_options(CLI::App& command, Options& options) {
    add_connection_options(command, options);
    command
        .add_option("--rate", options.plan.rate,
                    "Requests a second, sent when they are due; their latency counts from then on")
        ->check(CLI::Range(1, 1'000'000));
    command.add_flag("--fresh-connections", options.plan.fresh_connections,
                     "A connection and a full handshake for every request");
    command.add_option("--seconds", options.seconds, "Length of the timed window")
        ->check(CLI::Range(0.1, 3600.0));
    command.add_option("--warmup", options.warmup, "Seconds of load before it")
        ->check(CLI::Range(0.0, 60.0));
    command.add_option("--codes", options.population.codes)->check(CLI::Range(1, 100'000'000));
    command.add_option("--seed", options.population.seed, "Of all ids");
}

int run(int argc, char** argv) {
    Options options;
    CLI::App app{"Load for the measurements of tests/bench/run"};
    app.require_subcommand(1);

    CLI::App& deliver = *app.add_subcommand("deliver", "POST signed events, each of them distinct");
    add_load_options(deliver, options);
    deliver.add_option("--path", options.path);
    deliver.add_option("--secret-file", options.secret_file, "whsec_...")->required();
    deliver.add_option("--first", options.first, "Number of the first event");
    deliver.add_option("--count", options.count, "Events made; no more are sent")
        ->check(CLI::Range(1, 20'000'000));
    deliver
        .add_option("--begin-ms", options.begin_ms,
                    "When event 0 happened, milliseconds of the epoch")
        ->required();
    deliver.add_flag("--repeat", options.repeat, "Start over after the last event");

    CLI::App& fetch = *app.add_subcommand("fetch", "GET random codes by id");
    add_load_options(fetch, options);
    fetch.add_option("--target", options.target, "Always this instead of a code");
    fetch.add_option("--token-file", options.token_file, "Bearer token")->required();

    CLI::App& idle = *app.add_subcommand("idle", "Hold connections that made one request");
    add_connection_options(idle, options);
    idle.add_option("--target", options.target, "What each of them asks for")->required();
    idle.add_option("--token-file", options.token_file, "Bearer token")->required();
    idle.add_option("--group", options.group, "So many shake hands at the same time")
        ->check(CLI::Range(1, 10'000));
    idle.add_option("--seconds", options.seconds, "How long they are idle before memory is read");

    CLI::App& disk = *app.add_subcommand("disk", "Append and sync 4 KiB at a time");
    disk.add_option("--folder", options.folder)->check(CLI::ExistingDirectory);
    disk.add_option("--seconds", options.seconds)->check(CLI::Range(0.1, 60.0));

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error);
    }
    if (disk) {
        fmt::print("{}\n", disk_json(options.folder, milliseconds(options.seconds)));
        return 0;
    }
    if (options.name.empty()) options.name = app.get_subcommands().front()->get_name();
    if (options.expect == 0) options.expect = deliver ? 204 : 200;
    if (idle) return hold(options);
    return measure(options, deliver ? deliveries(options) : reads(options));
}

}  // namespace
}  // namespace oracode::bench

int main(int argc, char** argv) {
    try {
        return oracode::bench::run(argc, argv);
    } catch (const std::exception& error) {
        fmt::print(stderr, "oracode_load: {}\n", error.what());
        return 2;
    }
}
