// Whatever Seam, the network or time do to a call: the client says what it was and goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seam/client.hpp"
#include "support/fake_seam_caller.hpp"

namespace oracode::seam {
namespace {

using test::Caller;
using test::Conduct;
using test::fake_error;
using test::FakeAnswer;
using test::FakeSeam;
using test::options_for;
using testing::HasSubstr;
using testing::Not;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

const std::string path = "/access_codes/get";

// A JSON text of so many bytes.
std::string text_of_length(std::size_t bytes) {
    std::string text(bytes, 'x');
    text.front() = '"';
    text.back() = '"';
    return text;
}

CallError error_of(const FakeAnswer& answer, std::size_t max_answer = 1 << 20) {
    FakeSeam seam;
    seam.once(path, answer);
    seam.always(path, {});
    auto options = options_for(seam);
    options.max_answer = max_answer;
    Caller caller(options);
    const auto result = caller.get(path);
    EXPECT_FALSE(result);
    EXPECT_TRUE(caller.get(path)) << "the client did not recover";
    return result ? CallError{} : result.error();
}

TEST(ClientFailure, StatusesAreSortedByWhatToDo) {
    struct Case {
        unsigned status;
        Errc code;
    };
    const std::vector<Case> cases{
        {400, Errc::seam_refused},      {401, Errc::unauthenticated},
        {403, Errc::forbidden},         {404, Errc::not_found},
        {409, Errc::seam_refused},      {422, Errc::seam_refused},
        {429, Errc::seam_rate_limited}, {500, Errc::seam_unreachable},
        {502, Errc::seam_unreachable},  {503, Errc::seam_unreachable},
        {504, Errc::seam_unreachable},
    };
    FakeSeam seam;
    Caller caller(options_for(seam));
    for (const auto& [status, code] : cases) {
        seam.once(path, fake_error(status, "thing_not_found", "A message."));
        const auto result = caller.get(path);
        ASSERT_FALSE(result) << status;
        const auto& error = result.error();
        EXPECT_EQ(error.code, code) << status;
        EXPECT_EQ(error.status, status);
        EXPECT_EQ(error.error_type, "thing_not_found");
        EXPECT_EQ(error.error_message, "A message.");
        EXPECT_EQ(error.seam_request_id, "request-1");
        EXPECT_EQ(error.sent_at, caller.now);
        EXPECT_EQ(error.retry_after, std::nullopt);
    }
    EXPECT_EQ(seam.connections(), 1U) << "an error's connection is as good as any";
}

TEST(ClientFailure, RateLimitsTellHowLongToWait) {
    auto seconds = fake_error(429, "rate_limited", "Slow down.");
    seconds.headers = {{"Retry-After", "7"}};
    EXPECT_EQ(error_of(seconds).retry_after, 7s);
    auto date = fake_error(429, "rate_limited", "Slow down.");
    date.headers = {{"Retry-After", "Thu, 05 Mar 2026 15:01:30 GMT"}};
    EXPECT_EQ(error_of(date).retry_after, 90s);
    auto unavailable = fake_error(503, "unavailable", "Later.");
    unavailable.headers = {{"Retry-After", "9"}};
    EXPECT_EQ(error_of(unavailable).retry_after, 9s);
}

TEST(ClientFailure, RedirectsAreNotFollowed) {
    FakeSeam seam;
    seam.once(path, {.status = 307, .headers = {{"Location", "/elsewhere"}}});
    Caller caller(options_for(seam));
    const auto result = caller.get(path);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::seam_unreachable);
    EXPECT_THAT(result.error().detail, HasSubstr("redirect"));
    EXPECT_EQ(seam.calls().size(), 1U);
}

TEST(ClientFailure, AnswersThatAreNoJsonAreUnreachable) {
    for (const std::string body : {"", "{", "<html>sec-4711</html>", "{\"a\":1} trailing"}) {
        const auto error = error_of({.body = body});
        EXPECT_EQ(error.code, Errc::seam_unreachable) << body;
        EXPECT_EQ(error.status, 200U) << body;
        EXPECT_THAT(describe(error), Not(HasSubstr("4711")));
    }
}

TEST(ClientFailure, AnAnswerCutOffIsUnreachable) {
    const auto error =
        error_of({.body = R"({"access_code":{"code":"4711"}})", .conduct = Conduct::close_midway});
    EXPECT_EQ(error.code, Errc::seam_unreachable);
    EXPECT_THAT(error.detail, HasSubstr("cut off"));
    EXPECT_THAT(describe(error), Not(HasSubstr("4711")));
}

TEST(ClientFailure, ABodyThatEndsWithoutItsLengthOrACloseNotifyIsCutOff) {
    const auto error =
        error_of({.body = "HTTP/1.1 200 OK\r\n\r\n{\"ok\":true}", .conduct = Conduct::raw});
    EXPECT_EQ(error.code, Errc::seam_unreachable);
    EXPECT_THAT(error.detail, HasSubstr("cut off"));
}

TEST(ClientFailure, WhatIsNotHttpIsUnreachable) {
    const auto error = error_of({.body = "SSH-2.0-OpenSSH\r\n\r\n", .conduct = Conduct::raw});
    EXPECT_EQ(error.code, Errc::seam_unreachable);
}

TEST(ClientFailure, InterimAnswersArePassedOver) {
    FakeSeam seam;
    seam.once(path, {.body = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                             "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntrue",
                     .conduct = Conduct::raw});
    Caller caller(options_for(seam));
    const auto result = caller.get(path);
    ASSERT_TRUE(result) << describe(result.error());
    EXPECT_EQ(result->body, true);
}

TEST(ClientFailure, AnAnswerMayBeAsLargeAsAllowedAndNoLarger) {
    FakeSeam seam;
    auto options = options_for(seam);
    options.max_answer = 1000;
    Caller caller(options);
    seam.once(path, {.body = text_of_length(1000)});
    EXPECT_TRUE(caller.get(path));
    seam.once(path, {.body = text_of_length(1001)});
    const auto result = caller.get(path);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::seam_unreachable);
    EXPECT_THAT(result.error().detail, HasSubstr("more than 1000 bytes"));
}

