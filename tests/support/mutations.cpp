#include "support/mutations.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace oracode::test {
namespace {

const char* header_garbage(Random& random) {
    return random.pick({"Content-Length: 0\r\n",
                        "Content-Length: 18446744073709551615\r\n",
                        "Content-Length : 5\r\n",
                        "Transfer-Encoding: chunked\r\n",
                        "Transfer-Encoding: identity\r\n",
                        "Transfer-Encoding: xchunked\r\n",
                        "Host: other\r\n",
                        "Expect: 100-continue\r\n",
                        "Expect: x\r\n",
                        "Connection: close\r\n",
                        "Connection: upgrade\r\nUpgrade: h2c\r\n",
                        "svix-id: other\r\n",
                        "SVIX-Signature: v1,AAAA\r\n",
                        "webhook-id: other\r\n",
                        "svix-timestamp: 0\r\n",
                        " folded\r\n",
                        ": empty\r\n",
                        "no colon\r\n",
                        "A: b\n",
                        "A: \r\r\n",
                        "\r\n",
                        "X-Forwarded-For: 1.2.3.4\r\n",
                        "Accept: text/event-stream\r\n",
                        "Range: bytes=0-\r\n",
                        "If-None-Match: *\r\n",
                        "Authorization: Bearer x\r\n",
                        "Last-Event-ID: -1\r\n"});
}

void replace_one(Random& random, std::string& bytes, std::string_view from, std::string_view to) {
    const auto at = bytes.find(from, random.below(bytes.size()));
    if (at != std::string::npos) bytes.replace(at, from.size(), to);
}

void mutate_once(Random& random, std::string& bytes) {
    if (bytes.empty()) return;
    const auto at = random.below(bytes.size());
    const auto length = 1 + random.below(std::min<std::size_t>(bytes.size() - at, 60));
    switch (random.below(10)) {
        case 0:
            bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.below(8)));
            break;
        case 1:
            bytes[at] = static_cast<char>(random.below(256));
            break;
        case 2:
            bytes.erase(at, length);
            break;
        case 3:
            bytes.resize(at);
            break;
        case 4:
            bytes.insert(at, bytes.substr(at, length));
            break;
        case 5:
            for (std::size_t i = 0; i < length; ++i)
                bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                             static_cast<char>(random.below(256)));
            break;
        case 6:
            replace_one(random, bytes, "\r\n", random.pick({"\n", "\r", "\r\n\r\n", "\n\r", ""}));
            break;
        case 7:
            replace_one(random, bytes, "\"",
                        random.pick({"", "\\\"", "'", "\"\"", "\\", "[", "}"}));
            break;
        default: {
            const auto line = bytes.find("\r\n", at);
            if (line != std::string::npos) bytes.insert(line + 2, header_garbage(random));
        }
    }
}

std::string with_body(const std::string& line, const std::string& body) {
    return line + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

}  // namespace

void mutate(Random& random, std::string& bytes) {
    for (auto times = 1 + random.below(3); times > 0; --times) mutate_once(random, bytes);
}

std::string api_request(Random& random, std::size_t codes) {
    const auto code = fmt::format("/v1/access_codes/code-{}", random.below(codes));
    constexpr auto order =
        R"({"device_id":"device1","name":"Ada","starts_at":"2026-03-05T15:00:00Z","ends_at":"2026-03-08T11:00:00Z"})";
    switch (random.below(8)) {
        case 0:
            return with_body("POST /v1/access_codes/check", order);
        case 1:
            return with_body("PUT " + code, R"({"external_id":"booking"})");
        case 2:
            return with_body("POST " + code + random.pick({"/refresh", "/untrack"}), "");
        case 3:
            return with_body("GET " + code + random.pick({"", "/history", "?include=code"}), "");
        case 4:
            return with_body(std::string("POST /v1/quarantine/1/replay"), "");
        default:
            return with_body(
                std::string("GET ") +
                    random.pick({"/v1/access_codes?status=set,unset&limit=3",
                                 "/v1/alerts?open=true", "/v1/access_codes?search=code&cursor=c3",
                                 "/v1/changes?after=0", "/v1/arrivals?within=7d",
                                 "/v1/devices?limit=2", "/v1/stats",
                                 "/v1/quarantine?limit=2&cursor=q5", "/v1/quarantine/1", "/healthz",
                                 "/readyz", "/metrics", "/v1/openapi.json", "/", "/v1/backup",
                                 "/v1/session"}),
                "");
    }
}

}  // namespace oracode::test
