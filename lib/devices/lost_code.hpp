// Finds the code that Seam made for an order whose answer was lost. A list may leave out a code's
// window or show an old one, so whatever could be the code is fetched before it is ruled out: a
// second code could never be deleted. On the thread of the Api's Client.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "devices/code_list.hpp"
#include "store/idempotency_keys.hpp"

namespace oracode::devices {

struct LostOrder {
    std::string device_id;
    std::optional<std::string> name;
    OrderedCode requested;
    // Whether the code is known to be another one: made for another order, or older than this,
    // where Seam's clock minus ours is `clock_offset`.
    std::function<bool(const std::string& access_code_id, Duration clock_offset)> is_another;
};

struct Traces {
    std::optional<SeamsCode> code;  // the order's
    std::string doubtful;           // the id of a code that may be it, where that cannot be known
};

// Fails where a list or a candidate cannot be had. `api` outlives the search.
void find_lost_code(seam::Api& api, LostOrder order, std::function<void(SeamResult<Traces>)> done);

// How far the window of a code may be off the order's for Seam to have made it for the order: what
// Seam rounds by when it is not asked otherwise.
inline constexpr Duration window_difference = std::chrono::hours{1};

// How far Seam's clock may be off what its answers told of it where its `created_at` is compared.
inline constexpr Duration clock_difference = std::chrono::minutes{5};

}  // namespace oracode::devices