TEST(ClientFailure, AnEndlessHeadIsRefused) {
    const auto head = "HTTP/1.1 200 OK\r\nX-Long: " + std::string(70'000, 'x') + "\r\n\r\n";
    const auto error = error_of({.body = head, .conduct = Conduct::raw});
    EXPECT_EQ(error.code, Errc::seam_unreachable);
}

TEST(ClientFailure, SilenceEndsAtTheTimeout) {
    FakeSeam seam;
    seam.always(path, {.conduct = Conduct::hang});
    auto options = options_for(seam);
    options.timeout = 300ms;
    Caller caller(options);
    const auto start = steady_clock::now();
    const auto result = caller.get(path);
    const auto took = steady_clock::now() - start;
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::seam_unreachable);
    EXPECT_THAT(result.error().detail, HasSubstr("timed out after 300ms waiting for the answer"));
    EXPECT_GE(took, 300ms);
    EXPECT_LT(took, 2s);
}

TEST(ClientFailure, ASilentHandshakeEndsAtTheTimeout) {
    boost::asio::io_context io;
    boost::asio::ip::tcp::acceptor silent(io, {boost::asio::ip::make_address("127.0.0.1"), 0});
    ClientOptions options;
    options.endpoint = "https://127.0.0.1:" + std::to_string(silent.local_endpoint().port());
    options.api_key = "key";
    options.timeout = 100ms;
    Caller caller(options);
    const auto result = caller.get(path);
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().detail, HasSubstr("timed out after 100ms TLS handshake"));
}

