// Whatever bytes a sender signs: decoding neither crashes nor depends on anything but the body, and
// what it hands to the store keeps its promises.
#include <string_view>

#include <boost/json.hpp>

#include "core/lenient_json.hpp"
#include "input.hpp"
#include "seam/decode.hpp"

namespace {

using namespace oracode;
using fuzz::now;
using fuzz::require;

void require_json_array(const lifecycle::Facts::Maybe<std::string>& fact) {
    if (fact && *fact) require(boost::json::parse(**fact, {}, {.max_depth = 100}).is_array());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto body = fuzz::text_of(data, size);

    const auto event = seam::decode_event(body, now, lifecycle::Source::webhook);
    if (event) {
        require(!event->event_id.empty() && !event->event_type.empty());
        require(event == seam::decode_event(body, now, lifecycle::Source::webhook));
        require_json_array(event->facts.errors);
        require_json_array(event->facts.warnings);
    } else {
        require(event.error().code == Errc::invalid_argument && event.error().detail.size() < 100);
    }

    boost::system::error_code error;
    const auto json = parse_lenient_json(body, error);
    if (error) return 0;
    if (body.size() <= seam::max_event_size) {
        const auto listed = seam::decode_listed_event(json, now, lifecycle::Source::webhook);
        require(listed.has_value() == event.has_value() && (!listed || *listed == *event));
    }
    const auto code = seam::decode_access_code(json, now, lifecycle::Source::poll);
    if (code) {
        require(!code->access_code_id.empty());
        require_json_array(code->facts.errors);
        require_json_array(code->facts.warnings);
        require_json_array(code->facts.pending_mutations);
    }
    return 0;
}
