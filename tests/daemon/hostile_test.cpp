// Hostile load on the real daemon: Svix is served meanwhile, memory stays bounded, and afterwards
// all is given back. And the system's limits at their ends.
#include <algorithm>
#include <cstdlib>
#include <iostream>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/hostile_load.hpp"
#include "support/paths.hpp"
#include "support/soak_time.hpp"

namespace oracode::test {
namespace {

using namespace std::chrono_literals;
using testing::AnyOf;
using testing::HasSubstr;

double metric(Daemon& daemon, const std::string& name) {
    const auto all = daemon.get("/metrics").body;
    const auto at = all.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stod(all.substr(at + name.size() + 2));
}

double resident_mib(Daemon& daemon) {
    return metric(daemon, "process_resident_memory_bytes") / (1024 * 1024);
}

std::string fresh_event(const std::string& code = "code1") {
    return event_json({"access_code.created", code, ctl::fresh_uuid()});
}

void set_limit(Daemon& daemon, __rlimit_resource what, rlim_t most) {
    rlimit limit{};
    ASSERT_EQ(prlimit(daemon.process().pid(), what, nullptr, &limit), 0);
    limit.rlim_cur = most;
    ASSERT_EQ(prlimit(daemon.process().pid(), what, &limit, nullptr), 0);
}

// A daemon as it is installed, with room for its attackers in this process.
class Attacked {
public:
    explicit Attacked(const std::string& webhook) : daemon_(options(webhook)) {
        rlimit descriptors{};
        ::getrlimit(RLIMIT_NOFILE, &descriptors);
        descriptors.rlim_cur = descriptors.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &descriptors);
        daemon_.start();
        descriptors_ = metric(daemon_, "process_open_fds");
    }
    static bool possible() { return !oracoded_without_sanitizer().empty(); }
    void expect_all_given_back() {
        // Some are opened at the first use of what they are for, and kept.
        EXPECT_TRUE(
            eventually([&] { return metric(daemon_, "process_open_fds") < descriptors_ + 5; }, 40s))
            << descriptors_ << " descriptors became " << metric(daemon_, "process_open_fds");
        EXPECT_EQ(daemon_.deliver(fresh_event()), 204U);
        EXPECT_EQ(daemon_.stop(), 0);
    }
    [[nodiscard]] Daemon& daemon() { return daemon_; }

private:
    static Daemon::Options options(const std::string& webhook) {
        Daemon::Options options;
        options.program = oracoded_without_sanitizer();
        options.tls = true;
        options.webhook = webhook;
        options.environment["ORACODED_LOG_LEVEL"] = "info";
        return options;
    }

