#include "http/response_head.hpp"

#include <gtest/gtest.h>

namespace oracode::http {
namespace {

std::string head_of(const Response& response, bool keep_alive = true, bool http10 = false) {
    std::string out;
    append_head(out, response,
                {.date = "D", .request_id = "r-1", .keep_alive = keep_alive, .http10 = http10});
    return out;
}

TEST(ResponseHead, FramesTheBody) {
    Response response;
    response.content_type = "text/plain";
    response.body = "hello";
    EXPECT_EQ(head_of(response),
              "HTTP/1.1 200 OK\r\nServer: oracoded\r\nDate: D\r\nX-Request-Id: "
              "r-1\r\nContent-Type: text/plain\r\n"
              "Content-Length: 5\r\n\r\n");
    EXPECT_NE(head_of(Response{.status = 404}).find("404 Not Found\r\n"), std::string::npos);
    EXPECT_NE(head_of(Response{.status = 404}).find("Content-Length: 0\r\n"), std::string::npos);
}

TEST(ResponseHead, GivesNoLengthWhereThereCanBeNoBody) {
    for (const unsigned status : {204U, 304U}) {
        Response response{.status = status};
        response.content_type = "text/plain";
        response.body = "never sent";
        EXPECT_EQ(head_of(response).find("Content-"), std::string::npos) << status;
    }
}

TEST(ResponseHead, SaysWhatBecomesOfTheConnection) {
    EXPECT_EQ(head_of({}).find("Connection"), std::string::npos);
    EXPECT_NE(head_of({}, false).find("Connection: close\r\n"), std::string::npos);
    EXPECT_NE(head_of({}, true, true).find("Connection: keep-alive\r\n"), std::string::npos);
    EXPECT_NE(head_of({}, false, true).find("Connection: close\r\n"), std::string::npos);
}

TEST(ResponseHead, LeavesOutHeadersThatWouldBecomeTwo) {
    Response response;
    response.headers = {{"Location", "/v1/x\r\nSet-Cookie: a=b"},
                        {"X\r\nY", "z"},
                        {"Bell", "\a"},
                        {"Good", "caf\xc3\xa9\t1"}};
    const auto head = head_of(response);
    EXPECT_EQ(head.find("Set-Cookie"), std::string::npos);
    EXPECT_EQ(head.find("\r\nY"), std::string::npos);
    EXPECT_EQ(head.find("Bell"), std::string::npos);
    EXPECT_NE(head.find("Good: caf\xc3\xa9\t1\r\n"), std::string::npos);
}

}  // namespace
}  // namespace oracode::http
