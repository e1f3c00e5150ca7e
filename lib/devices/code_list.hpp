// All codes that Seam has on one lock, those that others made included. On the thread of the Api's
// Client.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "devices/order.hpp"
#include "lifecycle/event.hpp"
#include "seam/client_api.hpp"

namespace oracode::devices {

struct SeamsCode {
    lifecycle::Event event;  // what the object states, stamped by Seam's clock
};

// When an answer of Seam was asked for and received by our clock, and when Seam gave it by its own.
struct AnswerTimes {
    Timestamp sent_at;
    Timestamp received_at;
    std::optional<Timestamp> seam_date;
};

// What `object` states: `occurred_at` by Seam's clock, as far as this one answer shows it,
// `requested_at` by ours.
[[nodiscard]] Result<lifecycle::Event> decode_shown(const boost::json::value& object,
                                                    const AnswerTimes& times,
                                                    lifecycle::Source source);
[[nodiscard]] Result<lifecycle::Event> decode_shown(const seam::Found& found,
                                                    lifecycle::Source source);

// Asks for page after page. Codes of other locks, which Seam may list too, and what is not a code
// are left out. Fails where a page cannot be had or the pages do not end. `api` outlives the
// asking.
void list_codes(seam::Api& api, const std::string& device_id, lifecycle::Source source,
                std::function<void(SeamResult<std::vector<SeamsCode>>)> done);

// Whether the code's window is not over at `now`.
[[nodiscard]] bool is_live(const SeamsCode& code, Timestamp now);

}  // namespace oracode::devices
