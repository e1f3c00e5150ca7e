// Whatever headers and secrets someone sends or configures: verification neither crashes nor
// accepts what was not signed, and always accepts what was.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include <fuzzer/FuzzedDataProvider.h>

#include "webhook/signature.hpp"

namespace {

using namespace oracode;
using namespace oracode::webhook;

void require(bool held) {
    if (!held) std::abort();
}

bool has_word(std::string_view text, std::string_view word) {
    while (!text.empty()) {
        const auto end = std::min(text.find(' '), text.size());
        if (text.substr(0, end) == word) return true;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return false;
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