    Daemon daemon_;
    double descriptors_ = 0;
};

// With all places taken, and taken again.
TEST(HostileLoad, HoldsUpNoDeliveryAndGivesAllBack) {
    if (!Attacked::possible()) GTEST_SKIP() << "the release build is not there";
    Attacked attacked("max_connections = 300\n");
    auto& daemon = attacked.daemon();
    const auto before = resident_mib(daemon);
    {
        Attackers attackers(daemon.webhook_port());
        attackers.hold_slow(100);
        attackers.flood_with_handshakes();
        attackers.flood_with_refused();
        attackers.flood_with_forged();
        EXPECT_TRUE(eventually([&] { return attackers.slow() >= 300; }, 60s));
        SteadyDeliveries deliveries(daemon, 2, 50ms);
        EXPECT_TRUE(eventually([&] { return deliveries.acknowledged() >= 100; }, 60s));
        const auto times = deliveries.stop();
        EXPECT_EQ(deliveries.unexpected(), "");
        EXPECT_LT(times.back(), 10s);
        EXPECT_LT(resident_mib(daemon), before + 60);
        EXPECT_GT(attackers.handshakes, 20U);
        EXPECT_GT(attackers.refused, 20U);
        EXPECT_GT(attackers.forged, 20U);
    }
    attacked.expect_all_given_back();
}

class Limits : public testing::Test {
protected:
    void TearDown() override {
        if (daemon_.process().exit_code()) return;
        EXPECT_EQ(daemon_.stop(), 0);
    }
    Daemon daemon_;
};

TEST_F(Limits, DescriptorsRunOutAndComeBack) {
    daemon_.start();
    const auto client = daemon_.webhook_client();
    const auto api = daemon_.api_client();
    // 0: a newcomer has got the place of a connection that was silent for a while.
    const auto status = [](ctl::HttpClient& of, const ctl::HttpRequest& request) {
        try {
            return of.exchange(request).status;
        } catch (const ctl::Failure&) {
            return 0U;
        }
    };
    const auto ready = [&] { return status(*api, {.target = "/readyz"}); };
    const auto delivered = [&] { return status(*client, signed_delivery(fresh_event())) == 204; };
    EXPECT_TRUE(delivered());
    EXPECT_EQ(ready(), 200U);
    // Threads that have just started still open their files, and would take all that is left here.
    double before = 0;
    int as_before = 0;
    ASSERT_TRUE(eventually([&] {
        const auto now = metric(daemon_, "process_open_fds");
        as_before = now == before ? as_before + 1 : 0;
        before = now;
        return as_before >= 100;
    }));
    rlimit usual{};
    ASSERT_EQ(prlimit(daemon_.process().pid(), RLIMIT_NOFILE, nullptr, &usual), 0);
    set_limit(daemon_, RLIMIT_NOFILE, static_cast<rlim_t>(before) + 10);
    {
        std::vector<HttpClient> crowd;
        crowd.reserve(60);
        for (int i = 0; i < 60; ++i) crowd.push_back(HttpClient::tcp(daemon_.webhook_port()));
        ASSERT_TRUE(eventually([&] { return ready() == 503; })) << daemon_.log();
        for (int i = 0; i < 20; ++i) EXPECT_TRUE(eventually(delivered)) << i;
    }
    EXPECT_TRUE(eventually([&] { return ready() == 200; }));
    EXPECT_EQ(daemon_.deliver(fresh_event("code2")), 204U) << "with the limit as it was";
    // Some files are opened at their first use.
    EXPECT_TRUE(eventually([&] { return metric(daemon_, "process_open_fds") <= before + 5; }));
    set_limit(daemon_, RLIMIT_NOFILE, usual.rlim_cur);
}

// Memory for everything, the stacks of threads among it, from nearly none to just enough.
TEST(LimitsAtStart, TooLittleMemoryIsSaidWhateverItWasWantedFor) {
    const auto program = oracoded_without_sanitizer();
    if (program.empty()) GTEST_SKIP() << "the sanitizers want terabytes";
    const Daemon configured;
    int no_thread = 0;
    constexpr int enough = 400;
    for (int mib = 16;; mib += 4) {
        ASSERT_LT(mib, enough);
        const TemporaryFolder folder;
        Process process({"/usr/bin/prlimit", "--as=" + std::to_string(mib * 1024L * 1024), program,
                         "--config", configured.config()},
                        {}, folder / "log");
        const auto started = [&] {
            return process.output().find("daemon.started") != std::string::npos;
        };
        ASSERT_TRUE(eventually([&] { return process.exit_code() || started(); }));
        if (!process.exit_code()) break;
        const auto said = process.output();
        // 127: the dynamic linker has no room for the libraries.
        EXPECT_THAT(*process.exit_code(), AnyOf(71, 74, 127)) << mib << " MiB: " << said;
        EXPECT_THAT(said, AnyOf(HasSubstr("memory"), HasSubstr("failed to map"))) << mib << " MiB";
        if (said.find("the thread ") != std::string::npos) ++no_thread;
    }
    EXPECT_GE(no_thread, 3);
}

// Not a thread more, and little memory, while it runs.
TEST(LimitsWhileRunning, MemoryThatRunsOutEndsNothingAndIsOver) {
    Daemon::Options options;
    options.program = oracoded_without_sanitizer();
    if (options.program.empty()) GTEST_SKIP() << "the sanitizers want terabytes";
    Daemon daemon(options);
    daemon.start();
    EXPECT_EQ(daemon.deliver(fresh_event()), 204U);
    const auto taken = metric(daemon, "process_virtual_memory_bytes");
    set_limit(daemon, RLIMIT_AS, static_cast<rlim_t>(taken));
    // 0: there was no memory to take the connection.
    const auto status = [&](const ctl::HttpRequest& request) {
        try {
            return daemon.webhook_client()->exchange(request).status;
        } catch (const ctl::Failure&) {
            return 0U;
        }
    };
    auto forged = signed_delivery(fresh_event());
    forged.body += " ";
    for (int i = 0; i < 50; ++i) EXPECT_THAT(status(forged), AnyOf(401U, 503U, 0U)) << i;
    std::vector<HttpClient> halves;
    std::vector<std::string> acknowledged;
    int refused = 0;
    for (int i = 0; i < 400; ++i) {
        halves.push_back(HttpClient::tcp(daemon.webhook_port()));
        halves.back()
            .send("POST /webhooks/seam HTTP/1.1\r\nHost: a\r\nContent-Length: 250000\r\n\r\n")
            .send(std::string(100'000, 'x'));
        if (i % 10 != 0) continue;
        const auto code = "code" + std::to_string(i);
        const auto answer = status(signed_delivery(fresh_event(code)));
        EXPECT_THAT(answer, AnyOf(204U, 503U, 0U));
        if (answer == 204)
            acknowledged.push_back(code);
        else
            ++refused;
    }
    EXPECT_GT(refused, 0) << "memory did not run out";
    EXPECT_FALSE(daemon.process().exit_code()) << daemon.log();
    halves.clear();
    set_limit(daemon, RLIMIT_AS, RLIM_INFINITY);
    EXPECT_TRUE(eventually([&] { return daemon.get("/readyz").status == 200; })) << daemon.log();
    EXPECT_EQ(daemon.deliver(fresh_event()), 204U);
    for (const auto& code : acknowledged)
        EXPECT_EQ(daemon.get("/v1/access_codes/" + code).status, 200U) << code;
    EXPECT_EQ(daemon.stop(), 0);
}

// One row of what `tests/soak hostile` prints.
void measure(Daemon& daemon, const std::string& name, const Attackers& slow,
             const Attackers& attackers, std::chrono::seconds length) {
    const auto handshakes = attackers.handshakes.load();
    const auto refused = attackers.refused.load();
    const auto forged = attackers.forged.load();
    SteadyDeliveries deliveries(daemon, 5, 100ms);
    std::this_thread::sleep_for(length);
    const auto resident = resident_mib(daemon);
    const auto times = deliveries.stop();
    const auto at = [&](double share) {
        return static_cast<double>(
                   times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))]
                       .count()) /
               1000;
    };
    const auto a_second = [&](std::size_t now, std::size_t before) {
        return static_cast<double>(now - before) / static_cast<double>(length.count());
    };
    std::cout << fmt::format(
        "{:<28} {:>5} slow, {:>4.0f} handshakes/s, {:>5.0f} refused/s, {:>5.0f} forged/s | {} "
        "deliveries, p50 {:.1f} ms, p99 {:.1f} ms, longest {:.1f} ms | {:.0f} MiB\n",
        name, slow.slow(), a_second(attackers.handshakes, handshakes),
        a_second(attackers.refused, refused), a_second(attackers.forged, forged), times.size(),
        at(0.5), at(0.99), at(1), resident);
    EXPECT_EQ(deliveries.unexpected(), "") << name;
    EXPECT_LT(at(0.99), 100) << name;
    EXPECT_LT(resident, 400) << name;
}

