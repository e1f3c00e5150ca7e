#include "devices/directory.hpp"

#include <gtest/gtest.h>

#include "support/fake_locks.hpp"
#include "support/process.hpp"

namespace oracode::devices {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using test::fake_error;
using test::sample_lock;

class Locks : public testing::Test {
protected:
    Locks() {
        locks_.put(sample_lock());
        seam::ClientOptions options;
        options.endpoint = seam_.url();
        options.ca_file = seam_.ca_file();
        options.api_key = "key";
        options.timeout = 5s;
        client_ = seam::Client::make(context_.get_executor(), options, clock()).value();
        api_.emplace(*client_);
        directory_.emplace(Directory::Dependencies{store_, reader_, context_, clock(), 10min});
        directory_->use(&*api_);
        store_.start();
    }

    Clock clock() {
        return [this] { return now_; };
    }
    // Runs what was asked for until `count` answers have come.
    void run_until(std::size_t count) {
        const auto guard = boost::asio::make_work_guard(context_);
        context_.restart();
        while (answers_.size() < count) context_.run_one();
    }
    Directory::Done note() {
        return
            [this](SeamResult<LockSnapshot> snapshot) { answers_.push_back(std::move(snapshot)); };
    }
    SeamResult<LockSnapshot> find(const std::string& id) {
        answers_.clear();
        directory_->find(id, note());
        run_until(1);
        return answers_.front();
    }

    Timestamp now_{Duration{1'770'000'000'000}};
    test::TemporaryFolder folder_;
    test::FakeSeam seam_;
    test::FakeLocks locks_{seam_};
    boost::asio::io_context context_;
    store::Store store_{
        store::StoreOptions{.path = folder_ / "oracoded.db", .policy = {}, .clock = clock()}};
    store::OrderReader reader_{store_.path()};
    std::unique_ptr<seam::Client> client_;
    std::optional<seam::Api> api_;
    std::optional<Directory> directory_;
    std::vector<SeamResult<LockSnapshot>> answers_;
};

TEST_F(Locks, WhoeverWantsTheSameOneSharesOneRequest) {
    for (int i = 0; i < 5; ++i) directory_->find("lock1", note());
    directory_->fetch("lock1", note());
    run_until(6);
    for (const auto& snapshot : answers_) {
        ASSERT_TRUE(snapshot);
        EXPECT_TRUE(snapshot->just_fetched);
        EXPECT_EQ(snapshot->device.lock.name, "Cabin 7");
    }
    EXPECT_EQ(locks_.requests_to("/devices/get"), 1U);
}

TEST_F(Locks, AreBelievedWhileYoungAndAskedForWhenDoubted) {
    EXPECT_TRUE(find("lock1")->just_fetched);
    now_ += 10min - 1ms;
    EXPECT_FALSE(find("lock1")->just_fetched);
    now_ += 1ms;
    EXPECT_TRUE(find("lock1")->just_fetched);
    EXPECT_FALSE(find("lock1")->just_fetched);
    directory_->distrust("lock1");
    EXPECT_TRUE(find("lock1")->just_fetched);
    EXPECT_FALSE(find("lock1")->just_fetched);
    now_ -= 1h;
    EXPECT_TRUE(find("lock1")->just_fetched) << "shown in the future, the clock was set back";
}

TEST_F(Locks, ThatSeamForgotAreForgotten) {
    ASSERT_TRUE(find("lock1"));
    locks_.remove("lock1");
    now_ += 1h;
    EXPECT_EQ(find("lock1").error().code, Errc::not_found);
    EXPECT_EQ(directory_->kept("lock1").error().code, Errc::not_found);
}

TEST_F(Locks, StayAsTheyAreWhileSeamFailsAndSeamIsLeftAloneForAWhile) {
    const auto first = now_;
    ASSERT_TRUE(find("lock1"));
    now_ += 1h;
    seam_.always("/devices/get", fake_error(500, "internal", "oops"));
    EXPECT_EQ(find("lock1")->fetched_at, first);
    EXPECT_EQ(find("lock1")->fetched_at, first);
    EXPECT_EQ(locks_.requests_to("/devices/get"), 2U);
    now_ += 5s;
    EXPECT_EQ(find("lock1")->fetched_at, first);
    EXPECT_EQ(locks_.requests_to("/devices/get"), 3U);
}

TEST_F(Locks, AnAnswerAboutAnotherDeviceIsNone) {
    seam_.always("/devices/get", {.body = R"({"ok":true,"device":{"device_id":"lock2"}})"});
    EXPECT_EQ(find("lock1").error().code, Errc::seam_unreachable);
}

TEST_F(Locks, AreNotAskedForMoreOftenThanSeamAllows) {
    auto patience = fake_error(429, "rate_limit_exceeded", "later");
    patience.headers = {{"Retry-After", "20"}};
    seam_.always("/devices/get", patience);
    EXPECT_EQ(find("lock1").error().retry_after, 20s);
    now_ += 19s;
    EXPECT_EQ(find("lock1").error().code, Errc::seam_rate_limited);
    EXPECT_EQ(locks_.requests_to("/devices/get"), 1U);
    now_ += 1s;
    static_cast<void>(find("lock1"));
    EXPECT_EQ(locks_.requests_to("/devices/get"), 2U);
}

TEST_F(Locks, AreListedPageByPageAndTheGoneOnesForgotten) {
    ASSERT_TRUE(find("lock1"));
    now_ += 1s;
    const auto page = [](const char* id, const char* next) {
        auto lock = sample_lock();
        lock["device_id"] = id;
        const json::value cursor = *next == '\0' ? json::value() : json::value(next);
        return test::FakeAnswer{
            .body = json::serialize(json::object{
                {"ok", true},
                {"devices", json::array{lock}},
                {"pagination",
                 {{"has_next_page", !cursor.is_null()}, {"next_page_cursor", cursor}}}})};
    };
    seam_.once("/devices/list", page("lock2", "more"));
    seam_.once("/devices/list", page("lock3", ""));
    int done = 0;
    const auto refresh = [&] {
        directory_->refresh_all([&] {
            ++done;
            answers_.emplace_back(LockSnapshot{});
        });
    };
    answers_.clear();
    refresh();
    refresh();
    run_until(2);
    EXPECT_EQ(done, 2);
    EXPECT_EQ(locks_.requests_to("/devices/list"), 2U);
    EXPECT_EQ(reader_.device_ids("", 10).value(), (std::vector<std::string>{"lock2", "lock3"}));
    refresh();
    run_until(3);
    EXPECT_EQ(locks_.requests_to("/devices/list"), 2U) << "the list is young";
}

}  // namespace
}  // namespace oracode::devices
