// A thread that is stuck cannot be had of the real program: here it is one that no one runs.
#include "api/readiness.hpp"

#include <boost/json.hpp>

#include "support/http_exchange.hpp"
#include "tests/store/fixture.hpp"

namespace oracode::api {
namespace {

class ReadinessTest : public oracode::test::StoreTest {
protected:
    ReadinessTest() { liveness_.add("io-1", stuck_); }

    http::Response ask(std::vector<std::string> essential) {
        open();
        Readiness readiness(
            {*store_, liveness_, std::move(essential), {}, [this] { return now_.load(); }});
        return answer_of(readiness);
    }
    http::Response answer_of(Readiness& readiness) {
        const auto& exchange = exchanges_.emplace_back(std::make_shared<test::RecordedExchange>());
        readiness.answer(http::Reply{exchange});
        exchange->context().run();
        return exchange->answer.value();
    }
    // Before the exchanges go: the store's thread may still be leaving the loop of one.
    void TearDown() override { close(); }

    boost::asio::io_context stuck_{1};
    supervision::Liveness liveness_;

private:
    std::vector<std::shared_ptr<test::RecordedExchange>> exchanges_;
};

TEST_F(ReadinessTest, AThreadThatDoesNotAnswerIsNamed) {
    const auto answer = ask({"io-1"});
    EXPECT_EQ(answer.status, 503U);
    const auto check = boost::json::parse(answer.body).at("checks").at("io-1");
    EXPECT_EQ(check.at("ok"), false);
    EXPECT_TRUE(check.at("age_s").is_null());
}

TEST_F(ReadinessTest, OneThatTakesNoDeliveriesIsOnlyShown) {
    const auto answer = ask({});
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(boost::json::parse(answer.body).at("checks").at("io-1").at("ok"), false);
}

// Anyone may ask, and a write costs a sync that deliveries wait for.
TEST_F(ReadinessTest, ManyWhoAskAtOnceCostOneWrite) {
    std::atomic<int> commits{0};
    store::StoreCallbacks counting;
    counting.committed = [&](const store::Commit&) { ++commits; };
    open(options(), std::move(counting));
    const supervision::Liveness nobody;
    Readiness readiness({*store_, nobody, {}, {}, [this] { return now_.load(); }});
    for (int i = 0; i < 20; ++i) EXPECT_EQ(answer_of(readiness).status, 200U);
    EXPECT_EQ(commits, 1);
}

}  // namespace
}  // namespace oracode::api
