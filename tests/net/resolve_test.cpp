#include "net/resolve.hpp"

#include <optional>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "support/fake_seam_caller.hpp"

namespace oracode {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using net::Addresses;
using net::Resolver;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

struct Result {
    int calls = 0;
    error_code error;
    Addresses addresses;
    Resolver::Done done() {
        return [this](error_code ec, Addresses found) {
            ++calls;
            error = ec;
            addresses = std::move(found);
        };
    }
};

TEST(Resolver, FindsThisMachineByName) {
    asio::io_context io;
    Resolver resolver(io.get_executor());
    Result result;
    resolver.resolve("localhost", 443, steady_clock::now() + 10s, result.done());
    EXPECT_EQ(result.calls, 0);
    io.run();
    EXPECT_EQ(result.calls, 1);
    ASSERT_FALSE(result.error) << result.error.message();
    EXPECT_TRUE(result.addresses.at(0).address().is_loopback());
    EXPECT_EQ(result.addresses.at(0).port(), 443);
}

TEST(Resolver, NeedsNoLookUpForAnAddress) {
    asio::io_context io;
    Resolver resolver(io.get_executor(), [](const auto&, auto, auto&) -> Addresses {
        ADD_FAILURE() << "looked up";
        return {};
    });
    Result v4;
    Result v6;
    resolver.resolve("192.0.2.7", 1, steady_clock::now() + 10s, v4.done());
    resolver.resolve("2001:db8::7", 2, steady_clock::now() + 10s, v6.done());
    io.run();
    EXPECT_EQ(v4.addresses.at(0).address().to_string(), "192.0.2.7");
    EXPECT_EQ(v6.addresses.at(0).address().to_string(), "2001:db8::7");
}

TEST(Resolver, SaysWhyThereIsNoAddress) {
    asio::io_context io;
    Resolver empty(io.get_executor(), [](const auto&, auto, auto&) { return Addresses{}; });
    Resolver failing(io.get_executor(), [](const auto&, auto, error_code& error) {
        error = asio::error::host_not_found_try_again;
        return Addresses{};
    });
    Result none;
    Result failed;
    empty.resolve("seam.test", 1, steady_clock::now() + 10s, none.done());
    failing.resolve("seam.test", 1, steady_clock::now() + 10s, failed.done());
    io.run();
    EXPECT_EQ(none.error, asio::error::host_not_found);
    EXPECT_EQ(failed.error, asio::error::host_not_found_try_again);
}

TEST(Resolver, KeepsItsDeadlineThoughTheSystemBlocks) {
    const test::StuckLookup stuck;
    asio::io_context io;
    Resolver resolver(io.get_executor(), stuck.lookup());
    Result result;
    const auto start = steady_clock::now();
    resolver.resolve("seam.test", 1, start + 100ms, result.done());
    io.run();
    EXPECT_EQ(result.calls, 1);
    EXPECT_EQ(result.error, asio::error::timed_out);
    EXPECT_GE(steady_clock::now() - start, 100ms);
    EXPECT_LT(steady_clock::now() - start, 2s);
}

TEST(Resolver, CancelEndsAWaitAtOnce) {
    const test::StuckLookup stuck;
    asio::io_context io;
    Resolver resolver(io.get_executor(), stuck.lookup());
    Result result;
    const auto start = steady_clock::now();
    resolver.resolve("seam.test", 1, start + 60s, result.done());
    resolver.cancel();
    EXPECT_EQ(result.calls, 0);
    io.run();
    EXPECT_EQ(result.calls, 1);
    EXPECT_EQ(result.error, asio::error::operation_aborted);
    EXPECT_LT(steady_clock::now() - start, 2s);
}

TEST(Resolver, MayGoAwayTogetherWithItsContextWhileALookUpIsUnderWay) {
    Result result;
    {
        const test::StuckLookup stuck;  // goes last: the look-up ends when no one is left to tell
        asio::io_context io;
        Resolver resolver(io.get_executor(), stuck.lookup());
        resolver.resolve("seam.test", 1, steady_clock::now() + 60s, result.done());
        io.poll();
    }
    EXPECT_EQ(result.calls, 0);
}

TEST(Resolver, BoundsTheLookUpsThatLinger) {
    const test::StuckLookup stuck;
    asio::io_context io;
    Resolver resolver(io.get_executor(), stuck.lookup());
    std::vector<Result> results(Resolver::most_lookups + 1);
    for (auto& result : results)
        resolver.resolve("seam.test", 1, steady_clock::now() + 50ms, result.done());
    io.run();
    for (std::size_t i = 0; i + 1 < results.size(); ++i)
        EXPECT_EQ(results[i].error, asio::error::timed_out) << i;
    EXPECT_EQ(results.back().error, asio::error::try_again);
}

}  // namespace
}  // namespace oracode
