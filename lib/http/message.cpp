#include "http/message.hpp"

#include <new>

#include "core/text.hpp"

namespace oracode::http {

std::optional<std::string_view> Request::header(std::string_view name) const {
    for (const auto& field : headers) {
        if (iequals(field.name, name)) return field.value;
    }
    return std::nullopt;
}

Reply& Reply::operator=(Reply&& other) noexcept {
    if (this == &other) return *this;
    abandon();
    exchange_ = std::move(other.exchange_);
    return *this;
}

void Reply::abandon() noexcept {
    const auto exchange = std::exchange(exchange_, nullptr);
    try {
        if (exchange) exchange->abandon();
    } catch (const std::bad_alloc&) {
        // Without memory for an answer the client learns from the end of its connection.
    }
}

void Reply::send(Response&& response) {
    const auto exchange = std::exchange(exchange_, nullptr);
    exchange->send(std::move(response));
}

void Reply::stream(Response&& head, std::unique_ptr<Body> body,
                   std::optional<std::uint64_t> length) {
    const auto exchange = std::exchange(exchange_, nullptr);
    exchange->stream(std::move(head), length, std::move(body));
}

}  // namespace oracode::http
