// Whatever bytes a sender signs: decoding neither crashes nor depends on anything but the body, and
// what it hands to the store keeps its promises.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <boost/json.hpp>

#include "seam/decode.hpp"

namespace {

using namespace oracode;

void require(bool held) {
    if (!held) std::abort();
}

void require_json_array(const lifecycle::Facts::Maybe<std::string>& fact) {
    if (fact && *fact) require(boost::json::parse(**fact, {}, {.max_depth = 100}).is_array());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view body(reinterpret_cast<const char*>(data), size);
    const Timestamp now{std::chrono::seconds{1'772'463'600}};

    const auto event = seam::decode_event(body, now, lifecycle::Source::webhook);
    if (event) {
        require(!event->event_id.empty() && !event->event_type.empty());
        require(event == seam::decode_event(body, now, lifecycle::Source::webhook));
        require_json_array(event->facts.errors);
        require_json_array(event->facts.warnings);
    } else {
        require(event.error().code == Errc::invalid_argument && event.error().detail.size() < 100);
    }

    boost::json::error_code error;
    const auto json = boost::json::parse(body, error);
    if (error) return 0;
    const auto code = seam::decode_access_code(json, now, lifecycle::Source::poll);
    if (code) {
        require(!code->access_code_id.empty());
        require_json_array(code->facts.errors);
        require_json_array(code->facts.warnings);
        require_json_array(code->facts.pending_mutations);
    }
    return 0;
}
