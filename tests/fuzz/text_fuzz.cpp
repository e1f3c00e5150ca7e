// Instants, durations, sizes, base64 and Retry-After: what is read is within its bounds and comes
// back the same from its own writing.
#include <array>

#include "core/base64.hpp"
#include "input.hpp"
#include "seam/client_answer.hpp"

using namespace oracode;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    if (const auto at = parse_rfc3339(text)) {
        // An offset can lead out of the years that can be written.
        const auto written = format_rfc3339(*at);
        require(format_rfc3339(parse_rfc3339(written).value()) == written);
    }
    if (const auto duration = parse_duration(text)) {
        require(*duration >= Duration{0});
        require(parse_duration(format_duration(*duration)) == duration);
    }
    static_cast<void>(parse_size(text));

    std::array<unsigned char, longest_base64 / 4 * 3> bytes;
    if (const auto length = decode_base64(text, bytes))
        require(base64(std::span(bytes.data(), *length)) == text);
    if (size <= longest_base64 / 4 * 3) {
        const auto length = decode_base64(base64(text), bytes);
        require(size == 0 ? !length : length == size);
        require(size == 0 ||
                text == std::string_view(reinterpret_cast<const char*>(bytes.data()), size));
    }
    if (const auto pause = seam::parse_retry_after(text, fuzz::now))
        require(*pause >= Duration{0} && *pause <= seam::longest_retry_after);
    const auto line = seam::bounded(text, 20);
    require(line.size() <= 20 && !fuzz::has_control_characters(line));
    return 0;
}
