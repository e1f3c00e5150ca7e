// Finds the code that Seam made for an order whose answer was lost. A list may leave out a code's
// window or show an old one, so whatever could be the code is fetched before it is ruled out: a
// second code could never be deleted. Pure but for what `is_another` reads; used by the
// CreationPlanner, on its thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "devices/code_list.hpp"
#include "lifecycle/access_code.hpp"
#include "store/stored_order.hpp"

namespace oracode::devices {

struct LostOrder {
    std::string device_id;
    std::optional<std::string> name;
    store::OrderedCode requested;
    // Whether the code is known to be another one: made for another order, or older than this,
    // where Seam's clock minus ours is `clock_offset`.
    std::function<bool(const std::string& access_code_id, Duration clock_offset)> is_another;
};

// Whether `known`, which is stored, came of another order than the one that Seam was asked for at
// `requested_at` by Seam's clock, or was there before it.
[[nodiscard]] bool is_of_another_order(const lifecycle::AccessCode& known, Timestamp requested_at);

struct Traces {
    std::optional<SeamsCode> code;  // the order's
    std::string doubtful;           // the id of a code that may be it, where that cannot be known
};

class LostCodeSearch {
public:
    // What to do next: fetch that code and call `fetched`, or the search is over. It fails where a
    // candidate cannot be had or there are too many of them.
    struct Fetch {
        std::string access_code_id;
    };
    using Next = std::variant<Fetch, SeamResult<Traces>>;

    explicit LostCodeSearch(LostOrder order) : order_(std::move(order)) {}

    // `codes`: all that Seam lists on the lock. The first call.
    [[nodiscard]] Next listed(std::vector<SeamsCode> codes);
    // What Seam says of the code that was to be fetched.
    [[nodiscard]] Next fetched(seam::CallResult<seam::Found> answer);

private:
    [[nodiscard]] Next next();

    LostOrder order_;
    std::vector<std::string> candidates_;
    std::size_t next_ = 0;
    Traces traces_;
};

// How far the window of a code may be off the order's for Seam to have made it for the order: what
// Seam rounds by when it is not asked otherwise.
inline constexpr Duration window_difference = std::chrono::hours{1};

// How far Seam's clock may be off what its answers said of it where its `created_at` is compared.
inline constexpr Duration clock_difference = std::chrono::minutes{5};

}  // namespace oracode::devices
