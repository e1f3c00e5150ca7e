// Whatever headers and secrets someone sends or configures: verification neither crashes nor
// accepts what was not signed, and always accepts what was.
#include <vector>

#include <fuzzer/FuzzedDataProvider.h>

#include "core/text.hpp"
#include "input.hpp"
#include "webhook/signature.hpp"

namespace {

using namespace oracode;
using namespace oracode::webhook;
using fuzz::require;

bool has_word(std::string_view text, std::string_view word) {
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        if (text.substr(0, end) == word) return true;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return false;
}

struct Header {
    std::string name;
    std::string value;
};

std::vector<Header> headers_of(FuzzedDataProvider& input) {
    std::vector<Header> headers;
    for (auto count = input.ConsumeIntegralInRange(0, 8); count > 0; --count) {
        const auto which = input.ConsumeIntegralInRange<std::size_t>(0, 7);
        auto name = which < 6 ? std::string(signature_header_names.at(which))
                              : input.ConsumeRandomLengthString(20);
        if (input.ConsumeBool())
            for (auto& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        headers.push_back({std::move(name), input.ConsumeRandomLengthString(10)});
    }
    return headers;
}

// The first header of `name` in lower case.
std::optional<std::string_view> first(const std::vector<Header>& headers, std::string_view name) {
    for (const auto& header : headers)
        if (iequals(header.name, name)) return header.value;
    return std::nullopt;
}

// One family, as it was sent: Svix's own unless the other alone is complete.
void check_families(const std::vector<Header>& headers) {
    const SignatureHeaders svix{first(headers, "svix-id"), first(headers, "svix-timestamp"),
                                first(headers, "svix-signature")};
    const SignatureHeaders webhook{first(headers, "webhook-id"),
                                   first(headers, "webhook-timestamp"),
                                   first(headers, "webhook-signature")};
    const auto& counted = webhook.complete() && !svix.complete() ? webhook : svix;
    require(signature_headers(headers) == counted);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    FuzzedDataProvider input(data, size);
    std::vector<Secret> secrets{Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").value()};
    if (auto other = Secret::parse(input.ConsumeRandomLengthString(80)))
        secrets.push_back(std::move(other).value());
    const std::string id = input.ConsumeRandomLengthString(40);
    const std::string timestamp =
        input.ConsumeBool() ? "1772463600" : input.ConsumeRandomLengthString(24);
    std::string signature = input.ConsumeRandomLengthString(200);
    const Timestamp now{std::chrono::milliseconds{
        input.ConsumeIntegralInRange<std::int64_t>(0, 253'402'300'799'999)}};
    check_families(headers_of(input));
    const std::string body = input.ConsumeRemainingBytesAsString();

    Verifier verifier{secrets, std::chrono::minutes{5}};
    const auto verification = verifier.verify({id, timestamp, signature}, body, now);
    if (verification.accepted())
        require(has_word(signature, sign(secrets.at(verification.slot), id, timestamp, body)));
    else
        require(http_status(*verification.refusal) == 400 ||
                http_status(*verification.refusal) == 401);

    if (id.empty()) return 0;
    const auto right = sign(secrets.back(), id, "1772463600", body);
    const Timestamp then{std::chrono::seconds{1'772'463'600}};
    require(verifier.verify({id, "1772463600", right}, body, then).accepted());
    // Anything in front of the right signature leaves it right, as long as it is one of those that
    // are looked at.
    if (signature.size() < 200) {
        signature += ' ' + right;
        require(verifier.verify({id, "1772463600", signature}, body, then).accepted());
    }
    return 0;
}
