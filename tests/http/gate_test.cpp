#include "http/gate.hpp"

#include <gtest/gtest.h>

#include "webhook/signature.hpp"

namespace oracode::http {
namespace {

struct Row {
    const char* says;
    std::string head;
    unsigned status;  // 0: let through
};

std::string post(const std::string& lines, const char* version = "HTTP/1.1") {
    return std::string("POST /webhooks/seam ") + version + "\r\n" + lines + "\r\n";
}

std::string repeated(int count, const char* line) {
    std::string text;
    for (int i = 0; i < count; ++i) text += line;
    return text;
}

// As the webhook listener has them.
Limits limits_for_deliveries() {
    Limits limits;
    limits.single_headers = {webhook::signature_header_names, "signature_headers"};
    return limits;
}

unsigned status_of(const std::string& head, const Limits& limits = limits_for_deliveries()) {
    const auto refusal = gate(head, limits);
    return refusal ? refusal->status : 0;
}

TEST(Gate, LetsThroughWhatIsFramedOneWayOnly) {
    const std::vector<Row> rows{
        {"no headers under 1.0", post("", "HTTP/1.0"), 0},
        {"Host alone", post("Host: a\r\n"), 0},
        {"Host empty", post("Host:\r\n"), 0},
        {"Host with port", post("Host: hooks.example.com:8443\r\n"), 0},
        {"Host as IPv6 literal", post("HOST: [::1]:8443\r\n"), 0},
        {"Content-Length", post("Host: a\r\nContent-Length: 12\r\n"), 0},
        {"Content-Length padded with blanks", post("Host: a\r\ncontent-length: \t 12 \r\n"), 0},
        {"Content-Length with leading zeros", post("Host: a\r\nContent-Length: 0012\r\n"), 0},
        {"chunked", post("Host: a\r\nTransfer-Encoding: chunked\r\n"), 0},
        {"chunked in capitals", post("Host: a\r\nTRANSFER-ENCODING: Chunked\r\n"), 0},
        {"the svix triple",
         post("Host: a\r\nsvix-id: 1\r\nsvix-timestamp: 2\r\nsvix-signature: v1,x v1,y\r\n"), 0},
        {"the webhook triple",
         post("Host: a\r\nwebhook-id: 1\r\nwebhook-timestamp: 2\r\nwebhook-signature: v1,x\r\n"),
         0},
        {"both families", post("Host: a\r\nwebhook-id: 1\r\nsvix-id: 1\r\nsvix-timestamp: 2\r\n"),
         0},
        {"other headers of the families' prefixes",
         post("Host: a\r\nsvix-id: 1\r\nwebhook-source: a\r\nwebhook-source: b\r\n"
              "svix-attempt: 1\r\nsvix-attempt: 2\r\nwebhook-: x\r\n" +
              repeated(10, "webhook-more: x\r\n")),
         0},
        {"other headers repeated", post("Host: a\r\nAccept: x\r\nAccept: y\r\n"), 0},
        {"names that only look alike",
         post("Host: a\r\nX-Content-Length: a\r\nX-Host: b\r\nX-Svix-Id: c\r\nSvixish: d\r\n"), 0},
        {"a value with colons and blanks", post("Host: a\r\nX: a: b :c\r\n"), 0},
        {"64 fields", post("Host: a\r\n" + repeated(63, "A: b\r\n")), 0},
        {"repeated Host-like text in a value", post("Host: a\r\nX: Host: b\r\n"), 0},
    };
    for (const auto& row : rows) EXPECT_EQ(status_of(row.head), row.status) << row.says;
}

TEST(Gate, RefusesWhatTwoReadersCouldFrameDifferently) {
    const std::vector<Row> rows{
        {"chunked under 1.0", post("Host: a\r\nTransfer-Encoding: chunked\r\n", "HTTP/1.0"), 400},
        {"another coding", post("Host: a\r\nTransfer-Encoding: gzip\r\n"), 400},
        {"chunked behind another", post("Host: a\r\nTransfer-Encoding: gzip, chunked\r\n"), 400},
        {"chunked twice in a list", post("Host: a\r\nTransfer-Encoding: chunked, chunked\r\n"),
         400},
        {"chunked twice in two lines",
         post("Host: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
        {"identity", post("Host: a\r\nTransfer-Encoding: identity\r\n"), 400},
        {"empty coding", post("Host: a\r\nTransfer-Encoding:\r\n"), 400},
        {"coding with vertical tab",
         post("Host: a\r\nTransfer-Encoding: \x0b"
              "chunked\r\n"),
         400},
        {"chunked and length",
         post("Host: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n"), 400},
        {"length and chunked",
         post("Host: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n"), 400},
        {"two lengths", post("Host: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n"), 400},
        {"the same length twice", post("Host: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n"),
         400},
        {"length list", post("Host: a\r\nContent-Length: 3, 3\r\n"), 400},
        {"signed length", post("Host: a\r\nContent-Length: +3\r\n"), 400},
        {"negative length", post("Host: a\r\nContent-Length: -3\r\n"), 400},
        {"hexadecimal length", post("Host: a\r\nContent-Length: 0x3\r\n"), 400},
        {"empty length", post("Host: a\r\nContent-Length:\r\n"), 400},
        {"folded line", post("Host: a\r\nX: b\r\n c\r\n"), 400},
        {"line folded with a tab", post("Host: a\r\nX: b\r\n\tc\r\n"), 400},
        {"blank before the first header", post(" Host: a\r\n"), 400},
        {"no Host", post("Accept: x\r\n"), 400},
        {"two Hosts", post("Host: a\r\nHost: b\r\n"), 400},
        {"the same Host twice", post("Host: a\r\nhost: a\r\n"), 400},
        {"two Hosts under 1.0", post("Host: a\r\nHost: a\r\n", "HTTP/1.0"), 400},
        {"Host list", post("Host: a, b\r\n"), 400},
        {"Host with a user", post("Host: a@b\r\n"), 400},
        {"Host with a path", post("Host: a/b\r\n"), 400},
        {"svix header repeated", post("Host: a\r\nsvix-id: 1\r\nsvix-id: 2\r\n"), 400},
        {"svix header repeated in other letters",
         post("Host: a\r\nsvix-signature: 1\r\nSvix-Signature: 1\r\n"), 400},
        {"webhook header repeated",
         post("Host: a\r\nwebhook-timestamp: 1\r\nWEBHOOK-TIMESTAMP: 1\r\n"), 400},
        {"line without colon", post("Host: a\r\nnonsense\r\n"), 400},
        {"line without name", post("Host: a\r\n: x\r\n"), 400},
        {"request line alone", "POST / HTTP/1.1", 400},
        {"no empty line", "POST / HTTP/1.1\r\nHost: a\r\n", 400},
        {"something behind the empty line", post("Host: a\r\n") + "X", 400},
        {"65 fields", post("Host: a\r\n" + repeated(64, "A: b\r\n")), 431},
    };
    for (const auto& row : rows) EXPECT_EQ(status_of(row.head), row.status) << row.says;
}

TEST(Gate, NamesTheSignatureHeaderThatIsThereTwice) {
    for (const std::string name : {"svix-id", "svix-timestamp", "svix-signature", "webhook-id",
                                   "webhook-timestamp", "webhook-signature"}) {
        const auto refusal = gate(post("Host: a\r\n" + repeated(2, (name + ": 1\r\n").c_str())),
                                  limits_for_deliveries());
        ASSERT_TRUE(refusal) << name;
        EXPECT_EQ(refusal->reason, "signature_headers");
        EXPECT_EQ(refusal->header, name);
    }
}

TEST(Gate, LetsThroughTwiceWhatTheListenerDoesNotName) {
    const auto head = post("Host: a\r\nsvix-id: 1\r\nsvix-id: 1\r\nX-Once: 1\r\nx-once: 2\r\n");
    EXPECT_EQ(status_of(head, Limits{}), 0U);
    constexpr std::array<std::string_view, 2> names{"x-other", "x-once"};
    Limits limits;
    limits.single_headers = {names, "why"};
    EXPECT_EQ(gate(head, limits), (Rejection{400, "why", "x-once"}));
}

TEST(Gate, MeasuresTheWholeHead) {
    const auto of_size = [](std::size_t size) {
        const auto frame = post("Host: a\r\nX: \r\n").size();
        return post("Host: a\r\nX: " + std::string(size - frame, 'x') + "\r\n");
    };
    ASSERT_EQ(of_size(16'384).size(), 16'384U);
    EXPECT_EQ(status_of(of_size(16'384)), 0U);
    EXPECT_EQ(status_of(of_size(16'385)), 431U);
    Limits small;
    small.max_header = 100;
    small.max_fields = 1;
    EXPECT_EQ(status_of(post("Host: a\r\n"), small), 0U);
    EXPECT_EQ(status_of(post("Host: a\r\nX: b\r\n"), small), 431U);
}

TEST(HeadSearch, FindsTheEndHoweverTheBytesArrive) {
    const std::string input = "GET / HTTP/1.1\r\nHost: a\r\n\r\nBODY\r\n\r\n";
    HeadSearch whole;
    find_head_end(input, whole);
    EXPECT_EQ(whole.end, input.find("BODY"));

    HeadSearch piecemeal;
    for (std::size_t size = 1; size <= input.size() && piecemeal.end == 0; ++size)
        find_head_end(std::string_view{input}.substr(0, size), piecemeal);
    EXPECT_EQ(piecemeal.end, input.find("BODY"));
}

TEST(HeadSearch, StopsAtABareLineFeed) {
    for (const auto* input :
         {"\n", "GET / HTTP/1.1\n", "GET / HTTP/1.1\r\nHost: a\n", "GET / HTTP/1.1\r\n\n"}) {
        HeadSearch search;
        find_head_end(input, search);
        EXPECT_TRUE(search.broken) << input;
        EXPECT_EQ(search.end, 0U) << input;
    }
}

}  // namespace
}  // namespace oracode::http
