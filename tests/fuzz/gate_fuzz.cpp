// Arbitrary bytes through framing gate and parser: whatever they are and however they are cut, the
// same requests come out, and what the gate promises about them holds.
#include <string>
#include <string_view>
#include <vector>

#include "http/request_reader.hpp"
#include "input.hpp"

namespace {

using oracode::fuzz::require;
using oracode::http::Limits;
using oracode::http::RequestReader;

struct Outcome {
    std::string requests;  // what a handler would have seen
    unsigned status = 0;   // of the refusal that ended it
    bool swollen = false;  // refused for a chunk header or trailer that came in too many pieces
};

void note(Outcome& outcome, RequestReader& reader, const Limits& limits) {
    const auto& request = reader.request();
    require(request.body.size() <= limits.max_body);
    require(request.headers.size() <= limits.max_fields);
    require(request.path == "*" || request.path.starts_with('/'));
    std::size_t hosts = 0;
    outcome.requests.append(request.method)
        .append("|")
        .append(request.path)
        .append("?")
        .append(request.query);
    for (const auto& [name, value] : request.headers) {
        hosts += name.size() == 4 && request.header("host") && (name[0] | 0x20) == 'h' &&
                         (name[1] | 0x20) == 'o' && (name[2] | 0x20) == 's' &&
                         (name[3] | 0x20) == 't'
                     ? 1
                     : 0;
        for (const auto part : {name, value})
            require(part.find_first_of(std::string_view{"\r\n\0", 3}) == part.npos);
        outcome.requests.append("|").append(name).append(":").append(value);
    }
    require(hosts == 1 || (hosts == 0 && reader.http10()));
    require(!(request.header("Content-Length") && request.header("Transfer-Encoding")));
    outcome.requests.append("|").append(request.body).append("\n");
}

// As a session does it, in pieces of `step` bytes.
Outcome read(std::string_view input, std::size_t step) {
    Limits limits;
    limits.max_header = 512;
    limits.max_fields = 8;
    limits.max_body = 256;
    RequestReader reader(limits);
    Outcome outcome;
    std::string waiting;
    while (!input.empty()) {
        waiting += input.substr(0, step);
        input.remove_prefix(std::min(step, input.size()));
        for (bool again = true; again;) {
            again = false;
            const auto taken = reader.take(waiting);
            require(taken <= waiting.size());
            waiting.erase(0, taken);
            if (reader.refusal()) {
                outcome.status = reader.refusal()->status;
                require(outcome.status >= 400);
                outcome.swollen = reader.stage() == RequestReader::Stage::body &&
                                  waiting.size() > limits.max_header;
                return outcome;
            }
            if (reader.stage() == RequestReader::Stage::complete) {
                note(outcome, reader, limits);
                reader.reset();
                again = !waiting.empty();
            }
        }
        // What a client can make a session keep while it waits for more.
        require(waiting.size() <= limits.max_header + step);
    }
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = oracode::fuzz::text_of(data, size);
    const auto whole = read(input, size == 0 ? 1 : size);
    const auto bytes = read(input, 1);
    // Whether the rest is refused already or still waited for may depend on the cut; the requests
    // do not. Only a chunk header longer than a head may be is refused piecemeal and accepted
    // whole.
    if (bytes.swollen)
        require(whole.requests.starts_with(bytes.requests));
    else
        require(whole.requests == bytes.requests);
    return 0;
}
