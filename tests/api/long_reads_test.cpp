#include "api/long_reads.hpp"

#include <future>

#include "store/error.hpp"
#include "support/process.hpp"
#include "tests/store/fixture.hpp"

namespace oracode::api {
namespace {

// A client that can go away.
class Client final : public http::Exchange {
public:
    void send(http::Response&& response) override { status_ = response.status; }
    void stream(http::Response&&, std::optional<std::uint64_t>,
                std::unique_ptr<http::Body>) override {}
    void wake() override {}
    void watch(http::Watch told) override { watch_ = std::move(told); }
    boost::asio::io_context& context() override { return context_; }

    void leave() { watch_(http::Interruption::client_gone); }
    [[nodiscard]] unsigned status() const { return status_; }

private:
    boost::asio::io_context context_;
    http::Watch watch_;
    std::atomic<unsigned> status_{0};
};

class LongReadsTest : public oracode::test::StoreTest {
protected:
    void SetUp() override {
        open();
        reads_.emplace("long-reads", path());
    }
    // The thread is busy until `release_` is set.
    void occupy() {
        std::promise<void> busy;
        reads_->run(
            [&busy, released = release_.get_future().share()](store::Reader&) {
                busy.set_value();
                released.wait();
                return http::Response{};
            },
            {.request_id = "first"}, http::Reply{first_});
        busy.get_future().wait();
    }
    void queue(const std::shared_ptr<Client>& client) {
        reads_->run(
            [this](store::Reader&) {
                ++done_;
                return http::Response{};
            },
            {.request_id = "queued"}, http::Reply{client});
    }

    std::promise<void> release_;
    std::shared_ptr<Client> first_ = std::make_shared<Client>();
    std::atomic<int> done_{0};
    std::optional<LongReads> reads_;
};

TEST_F(LongReadsTest, WhatNobodyWaitsForAnyMoreIsNotRead) {
    occupy();
    const auto gone = std::make_shared<Client>();
    const auto there = std::make_shared<Client>();
    queue(gone);
    queue(there);
    gone->leave();
    release_.set_value();
    ASSERT_TRUE(test::eventually([&] { return there->status() == 200; }));
    EXPECT_EQ(done_, 1);
}

TEST_F(LongReadsTest, TheEndDoesNotWaitForTheQueue) {
    occupy();
    std::vector<std::shared_ptr<Client>> clients;
    for (int i = 0; i < 150; ++i) queue(clients.emplace_back(std::make_shared<Client>()));
    auto stopped = std::async(std::launch::async, [this] { reads_->stop(); });
    ASSERT_TRUE(test::eventually([this] { return reads_->is_stopping(); }));
    release_.set_value();
    stopped.wait();
    EXPECT_EQ(done_, 0);
    for (const auto& client : clients) EXPECT_EQ(client->status(), 503U);
}

TEST_F(LongReadsTest, ADatabaseThatCannotBeReadIs503AndTheNextIsRead) {
    reads_->run(
        [](store::Reader&) -> http::Response {
            throw store::StoreError(store::StoreError::Kind::io, "disk I/O error");
        },
        {.request_id = "broken"}, http::Reply{first_});
    ASSERT_TRUE(test::eventually([&] { return first_->status() != 0; }));
    EXPECT_EQ(first_->status(), 503U);
    auto& home = this->home();
    std::optional<Result<int>> fetched;
    reads_->fetch<int>(
        [](store::Reader&) -> Result<int> {
            throw store::StoreError(store::StoreError::Kind::io, "disk I/O error");
        },
        home, [&](const Result<int>& result) { fetched = result; });
    ASSERT_TRUE(test::eventually([&] { return home.poll(), home.restart(), fetched.has_value(); }));
    EXPECT_EQ(fetched->error().code, Errc::store_unavailable);
    const auto next = std::make_shared<Client>();
    queue(next);
    EXPECT_TRUE(test::eventually([&] { return next->status() == 200; }));
}

}  // namespace
}  // namespace oracode::api
