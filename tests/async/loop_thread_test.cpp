#include "async/loop_thread.hpp"

#include <array>
#include <future>
#include <stdexcept>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>
#include <pthread.h>

namespace oracode::async {
namespace {

using namespace std::chrono_literals;

TEST(LoopThread, IsNamedAndGoesOnAfterAHandlerThatThrew) {
    LoopThread thread("test-loop");
    thread.start();
    boost::asio::post(thread.context(), [] { throw std::runtime_error("one handler"); });
    std::promise<std::string> name;
    boost::asio::post(thread.context(), [&name] {
        std::array<char, 16> text{};
        pthread_getname_np(pthread_self(), text.data(), text.size());
        name.set_value(text.data());
    });
    auto shown = name.get_future();
    ASSERT_EQ(shown.wait_for(10s), std::future_status::ready);
    EXPECT_EQ(shown.get(), "test-loop");
}

TEST(LoopThread, StopsOnceWhatKeepsItBusyIsLetGo) {
    LoopThread thread("test-loop");
    boost::asio::steady_timer never(thread.context(), std::chrono::hours{1});
    bool cancelled = false;
    never.async_wait([&](const boost::system::error_code& error) { cancelled = error.failed(); });
    thread.start();
    thread.stop([&never] { never.cancel(); });
    EXPECT_TRUE(cancelled);
    thread.stop([] { FAIL() << "it does not run any more"; });
}

TEST(LoopThread, FinishesWhatWasPostedBefore) {
    LoopThread thread("test-loop");
    int done = 0;
    thread.start();
    for (int i = 0; i < 100; ++i) boost::asio::post(thread.context(), [&done] { ++done; });
    thread.finish();
    thread.join();
    EXPECT_EQ(done, 100);
}

TEST(LoopThread, MayGoWithoutHavingStarted) {
    LoopThread thread("test-loop");
    boost::asio::post(thread.context(), [] { FAIL() << "it was never started"; });
    thread.stop([] { FAIL() << "it was never started"; });
}

}  // namespace
}  // namespace oracode::async
