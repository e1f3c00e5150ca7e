// Whatever Seam tells of a lock: reading it never fails but for an object without an id, and what
// is kept of it is read as the same again.
#include <boost/json.hpp>

#include "core/lenient_json.hpp"
#include "input.hpp"
#include "seam/decode_device.hpp"
#include "userlevel/match.hpp"
#include "userlevel/zone.hpp"

using namespace oracode;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    boost::system::error_code malformed;
    const auto value = parse_lenient_json(fuzz::text_of(data, size), malformed);
    if (malformed) return 0;
    const auto device = seam::decode_device(value);
    if (!device) {
        require(device.error().code == Errc::invalid_argument);
        return 0;
    }
    require(!device->lock.device_id.empty() && device->lock.time_slots.size() <= 1000);
    const auto kept = seam::excerpt(value.get_object());
    const auto again = parse_lenient_json(kept, malformed);
    require(!malformed && seam::decode_device(again).value() == *device);
    require(kept == seam::excerpt(again.get_object()));
    if (const auto zone = userlevel::Zone::find(userlevel::zone_name(device->lock)))
        require(!zone->text(fuzz::now).empty());
    return 0;
}