// By `tests/soak hostile [MINUTES]` alone.
TEST(Soak, Hostile) {
    const auto soak = soak_time();
    if (!soak) GTEST_SKIP() << "tests/soak hostile [MINUTES] runs it";
    const auto length = std::max<std::chrono::seconds>(10s, soak->length / 6);
    ASSERT_TRUE(Attacked::possible()) << "the release build is not there";
    Attacked attacked("");
    auto& daemon = attacked.daemon();
    Attackers none(daemon.webhook_port());
    measure(daemon, "nobody else", none, none, length);
    {
        const auto port = daemon.webhook_port();
        Attackers slow(port);
        slow.hold_slow(1'000);
        EXPECT_TRUE(eventually([&] { return slow.slow() >= 3'900; }, 120s));
        measure(daemon, "slow connections", slow, slow, length);
        const auto add = [&](const std::string& name, void (Attackers::*flood)()) {
            Attackers attackers(port);
            (attackers.*flood)();
            measure(daemon, "these, and " + name, slow, attackers, length);
        };
        add("handshakes", &Attackers::flood_with_handshakes);
        add("refused deliveries", &Attackers::flood_with_refused);
        add("forged signatures", &Attackers::flood_with_forged);
        slow.flood_with_handshakes();
        slow.flood_with_refused();
        slow.flood_with_forged();
        measure(daemon, "all at once", slow, slow, length);
    }
    attacked.expect_all_given_back();
}

}  // namespace
}  // namespace oracode::test
