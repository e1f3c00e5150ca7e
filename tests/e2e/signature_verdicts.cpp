// The daemon's verdict on deliveries that other programs made up, one JSON line each, one line of
// verdict for each: `accepted`, the name of the SignatureError, or `secret` where one of the
// secrets cannot be used. See signatures.test.mjs.
#include <iostream>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "webhook/signature.hpp"

namespace {

using namespace oracode;
namespace json = boost::json;

struct Header {
    std::string name;
    std::string value;
};

// Its numbers are bytes: a body is not always a text.
std::string bytes_of(const json::array& numbers) {
    std::string bytes;
    for (const auto& number : numbers) bytes += static_cast<char>(number.as_int64());
    return bytes;
}

std::string_view verdict(const json::object& delivery) {
    std::vector<webhook::Secret> secrets;
    for (const auto& text : delivery.at("secrets").as_array()) {
        auto secret = webhook::Secret::parse(text.as_string());
        if (!secret) return "secret";
        secrets.push_back(std::move(secret).value());
    }
    std::vector<Header> headers;
    for (const auto& header : delivery.at("headers").as_array())
        headers.push_back(
            {std::string(header.at(0).as_string()), std::string(header.at(1).as_string())});
    const Timestamp now{std::chrono::milliseconds{delivery.at("now").as_int64()}};
    webhook::Verifier verifier{secrets, std::chrono::minutes{5}};
    const auto verification = verifier.verify(webhook::signature_headers(headers),
                                              bytes_of(delivery.at("body").as_array()), now);
    return verification.accepted() ? "accepted" : name(*verification.refusal);
}

}  // namespace

int main() {
    std::ios::sync_with_stdio(false);
    for (std::string line; std::getline(std::cin, line);) {
        // An empty line asks for what was written so far.
        if (line.empty())
            std::cout << std::flush;
        else
            std::cout << verdict(json::parse(line).as_object()) << '\n';
    }
    return 0;
}
