// A server that each test runs twice: in plain, and under TLS.
#pragma once

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "support/http_server.hpp"

namespace oracode::http {

inline std::string post_head(std::size_t length) {
    return "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(length) + "\r\n\r\n";
}

class PlainAndTls : public testing::TestWithParam<bool> {
protected:
    static test::HttpServer server(Handler handler, const Limits& limits = {}) {
        return test::HttpServer(
            {.handler = std::move(handler), .limits = limits, .tls = GetParam()});
    }
    static test::HttpServer server(const Limits& limits, Handler handler = test::echo) {
        return server(std::move(handler), limits);
    }

public:
    static std::string name(const testing::TestParamInfo<bool>& with) {
        return with.param ? "Tls" : "Plain";
    }
};

}  // namespace oracode::http
