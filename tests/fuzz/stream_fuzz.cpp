// Event streams as oracodectl reads them: the same messages however the bytes are cut, and no half
// message after the end.
#include "ctl/event_stream.hpp"
#include "input.hpp"

namespace {

using namespace oracode;
using fuzz::require;

struct Heard {
    std::string messages;
    std::string last_id;

    friend bool operator==(const Heard&, const Heard&) = default;
};

Heard hear(std::string_view bytes, std::size_t step) {
    ctl::EventStream stream;
    Heard heard;
    const auto note = [&](const ctl::StreamMessage& message) {
        heard.messages += message.event + '\x1f' + message.data + '\x1e';
    };
    while (!bytes.empty()) {
        stream.take(bytes.substr(0, step), note);
        bytes.remove_prefix(std::min(step, bytes.size()));
    }
    const auto before = heard.messages;
    stream.reset();
    stream.take("\n\n", note);
    require(heard.messages == before);
    heard.last_id = stream.last_id();
    return heard;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = fuzz::text_of(data, size);
    const auto whole = hear(bytes, size == 0 ? 1 : size);
    require(whole == hear(bytes, 1) && whole == hear(bytes, 7));
    return 0;
}