TEST(ClientFailure, ANameThatIsNeverResolvedEndsAtTheTimeout) {
    FakeSeam seam;
    const test::StuckLookup stuck;
    auto options = options_for(seam);
    options.endpoint = "https://connect.seam.test";
    options.lookup = stuck.lookup();
    options.timeout = 100ms;
    Caller caller(options);
    const auto start = steady_clock::now();
    const auto result = caller.get(path);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::seam_unreachable);
    EXPECT_THAT(result.error().detail, HasSubstr("resolving connect.seam.test"));
    EXPECT_EQ(result.error().sent_at, Timestamp{});
    EXPECT_LT(steady_clock::now() - start, 2s);
}

TEST(ClientFailure, ANameThatDoesNotExistIsSaid) {
    ClientOptions options;
    options.endpoint = "https://connect.seam.test";
    options.api_key = "key";
    options.lookup = [](const auto&, auto, auto& error) {
        error = boost::asio::error::host_not_found;
        return net::Addresses{};
    };
    Caller caller(options);
    const auto result = caller.get(path);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::seam_unreachable);
    EXPECT_THAT(result.error().detail, HasSubstr("resolving connect.seam.test: Host not found"));
}

TEST(ClientFailure, TheNextAddressIsTriedWhereOneRefuses) {
    FakeSeam seam;
    seam.always(path, {});
    auto options = options_for(seam);
    options.endpoint = "https://connect.seam.test";
    options.lookup = [port = seam.port()](const auto&, auto, auto&) {
        // Nothing listens on 127.0.0.2 at this port.
        return net::Addresses{{boost::asio::ip::make_address("127.0.0.2"), port},
                              {boost::asio::ip::make_address("127.0.0.1"), port}};
    };
    Caller caller(options);
    const auto result = caller.get(path);
    EXPECT_TRUE(result) << describe(result.error());
}

TEST(ClientFailure, ARefusedConnectionIsSaid) {
    std::string url;
    {
        const FakeSeam gone;
        url = gone.url();
    }
    ClientOptions options;
    options.endpoint = url;
    options.api_key = "key";
    Caller caller(options);
    const auto result = caller.get(path);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::seam_unreachable);
    EXPECT_THAT(result.error().detail, HasSubstr("connecting to"));
}

TEST(ClientFailure, PlainHttpStaysOnThisMachineWhateverTheNameServerSays) {
    ClientOptions options;
    options.endpoint = "http://localhost:1";
    options.api_key = "key";
    options.lookup = [](const auto&, auto port, auto&) {
        return net::Addresses{{boost::asio::ip::make_address("192.0.2.1"), port}};
    };
    Caller caller(options);
    const auto result = caller.get(path);
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().detail, HasSubstr("loopback"));
}

TEST(ClientFailure, ACallThatWaitedTooLongBehindOthersWasNotSent) {
    FakeSeam seam;
    seam.always(path, {.conduct = Conduct::hang});
    auto options = options_for(seam);
    options.timeout = 200ms;
    options.max_waiting = 1;
    Caller caller(options);
    std::vector<CallError> errors;
    const auto note = [&](const auto& answer) { errors.push_back(answer.error()); };
    caller.client->get(path, {}, note);  // under way
    caller.client->get(path, {}, note);  // waits
    caller.client->get(path, {}, note);  // one too many
    ASSERT_TRUE(caller.run_until([&] { return errors.size() == 3; }));
    EXPECT_EQ(errors.at(0).code, Errc::overloaded);
    EXPECT_THAT(errors.at(0).detail, HasSubstr("too many"));
    const auto sent = std::ranges::count(errors, Errc::seam_unreachable, &CallError::code);
    EXPECT_EQ(static_cast<std::size_t>(sent), seam.calls().size());
}

TEST(ClientFailure, TheKeyIsNeverRepeated) {
    const std::string key = test::fake_api_key;
    const auto at_the_edge = std::string(longest_message - 5, ' ') + key;
    for (const auto& message : {"Invalid key " + key + "!", at_the_edge}) {
        const auto error = error_of(fake_error(401, key, message));
        EXPECT_EQ(error.code, Errc::unauthenticated);
        EXPECT_THAT(describe(error), Not(HasSubstr(key.substr(0, 5))));
    }
}

}  // namespace
}  // namespace oracode::seam
