// oracoded's API as the commands ask it. Owned by a command; one thread at a time.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "ctl/failure.hpp"
#include "ctl/http_client.hpp"

namespace oracode::ctl {

class DaemonClient {
public:
    // `token` may be empty. Throws Failure as HttpClient does.
    DaemonClient(const net::Url& address, HttpSettings settings, std::string token);

    // The answer, whatever its status. `path` begins with "/v1/…" or alike and is escaped already.
    [[nodiscard]] HttpAnswer get(std::string_view path);
    [[nodiscard]] HttpAnswer send(const char* method, std::string_view path);
    // A GET whose answer is taken piece by piece; see HttpClient::stream.
    bool stream(std::string_view path, std::vector<std::pair<std::string, std::string>> headers,
                Duration silence, const HttpReceiver& receiver);
    // The answer of a request that has to succeed. Throws Failure for every other status, with the
    // daemon's own words.
    [[nodiscard]] HttpAnswer fetch(std::string_view path);
    [[nodiscard]] HttpAnswer demand(const char* method, std::string_view path);

    // Throws Failure for an answer that is not a success, as `fetch` does.
    [[noreturn]] void fail(const HttpAnswer& answer) const;
    // The answer to `body`, whatever its status. `key` (may be empty) is the Idempotency-Key: with
    // one it is safe to repeat what makes something.
    [[nodiscard]] HttpAnswer post(std::string_view path, const boost::json::object& body,
                                  std::string_view key);
    [[nodiscard]] HttpAnswer put(std::string_view path, const boost::json::object& body);

    [[nodiscard]] const net::Url& address() const { return client_.address(); }

private:
    [[nodiscard]] HttpRequest request(const char* method, std::string_view path) const;
    [[nodiscard]] HttpRequest request(const char* method, std::string_view path,
                                      const boost::json::object& body) const;

    std::string base_;
    std::string token_;
    HttpClient client_;
};

// The body as JSON. Throws Failure (protocol) if it is none.
[[nodiscard]] boost::json::value parse_body(const HttpAnswer& answer);
[[nodiscard]] boost::json::object parse_object(const HttpAnswer& answer);

// Why the daemon refused: the problem's `detail`, else its `title`, else the status.
[[nodiscard]] std::string problem_text(const HttpAnswer& answer);
// 1 for "no such thing", 64 for a malformed request, 77 for a missing right, 69 for a daemon that
// cannot now.
[[nodiscard]] ExitCode exit_for(unsigned status);

// The text of a JSON member: strings as they are, numbers and booleans spelled out, "" for null or
// a missing one.
[[nodiscard]] std::string member_text(const boost::json::object& object, std::string_view name);
[[nodiscard]] bool member_true(const boost::json::object& object, std::string_view name);
// A value or a member as an object; an empty one where it is missing or something else.
[[nodiscard]] const boost::json::object& object_in(const boost::json::value& value);
[[nodiscard]] const boost::json::object& member_object(const boost::json::object& object,
                                                       std::string_view name);
// The elements of an array member; none where it is missing or something else.
[[nodiscard]] const boost::json::array& member_array(const boost::json::object& object,
                                                     std::string_view name);

}  // namespace oracode::ctl
