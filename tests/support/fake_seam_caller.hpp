// A Client with an io_context that a test turns by hand. Owned by a test, on its thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>

#include "seam/client.hpp"
#include "support/fake_seam.hpp"

namespace oracode::test {

inline constexpr auto fake_api_key = "seam_test_key_0123456789";

// How to reach `seam`: its URL, its authority, a key, and a timeout that a test is not kept by.
[[nodiscard]] seam::ClientOptions options_for(const FakeSeam& seam);

// Looks up nothing until it is released, as a dead name server; every copy is the same one.
class StuckLookup {
public:
    StuckLookup();
    ~StuckLookup();  // releases; returns once no look-up is under way
    StuckLookup(const StuckLookup&) = delete;
    StuckLookup& operator=(const StuckLookup&) = delete;
    [[nodiscard]] net::Lookup lookup() const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

class Caller {
public:
    explicit Caller(const seam::ClientOptions& options);

    // Fails the test and returns an error where no answer comes within 10 s.
    seam::CallResult<seam::Answer> get(const std::string& path,
                                       const seam::Client::Query& query = {});
    seam::CallResult<seam::Answer> post(const std::string& path, const boost::json::object& body);
    // Turns the io_context until `done`, for at most 10 s; false where it never was.
    bool run_until(const std::function<bool()>& done);

    boost::asio::io_context io;
    Timestamp now = *parse_rfc3339("2026-03-05T15:00:00Z");
    std::unique_ptr<seam::Client> client;
};

}  // namespace oracode::test
