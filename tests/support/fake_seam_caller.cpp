#include "support/fake_seam_caller.hpp"

#include <condition_variable>
#include <mutex>

#include <boost/asio/error.hpp>
#include <gtest/gtest.h>

namespace oracode::test {

using seam::Answer;
using seam::CallResult;
using std::chrono::steady_clock;

seam::ClientOptions options_for(const FakeSeam& seam) {
    seam::ClientOptions options;
    options.endpoint = seam.url();
    options.api_key = fake_api_key;
    options.ca_file = seam.ca_file();
    options.timeout = std::chrono::seconds{5};
    return options;
}

struct StuckLookup::State {
    std::mutex mutex;
    std::condition_variable changed;
    bool released = false;
    int under_way = 0;
};

StuckLookup::StuckLookup() : state_(std::make_shared<State>()) {}

StuckLookup::~StuckLookup() {
    std::unique_lock lock(state_->mutex);
    state_->released = true;
    state_->changed.notify_all();
    state_->changed.wait(lock, [this] { return state_->under_way == 0; });
}

net::Lookup StuckLookup::lookup() const {
    return [state = state_](const std::string&, std::uint16_t, boost::system::error_code& error) {
        std::unique_lock lock(state->mutex);
        ++state->under_way;
        state->changed.wait(lock, [&] { return state->released; });
        --state->under_way;
        state->changed.notify_all();
        error = boost::asio::error::host_not_found;
        return net::Addresses{};
    };
}

Caller::Caller(const seam::ClientOptions& options) {
    auto made = seam::Client::make(io.get_executor(), options, [this] { return now; });
    EXPECT_TRUE(made) << made.error().detail;
    client = std::move(made).value();
}

CallResult<Answer> Caller::get(const std::string& path, const seam::Client::Query& query) {
    std::optional<CallResult<Answer>> result;
    client->get(path, query, [&](CallResult<Answer> got) { result = std::move(got); });
    EXPECT_FALSE(result) << "called back from within the call";
    EXPECT_TRUE(run_until([&] { return result.has_value(); })) << "no answer";
    return result ? std::move(*result) : seam::CallError{};
}

CallResult<Answer> Caller::post(const std::string& path, const boost::json::object& body) {
    std::optional<CallResult<Answer>> result;
    client->post(path, body, [&](CallResult<Answer> got) { result = std::move(got); });
    EXPECT_TRUE(run_until([&] { return result.has_value(); })) << "no answer";
    return result ? std::move(*result) : seam::CallError{};
}

bool Caller::run_until(const std::function<bool()>& done) {
    const auto end = steady_clock::now() + std::chrono::seconds{10};
    while (!done() && steady_clock::now() < end) {
        io.restart();
        io.run_one_for(std::chrono::milliseconds{20});
    }
    return done();
}

}  // namespace oracode::test
