// An exchange without a connection: for handlers and routers tested by hand.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/io_context.hpp>

#include "http/message.hpp"

namespace oracode::test {

class RecordedExchange final : public http::Exchange {
public:
    void send(http::Response&& response) override { answer = std::move(response); }
    void stream(http::Response&& head, std::optional<std::uint64_t>,
                std::unique_ptr<http::Body> body) override {
        answer = std::move(head);
        while (body->next(answer->body) == http::Body::State::more) {
        }
    }
    void wake() override {}
    void watch(http::Watch) override {}
    boost::asio::io_context& context() override { return context_; }

    std::optional<http::Response> answer;

private:
    boost::asio::io_context context_;
};

// What `handler` answers to `request`; a handler that lets go of its Reply answers 500.
template <class Handler>
http::Response answer_of(const Handler& handler, const http::Request& request) {
    const auto exchange = std::make_shared<RecordedExchange>();
    handler(request, http::Reply{exchange});
    return exchange->answer.value();
}

}  // namespace oracode::test
